"""What a search is for, from what was asked and what the task states."""

from collections.abc import Mapping, Sequence
from typing import Any

from xnas.declarations.keras_names import one_of
from xnas.declarations.objectives import resolve_objectives
from xnas.errors import UsageError
from xnas.evaluation.explainers import find_explainers
from xnas.face.request import Request, flag_of
from xnas.objectives import INTROSPECTABILITY, TRAINING_TIME, Objective
from xnas.problem import NaProblem

NO_REPEAT = (
    f"{TRAINING_TIME} is an objective: it differs from one training of a network to "
    "the next, so equal seeds no longer give equal rows"
)


def choose_objectives(
    request: Request,
    problem: NaProblem,
    n_classes: int = 0,
    *,
    check_metrics: bool = True,
) -> tuple[tuple[Objective, ...], tuple[str, ...]]:
    """Choose what is looked for, and what is written down besides.

    Args:
        request: its objectives win over those of the task; flags of 2021 are words
            for objectives.
        problem: the task.
        n_classes: what the chance level follows from, if that is known yet.
        check_metrics: whether all names must be known before the first evaluation;
            run functions of one's own may measure anything.

    Returns:
        The objectives in order, and names of what is recorded.

    Raises:
        UsageError: a name is unknown, or two settings contradict each other.
    """
    names, recorded = _names(request, problem)
    wanted = [name.removeprefix("-") for name in (*names, *recorded)]
    known: dict[str, Any] = {
        "n_classes": n_classes,
        "metrics": problem.history_keys if check_metrics else None,
        "explainers": find_explainers(wanted, problem),
    }
    references = {
        name.removeprefix("-"): value for name, value in request.references.items()
    }
    objectives = _resolved("objectives", names, known, references)
    measured = [one.name for one in objectives]
    if stray := set(references) - set(measured):
        raise UsageError(
            f"--reference is given for {min(stray)}, expected {one_of(measured)}"
        )
    recorded = tuple(name for name in recorded if name not in measured)
    for name in recorded:
        _resolved("record", [name], known, {})
    return objectives, recorded


def _resolved(
    setting: str,
    names: Sequence[str],
    known: Mapping[str, Any],
    references: Mapping[str, float],
) -> tuple[Objective, ...]:
    try:
        return resolve_objectives(names, references=references, **known)
    except ValueError as error:
        raise UsageError(f"{flag_of(setting)}: {error}") from error


def _names(
    request: Request, problem: NaProblem
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    is_left_out = request.multiobjective_explainability is False
    is_only_recorded = request.record_mo_xai_only is True and not is_left_out
    names, record = request.objectives, request.record
    if names is not None:
        refuse_contradictions(request)
    elif is_left_out or is_only_recorded:
        names = (problem.objective_name,)
    else:
        names = problem.objective_names or (problem.objective_name, INTROSPECTABILITY)
    if is_left_out and INTROSPECTABILITY in record:
        raise _contradiction("multiobjective_explainability", False, "record", record)
    if is_only_recorded and INTROSPECTABILITY not in record:
        record = (*record, INTROSPECTABILITY)
    return tuple(names), record


def of_training_data(names: Sequence[str], problem: NaProblem) -> list[str]:
    """Return the objectives that measure examples which networks were trained on.

    Args:
        names: of objectives.
        problem: the task.
    """
    keys = set(problem.history_keys)
    measured = [name.removeprefix("-") for name in names]
    heads = {name: name.partition("__")[0] for name in measured}
    return [
        name
        for name, head in heads.items()
        if not head.startswith("val_") and {head, f"val_{head}"} <= keys
    ]


def refuse_contradictions(request: Request) -> None:
    """Check flags of 2021 against objectives, where both are given.

    Args:
        request: what is asked for.

    Raises:
        UsageError: they say something else.
    """
    if request.objectives is None:
        return
    names = [one.removeprefix("-") for one in request.objectives]
    is_objective = INTROSPECTABILITY in names
    is_scored = is_objective or INTROSPECTABILITY in request.record
    for setting, contradicts in (
        ("multiobjective_explainability", {False: is_objective, True: not is_scored}),
        ("record_mo_xai_only", {True: is_objective}),
    ):
        value = getattr(request, setting)
        if contradicts.get(value, False):
            raise _contradiction(setting, value, "objectives", request.objectives)


def _contradiction(
    setting: str, value: bool, other: str, names: Sequence[str]
) -> UsageError:
    return UsageError(
        f"{flag_of(setting)} {str(value).lower()} is given beside {flag_of(other)} "
        f"{','.join(names)}, which says something else of {INTROSPECTABILITY}, "
        "expected one of them"
    )
