"""A dry run of a task, told as it goes."""

import argparse
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

import numpy as np

from xnas.cli import check_report as report
from xnas.cli.exit_status import DONE
from xnas.cli.time_limit import time_limit
from xnas.declarations.functions import error_text
from xnas.errors import TaskError, XNASError
from xnas.evaluation.rehearsal import Rehearsal, rehearse
from xnas.evaluation.settings import RunSettings
from xnas.face.request import Request
from xnas.face.task import CheckedTask, check_task, choose_settings, load_problem
from xnas.problem import NaProblem
from xnas.space import KSearchSpace
from xnas.space.extremes import Extremes, find_extremes
from xnas.tasks import space_of
from xnas.tasks.suspicions import suspicions

BUILD_SECONDS = 10
"""Spent on looking for the smallest and the largest network."""


@dataclass(frozen=True)
class _Check:
    """A task under check.

    Args:
        problem: the task.
        place: its ``problem.py``.
        task: its data and weights.
        settings: how it is trained and scored.
        space: its search space.
    """

    problem: NaProblem
    place: str
    task: CheckedTask
    settings: RunSettings
    space: KSearchSpace

    def find_extremes(self) -> Extremes:
        """Build networks until the smallest and the largest are known."""
        with _told_of(self.problem.search_space_file, "building a network"):
            return find_extremes(self.space, seconds=BUILD_SECONDS)

    def rehearse(self, name: str, genotype: tuple[int, ...], times: int) -> Rehearsal:
        """Train and score a network for a few steps.

        Args:
            name: to call it in messages.
            genotype: one choice a variable node.
            times: how often; the last time counts.

        Returns:
            What it took.

        Raises:
            TaskError: that fails, or comes to nothing.
        """
        print(f"Training and scoring the {name} network.", file=sys.stderr, flush=True)
        with _told_of(self.place, f"trying the {name} network {list(genotype)}"):
            for _ in range(times):
                found = rehearse(
                    self.space,
                    genotype,
                    self.problem,
                    self.task.data,
                    self.settings,
                    self.task.weights,
                )
        if not np.isfinite(found.trial.loss):
            raise TaskError(
                f"{self.place}: the loss of the {name} network {list(genotype)} is "
                f"{found.trial.loss} after a few steps, expected a number: lower "
                "learning_rate, or scale the data"
            )
        if found.score and not found.score.n_features:
            raise TaskError(
                f"{self.problem.search_space_file}: the {name} network "
                f"{list(genotype)} has neither convolutions nor activation layers for "
                "introspectability to look at, expected one or more: add one, or set "
                "--multiobjective-explainability false"
            )
        return found


def run_check(arguments: argparse.Namespace) -> int:
    """Load, check, train a little, score, and estimate.

    Args:
        arguments: the flags of ``deephyper_xnas check``.

    Returns:
        The exit status, 0.

    Raises:
        XNASError: something is wrong that the user can mend.
    """
    named = {one.name for one in fields(Request)} & set(vars(arguments))
    request = Request.of({name: getattr(arguments, name) for name in named})
    problem = load_problem(str(request.problem), request.hyperparameters)
    settings = choose_settings(request, problem)
    print("Loading the data.", file=sys.stderr, flush=True)
    started = time.perf_counter()
    with time_limit(arguments.timeout, "loading the data"):
        task = check_task(problem, settings)
    seconds = time.perf_counter() - started
    _print(report.data_lines(task.data, problem, seconds))
    for sentence in suspicions(task.data, problem):
        raise TaskError(sentence)
    place = str(sys.modules[arguments.problem.rpartition(".")[0]].__file__)
    check = _Check(problem, place, task, settings, space_of(problem, task.data))
    extremes = check.find_extremes()
    _print(report.space_lines(check.space, problem, extremes))
    rehearsals = []
    # The first network twice: what workers pay once is no part of the estimate.
    for name, times, sized in (
        ("smallest", 2, extremes.smallest),
        ("largest", 1, extremes.largest),
    ):
        found = check.rehearse(name, sized.genotype, times)
        estimate = found.evaluation_seconds(problem, task.data, settings)
        rehearsals.append((found, estimate))
        _print(report.rehearsal_lines(name, found, estimate, task.data.n_outputs))
    _print(
        report.search_lines(
            rehearsals,
            n_evaluations=min(arguments.max_evals, check.space.size),
            n_workers=arguments.num_workers,
            n_cpus=arguments.num_cpus_per_task,
            n_classes=task.data.n_outputs,
            objectives=settings.objectives or (),
        )
    )
    _print(report.next_lines(request))
    return DONE


def _print(lines: Iterator[str]) -> None:
    print("\n".join(lines), flush=True)


@contextmanager
def _told_of(place: str, doing: str) -> Iterator[None]:
    """Tell what fails in building and training as a fault of the task.

    Raises:
        TaskError: something did.
    """
    try:
        with warnings.catch_warnings():
            # Of classes without activations, which nothing is expected of yet.
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except XNASError as error:
        raise TaskError(f"{place}: {error}") from error
    except Exception as error:
        raise TaskError(f"{place}: {doing} failed: {error_text(error)}") from error
