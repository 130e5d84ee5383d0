"""The record of one evaluation, the same from the worker to the table and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from math import inf, isfinite, isnan
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from xnas.errors import EvaluationError

Genotype = tuple[int, ...]
"""One choice a variable node."""

FAILURE = "F"
"""What the text begins with that stands for the objectives of a failure."""

RESERVED = (
    *("id", "arch_seq", "generation", "parent_ids", "replicate", "host", "worker"),
    *(f"timestamp_{when}" for when in ("submit", "gather", "start", "end")),
)
"""Names that a table has columns of for what is known of every evaluation; no metadata
have them."""

DISK_FULL = "F_disk_full"
"""No fault of the network's: it ends the search instead of becoming a row."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network to train.

    Args:
        id: counts from 0 in the order of handing out.
        genotype: one choice a variable node.
        parent_ids: ids of the evaluations it descends from; empty if drawn at random.
        generation: counts from 0; ``None`` where the search has none.
        replicate: 0 for the first training of a network, 1 for the next one, which has
            another seed.
    """

    id: int
    genotype: Genotype
    parent_ids: tuple[int, ...] = ()
    generation: int | None = None
    replicate: int = 0


class Times(NamedTuple):
    """Unix times in seconds; ``None`` where nothing tells.

    ``started`` and ``ended`` are by the clock of the host that evaluated, the others by
    that of the search.
    """

    submitted: float | None = None
    started: float | None = None
    ended: float | None = None
    gathered: float | None = None


UNKNOWN_TIMES = Times()


@dataclass(frozen=True, slots=True)
class Evaluation(Candidate):
    """A candidate and what became of it: objectives, or the reason of a failure.

    Args:
        objectives: all maximised, −inf among them; ``None`` if the evaluation failed.
        failure: ``F_<reason>`` if it failed.
        metadata: what else the run function says of it, as JSON can express it.
        times: of its course.
        host: where it ran.
        worker: number of the worker.
    """

    objectives: tuple[float, ...] | None = None
    failure: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    times: Times = UNKNOWN_TIMES
    host: str | None = None
    worker: int | None = None

    def __post_init__(self) -> None:
        """Check that it either failed or has objectives.

        Raises:
            ValueError: both, or neither.
        """
        if (self.objectives is None) == (self.failure is None):
            raise ValueError(
                f"evaluation {self.id} has objectives {self.objectives} and failure "
                f"{self.failure}, expected exactly one of them"
            )

    def as_output(self) -> dict[str, Any]:
        """Return what DeepHyper expects of a run function."""
        objective: Any = self.failure
        if self.objectives is not None:
            # DeepHyper takes a lone −inf for a failure; in a tuple it stays a number.
            alone = len(self.objectives) == 1 and isfinite(self.objectives[0])
            objective = self.objectives[0] if alone else self.objectives
        known = {
            "host": self.host,
            "worker": self.worker,
            "timestamp_start": self.times.started,
            "timestamp_end": self.times.ended,
        }
        return {"objective": objective, "metadata": {**self.metadata, **known}}

    def having(self, **known: Any) -> "Evaluation":
        """Return the evaluation with more that is known of it.

        Args:
            **known: fields and their values; ``metadata`` are added to what is there.
        """
        known["metadata"] = {**self.metadata, **known.get("metadata", {})}
        return replace(self, **known)


_CANDIDATE = tuple(one.name for one in fields(Candidate))


def failed(candidate: Candidate, reason: str) -> Evaluation:
    """Record that an evaluation failed.

    Args:
        candidate: what was evaluated.
        reason: ``F_<reason>``, or the reason alone.
    """
    text = reason if is_failure(reason) else f"{FAILURE}_{reason}"
    return Evaluation(**_of(candidate), failure=text)


def is_failure(value: Any) -> bool:
    """Whether an objective is DeepHyper's text for a failure."""
    return isinstance(value, str) and value.startswith(FAILURE)


def evaluated(
    candidate: Candidate, output: Any, n_objectives: int | None = None
) -> Evaluation:
    """Record what a run function returned.

    Args:
        candidate: what was evaluated.
        output: a number, a sequence of numbers, ``"F_<reason>"``, or a dictionary with
            ``objective`` and perhaps ``metadata``.
        n_objectives: how many numbers are expected, ``None`` for any.

    Returns:
        The evaluation; −inf is a number like others.

    Raises:
        EvaluationError: NaN (``nan``), or another form (``exception``).
    """
    metadata: Any = {}
    if isinstance(output, Mapping):
        if "objective" not in output:
            raise _nonsense(f"a dictionary with the keys {list(output)}")
        metadata = output.get("metadata", {})
        output = output["objective"]
        if not isinstance(metadata, Mapping):
            raise _nonsense(f"metadata of type {type(metadata).__name__}")
        metadata = {k: value for k, value in metadata.items() if k not in RESERVED}
    plain = for_json(metadata, _plain)
    if isinstance(output, str):
        if not is_failure(output):
            raise _nonsense(f"the text {output!r}")
        return Evaluation(**_of(candidate), failure=output, metadata=plain)
    numbers = _numbers(output, n_objectives)
    return Evaluation(**_of(candidate), objectives=numbers, metadata=plain)


def _of(candidate: Candidate) -> dict[str, Any]:
    return {name: getattr(candidate, name) for name in _CANDIDATE}


def python_values(value: Any) -> Any:
    """Turn NumPy's scalars into Python's, also within mappings, lists and tuples."""
    if isinstance(value, Mapping):
        return {key: python_values(entry) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(python_values, value))
    return value.item() if isinstance(value, np.generic) else value


def for_json(value: Any, written: Callable[[Any], Any]) -> Any:
    """Rewrite all that mappings, lists and tuples hold, at any depth.

    Args:
        value: anything; keys become text, tuples lists.
        written: gives what stands for anything else.
    """
    if isinstance(value, Mapping):
        return {str(key): for_json(entry, written) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [for_json(entry, written) for entry in value]
    return written(value)


def _plain(value: Any) -> Any:
    """Turn NumPy's scalars and arrays into Python's, and what JSON lacks into text."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def _numbers(output: Any, expected: int | None) -> tuple[float, ...]:
    if isinstance(output, np.ndarray) and output.ndim <= 1:
        output = output.tolist()
    values = list(output) if isinstance(output, (list, tuple)) else [output]
    for value in values:
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
            raise _nonsense(repr(output)[:100])
    if not values or (expected is not None and len(values) != expected):
        raise _nonsense(f"{len(values)} objective(s), expected {expected or 1}")
    numbers = tuple(float(value) for value in values)
    if any(isnan(number) for number in numbers):
        raise EvaluationError("nan", f"the run function returned {output!r}")
    if inf in numbers:
        raise _nonsense(f"{output!r}, expected finite numbers or -inf")
    return numbers


def _nonsense(found: str) -> EvaluationError:
    return EvaluationError(
        "exception",
        f"the run function returned {found}; expected a number, a sequence of numbers, "
        "'F_<reason>', or a dictionary with 'objective' and 'metadata'",
    )
