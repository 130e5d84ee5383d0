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
    task_objective: str | None = None,
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
        task_objective: name of the objective that it returns first, that of the first
            one if ``None``.

    Returns:
        The evaluation; it failed with :data:`MISSING` if an objective is missing.

    Raises:
        EvaluationError: NaN (``nan``), or another form (``exception``).
    """
    run = getattr(run, "func", run)
    if objectives is None or isinstance(objectives, int):
        return evaluated(candidate, output, objectives)
    task_objective = task_objective or objectives[0].name
    names = [one.name for one in objectives]
    is_of_2021 = names in ([task_objective], [task_objective, INTROSPECTABILITY])
    if getattr(run, "returns_objectives", False) or is_of_2021:
        return evaluated(candidate, output, len(objectives))
    found = evaluated(candidate, output)
    if found.objectives is None:
        return found
    metadata = dict(found.metadata)
    values = []
    returned = dict(
        zip((task_objective, INTROSPECTABILITY), found.objectives, strict=False)
    )
    for objective in objectives:
        value = _value(objective, returned, metadata)
        if value is None:
            message = (
                f"the objective {objective.name} is missing: the run function gives "
                f"{', '.join(dict.fromkeys([*returned, *metadata]))}"
            )
            return failed(candidate, MISSING).having(metadata={"message": message})
        values.append(value)
    return evaluated(candidate, {"objective": values, "metadata": metadata})


def _value(
    objective: Objective, returned: Mapping[str, float], metadata: Mapping[str, Any]
) -> float | None:
    if objective.name in returned:
        return returned[objective.name]
    if objective.name in metadata:
        try:
            return objective.stored(float(metadata[objective.name]))
        except (TypeError, ValueError):
            raise EvaluationError(
                "exception",
                f"the metadata {objective.name} are {metadata[objective.name]!r}, "
                "expected a number",
            ) from None
    return None
