"""A dry run of a task, told as it goes."""

import argparse
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

import numpy as np

from xnas.cli import check_report as report
from xnas.cli.exit_status import DONE
from xnas.cli.say import say
from xnas.cli.time_limit import time_limit
from xnas.declarations.functions import error_text
from xnas.errors import TaskError, XNASError
from xnas.evaluation.rehearsal import Rehearsal, rehearse
from xnas.face.ending import WARNING
from xnas.face.request import Request
from xnas.face.task import check_task, choose_settings, load_problem
from xnas.problem import NaProblem
from xnas.space.extremes import find_extremes
from xnas.tasks import space_of
from xnas.tasks.suspicions import remarks, suspicions

BUILD_SECONDS = 10
"""Spent on looking for the smallest and the largest network."""


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
    say("Loading the data.")
    started = time.perf_counter()
    with time_limit(arguments.timeout, "loading the data"):
        data, weights = check_task(problem, settings)
    seconds = time.perf_counter() - started
    _print(report.data_lines(data, problem, seconds))
    for sentence in suspicions(data, problem):
        raise TaskError(sentence)
    for sentence in remarks(data):
        say(f"{WARNING}{sentence}")
    place = str(sys.modules[arguments.problem.rpartition(".")[0]].__file__)
    space = space_of(problem, data)
    with _told_of(problem.search_space_file, "building a network"):
        extremes = find_extremes(space, seconds=BUILD_SECONDS)
    _print(report.space_lines(space, problem, extremes))
    rehearsals = []
    # The first network twice: what workers pay once is no part of the estimate.
    for name, times, sized in (
        ("smallest", 2, extremes.smallest),
        ("largest", 1, extremes.largest),
    ):
        say(f"Training and scoring the {name} network.")
        with _told_of(place, f"trying the {name} network {list(sized.genotype)}"):
            for _ in range(times):
                found = rehearse(
                    space, sized.genotype, problem, data, settings, weights
                )
        _refuse_hopeless(name, found, place, problem)
        estimate = found.evaluation_seconds(problem, data, settings)
        rehearsals.append((found, estimate))
        _print(report.rehearsal_lines(name, found, estimate, data.n_outputs))
    names, n_classes = settings.objectives or (), data.n_outputs
    _print(report.search_lines(rehearsals, request, space.size, n_classes, names))
    _print(report.next_lines(request))
    return DONE


def _refuse_hopeless(
    name: str, found: Rehearsal, place: str, problem: NaProblem
) -> None:
    """Check that training and scoring a network came to something.

    Args:
        name: to call it in messages.
        found: what came of it.
        place: the task's ``problem.py``.
        problem: the task.

    Raises:
        TaskError: it did not.
    """
    network = f"the {name} network {list(found.genotype)}"
    if not np.isfinite(found.trial.loss):
        raise TaskError(
            f"{place}: the loss of {network} is {found.trial.loss} after a few steps, "
            "expected a number: lower learning_rate, or scale the data"
        )
    if found.score and not found.score.n_features:
        raise TaskError(
            f"{problem.search_space_file}: {network} has neither convolutions nor "
            "activation layers for introspectability to look at, expected one or more: "
            "add one, or set --multiobjective-explainability false"
        )


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
