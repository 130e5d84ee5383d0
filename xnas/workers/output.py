"""From what a run function returned to an evaluation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xnas.errors import EvaluationError
from xnas.objectives import INTROSPECTABILITY, Objective
from xnas.records import Candidate, Evaluation, evaluated, failed

MISSING = "F_missing_objective"
"""The run function does not give what the search looks for, for any network: that ends
the search."""


def read_output(
    candidate: Candidate,
    output: Any,
    objectives: Sequence[Objective] | int | None,
    run: Callable[..., Any],
) -> Evaluation:
    """Read the objectives of an evaluation.

    A run function that has the attribute ``returns_objectives`` gives them in order, as
    they are maximised. Any other one returns the task's objective, perhaps together
    with introspectability, as in 2021; further ones are taken from its metadata, as
    they were measured.

    Args:
        candidate: what was evaluated.
        output: what the run function returned.
        objectives: what is looked for, or how many numbers; ``None`` for any.
        run: the run function.

    Returns:
        The evaluation; it failed with :data:`MISSING` if an objective is missing.

    Raises:
        EvaluationError: NaN (``nan``), or another form (``exception``).
    """
    run = getattr(run, "func", run)
    if objectives is None or isinstance(objectives, int):
        return evaluated(candidate, output, objectives)
    if getattr(run, "returns_objectives", False) or _is_of_2021(objectives):
        return evaluated(candidate, output, len(objectives))
    found = evaluated(candidate, output)
    if found.objectives is None:
        return found
    metadata = dict(found.metadata)
    values = []
    for position, objective in enumerate(objectives):
        value = _value(objective, position, found.objectives, metadata)
        if value is None:
            told = (
                f"{objective.text} is missing: the run function gives {list(metadata)}"
            )
            return failed(candidate, MISSING).having(metadata={"message": told})
        values.append(value)
    return evaluated(candidate, {"objective": values, "metadata": metadata})


def _is_of_2021(objectives: Sequence[Objective]) -> bool:
    return [one.name for one in objectives[1:]] in ([], [INTROSPECTABILITY])


def _value(
    objective: Objective,
    position: int,
    returned: Sequence[float],
    metadata: Mapping[str, Any],
) -> float | None:
    if objective.name == INTROSPECTABILITY and len(returned) > 1:
        return returned[1]
    if objective.name in metadata:
        try:
            return objective.stored(float(metadata[objective.name]))
        except (TypeError, ValueError):
            raise EvaluationError(
                "exception",
                f"the metadata {objective.name} are {metadata[objective.name]!r}, "
                "expected a number",
            ) from None
    return returned[0] if position == 0 else None
