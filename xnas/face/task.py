"""From what names a task to a checked task."""

import sys
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas.evaluation.explainers import find_explainers
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.weights import check_pair_weights, pair_weights
from xnas.face.objectives import choose_objectives
from xnas.face.request import Request
from xnas.imports import load_object
from xnas.problem import NaProblem
from xnas.searches.base import checked_seed
from xnas.tasks import load_task_data
from xnas.training.data import TaskData


def load_problem(
    problem: NaProblem | str,
    hyperparameters: Mapping[str, Any],
    flag: str = "--problem",
) -> NaProblem:
    """Import a task, with other hyperparameters.

    Args:
        problem: the task, or its import path.
        hyperparameters: values that replace those of the task.
        flag: what names the task, for messages.

    Raises:
        UsageError: there is no such task.
        TaskError: its files fail.
    """
    found = load_object(problem, flag) if isinstance(problem, str) else problem
    if not isinstance(found, NaProblem):
        raise UsageError(
            f"{flag} {problem} is of type {type(found).__name__}, expected an NaProblem"
        )
    return found.with_hyperparameters(**hyperparameters)


def path_of_problem(problem: NaProblem) -> str | None:
    """Find a module that has a task among its names.

    Args:
        problem: the task.

    Returns:
        Its import path, ``None`` if processes that are started cannot import it: it
        was defined in a notebook or a script.
    """
    found = [
        f"{name}.{attribute}"
        for name, module in sorted(sys.modules.items())
        if name != "__main__" and getattr(module, "__spec__", None) is not None
        for attribute, value in list(vars(module).items())
        if value is problem and attribute.isidentifier()
    ]
    # Where it was made, rather than where it was imported to.
    return min(found, key=lambda path: ".problem." not in path, default=None)


def choose_settings(
    request: Request, problem: NaProblem, *, check_metrics: bool = True
) -> RunSettings:
    """Put together what the run function gets; draws a seed where none is given.

    Args:
        request: what was asked for.
        problem: the task.
        check_metrics: see :func:`~xnas.face.objectives.choose_objectives`.

    Raises:
        UsageError: the objectives cannot be used.
    """
    objectives, recorded = choose_objectives(
        request, problem, check_metrics=check_metrics
    )
    known = {one.name for one in fields(RunSettings)} & vars(request).keys()
    values = {name: getattr(request, name) for name in known}
    values |= {"seed": checked_seed(request.seed), "trainer": "plain"}
    values |= {"objectives": tuple(one.text for one in objectives), "record": recorded}
    return RunSettings(**values)


def check_task(
    problem: NaProblem, settings: RunSettings
) -> tuple[TaskData, NDArray[np.float64] | None]:
    """Load the data and check everything that can be checked without training.

    Args:
        problem: the task.
        settings: how it is to be trained and scored.

    Returns:
        The task's data; how pairs of classes weigh, (classes, classes), if not all the
        same.

    Raises:
        TaskError: the data break their contract, or do not fit the search space, or
            the task's code tells Keras of a precision by itself.
        UsageError: the settings do not fit the task.
    """
    if settings.score_introspectability:
        pair_weights(problem, settings.explainability_type)  # before a long wait
    data = load_task_data(problem)
    from xnas.training.numerics import pin_numerics  # loads TensorFlow

    pin_numerics()  # once all of the task's code has run
    if not data.is_classification:
        _check_needs_no_classes(problem, settings, data.label_form)
    if not settings.score_introspectability:
        return data, None
    weighting = settings.explainability_type
    return data, check_pair_weights(problem, weighting, data.n_classes)


def _check_needs_no_classes(
    problem: NaProblem, settings: RunSettings, label_form: str
) -> None:
    """Refuse what compares classes, for a task without them.

    Raises:
        UsageError: it is among what is measured.
    """
    what = "real numbers" if label_form == "real" else "several labels each"
    if problem.hyperparameter_values["regularize_introspectability"]:
        raise UsageError(
            f"--problem {settings.problem} predicts {what}, while "
            "regularize_introspectability compares classes, expected it to be 0"
        )
    if settings.scores_activations:
        raise UsageError(
            f"--problem {settings.problem} predicts {what}, while "
            "introspectability compares classes, expected "
            "--multiobjective-explainability false with it"
        )
    explainers = find_explainers(settings.measured, problem)
    for name in settings.measured:
        if name in explainers and explainers[name].needs_classes:
            raise UsageError(
                f"--problem {settings.problem} predicts {what}, while {name} is about "
                "one class an example, expected --objectives and --record without it"
            )
