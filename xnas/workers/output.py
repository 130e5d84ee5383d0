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
    they are maximised. Any other one returns the task's objective as the task maximises
    it, perhaps together with introspectability, as in 2021; further ones are taken from
    its metadata, as they were measured.

    Args:
        candidate: what was evaluated.
        output: what the run function returned.
        objectives: what is looked for, or how many numbers; ``None`` for any.
        run: the run function.
        task_objective: the objective that it returns first, with a minus where the
            task minimises; the first one if ``None``.

    Returns:
        The evaluation; it failed with :data:`MISSING` if an objective is missing.

    Raises:
        EvaluationError: NaN (``nan``), or another form (``exception``).
    """
    run = getattr(run, "func", run)
    if objectives is None or isinstance(objectives, int):
        return evaluated(candidate, output, objectives)
    if getattr(run, "returns_objectives", False):
        return evaluated(candidate, output, len(objectives))
    found = evaluated(candidate, output)
    if found.objectives is None:
        return found
    task = task_objective or objectives[0].text
    given = (
        Objective(task.removeprefix("-"), not task.startswith("-")),
        Objective(INTROSPECTABILITY),
    )
    if len(found.objectives) > len(given):
        return evaluated(candidate, output, len(given))  # which says what is wrong
    returned = {
        one.name: one.shown(value)
        for one, value in zip(given, found.objectives, strict=False)
    }
    known = {**found.metadata, **returned}
    values = []
    for objective in objectives:
        if objective.name not in known:
            message = (
                f"the objective {objective.name} is missing: the run function gives "
                f"{', '.join(dict.fromkeys([*returned, *known]))}"
            )
            return failed(candidate, MISSING).having(metadata={"message": message})
        values.append(_value(objective, known))
    # What it returned and nobody looks for may have to be recorded.
    names = {one.name for one in objectives}
    beside = {name: value for name, value in returned.items() if name not in names}
    metadata = {**beside, **found.metadata}
    return evaluated(candidate, {"objective": values, "metadata": metadata})


def _value(objective: Objective, known: Mapping[str, Any]) -> float:
    try:
        return objective.stored(float(known[objective.name]))
    except (TypeError, ValueError):
        raise EvaluationError(
            "exception",
            f"the metadata {objective.name} are {known[objective.name]!r}, "
            "expected a number",
        ) from None
