"""From task flags to a checked task."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.weights import check_pair_weights, pair_weights
from xnas.imports import load_object
from xnas.objectives import INTROSPECTABILITY
from xnas.problem import NaProblem
from xnas.searches.seeds import draw_seed
from xnas.tasks import load_task_data
from xnas.training.data import TaskData


@dataclass(frozen=True)
class CheckedTask:
    """A task whose data fit its search space and settings.

    Args:
        data: its data.
        weights: how pairs of classes weigh, (classes, classes), if not all the same.
    """

    data: TaskData
    weights: NDArray[np.float64] | None


def load_problem(arguments: argparse.Namespace) -> NaProblem:
    """Import the task that ``--problem`` names, with what ``--set`` replaces.

    Args:
        arguments: the task flags.

    Raises:
        UsageError: there is no such task.
        TaskError: its files fail.
    """
    problem = load_object(arguments.problem, "--problem")
    if not isinstance(problem, NaProblem):
        raise UsageError(
            f"--problem {arguments.problem} is of type {type(problem).__name__}, "
            "expected an NaProblem"
        )
    return problem.with_hyperparameters(**dict(arguments.hyperparameters))


def run_settings(
    arguments: argparse.Namespace, task_objective: str, log_dir: Path | None
) -> RunSettings:
    """Put together what the run function is told; draws a seed where none is given.

    Args:
        arguments: the task flags and ``seed``.
        task_objective: name of the task's own objective.
        log_dir: the run folder, if any.
    """
    names: tuple[str, ...] = (task_objective, INTROSPECTABILITY)
    objectives, record = names, names[:0]
    if not arguments.multiobjective_explainability:
        objectives = names[:1]
    elif arguments.record_mo_xai_only:
        objectives, record = names[:1], names[1:]
    if arguments.seed is None:
        arguments.seed = draw_seed()
    return RunSettings(
        problem=arguments.problem,
        seed=arguments.seed,
        log_dir=str(log_dir) if log_dir else None,
        hyperparameters=dict(arguments.hyperparameters),
        objectives=objectives,
        record=record,
        explainability_type=arguments.explainability_type,
        group_by=arguments.group_by,
        divide_by_mean_similarity=arguments.divide_by_mean_similarity,
        max_scored_examples=arguments.max_scored_examples,
    )


def check_task(problem: NaProblem, settings: RunSettings) -> CheckedTask:
    """Load the data and check everything that can be checked without training.

    Args:
        problem: the task.
        settings: how it is to be trained and scored.

    Returns:
        The task's data and weights.

    Raises:
        TaskError: the data break their contract, or do not fit the search space.
        UsageError: the settings do not fit the task.
    """
    if settings.score_introspectability:
        pair_weights(problem, settings.explainability_type)  # before a long wait
    data = load_task_data(problem)
    if not settings.score_introspectability:
        return CheckedTask(data, None)
    if not data.is_classification:
        raise UsageError(
            f"--problem {settings.problem} predicts real numbers, while "
            "introspectability compares classes, expected "
            "--multiobjective-explainability false with it"
        )
    weights = check_pair_weights(problem, settings.explainability_type, data.n_outputs)
    return CheckedTask(data, weights)
