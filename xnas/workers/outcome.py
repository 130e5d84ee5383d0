"""What an evaluation gave, in one form whatever the run function returned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from numbers import Real
from typing import Any

import numpy as np

from xnas.errors import EvaluationError

Objective = float | tuple[float, ...] | str

DISK_FULL = "F_disk_full"
"""No fault of the network's: it ends the search instead of becoming a row."""


@dataclass
class Outcome:
    """Objective and metadata of one evaluation.

    Args:
        objective: a number, several, or ``"F_<reason>"``; all maximised.
        metadata: JSON-able values.
    """

    objective: Objective
    metadata: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def failed(cls, reason: str) -> "Outcome":
        """Make the outcome of a failure."""
        return cls(f"F_{reason}")


def read_output(output: Any, num_objectives: int | None = None) -> Outcome:
    """Read what a run function returned.

    Args:
        output: a number, a sequence of numbers, ``"F_<reason>"``, or a dictionary with
            ``objective`` and perhaps ``metadata``.
        num_objectives: how many numbers are expected, ``None`` for any.

    Returns:
        The outcome; −inf is a number like others.

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
    if isinstance(output, str):
        if not output.startswith("F"):
            raise _nonsense(f"the text {output!r}")
        return Outcome(output, plain(metadata))
    return Outcome(_numbers(output, num_objectives), plain(metadata))


def plain(value: Any) -> Any:
    """Turn NumPy's scalars and arrays into Python's, and what JSON lacks into text."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def _numbers(output: Any, expected: int | None) -> Objective:
    if isinstance(output, np.ndarray) and output.ndim <= 1:
        output = output.tolist()
    several = isinstance(output, (list, tuple))
    values = list(output) if several else [output]
    for value in values:
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
            raise _nonsense(repr(output)[:100])
    if not values or (expected is not None and len(values) != expected):
        raise _nonsense(f"{len(values)} objective(s), expected {expected or 1}")
    numbers = tuple(float(value) for value in values)
    if any(isnan(number) for number in numbers):
        raise EvaluationError("nan", f"the run function returned {output!r}")
    if float("inf") in numbers:
        raise _nonsense(f"{output!r}, expected finite numbers or -inf")
    # DeepHyper takes a lone −inf for a failure; in a tuple it stays a number.
    alone = len(numbers) == 1 and np.isfinite(numbers[0])
    return numbers[0] if alone else numbers


def _nonsense(found: str) -> EvaluationError:
    return EvaluationError(
        "exception",
        f"the run function returned {found}; expected a number, a sequence of numbers, "
        "'F_<reason>', or a dictionary with 'objective' and 'metadata'",
    )
