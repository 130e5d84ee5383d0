"""A dry run of a task, told as it goes."""

import argparse
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from xnas.cli import check_report as report
from xnas.cli.check_reliability import check_reliability
from xnas.cli.check_report import Estimated, Timed
from xnas.cli.exit_status import DONE
from xnas.cli.say import say
from xnas.cli.time_limit import time_limit
from xnas.declarations.functions import error_text
from xnas.errors import TaskError, XNASError
from xnas.evaluation.rehearsal import Rehearsal, rehearse, with_files_in
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trainer_choice import choose_trainer
from xnas.evaluation.trainers import make_trainer
from xnas.face.ending import WARNING
from xnas.face.request import Request
from xnas.face.task import check_task, choose_settings, load_problem
from xnas.nas_deephyper.evaluator import expected_workers
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.space import KSearchSpace
from xnas.space.extremes import Extremes, find_extremes, random_networks
from xnas.tasks import space_of
from xnas.tasks.label_fit import misread
from xnas.tasks.suspicions import remarks, suspicions
from xnas.training.data import TaskData

BUILD_SECONDS = 10
"""Spent on looking for the smallest and the largest network."""

PREDICTED = 32
"""Examples whose predictions are looked at."""

ENDING = 5.0
"""Seconds in which a search ends its workers and writes its report, about."""

TYPICAL = 3
"""Random networks that are tried."""

MOST_TYPICAL = 8
"""So many where all of them diverge."""


def run_check(arguments: argparse.Namespace, importing: float = 0.0) -> int:
    """Load, check, train a little, score, and estimate.

    Args:
        arguments: the flags of ``deephyper_xnas check``.
        importing: seconds that a process takes to load TensorFlow and this package.

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
    loading = time.perf_counter() - started
    _print(report.data_lines(data, problem, loading))
    for sentence in suspicions(data, problem):
        raise TaskError(sentence)
    for sentence in remarks(data):
        say(f"{WARNING}{sentence}")
    space = space_of(problem, data)
    with _blaming(problem.search_space_file, "building a network"):
        extremes = find_extremes(space, seconds=BUILD_SECONDS)
    _print(report.space_lines(space, problem, extremes))
    n_workers = expected_workers(
        request.evaluator, request.num_workers, request.num_cpus_per_task
    )
    choice = choose_trainer(
        request.trainer,
        problem,
        data,
        max_evals=request.max_evals,
        num_workers=n_workers,
    )
    say(f"Trainer: {choice}.")
    settings = replace(settings, trainer=choice.trainer)
    with TemporaryDirectory() as folder:
        stage = _Stage(with_files_in(problem, folder), data, settings, weights)
        found = _rehearse(stage, space, extremes)
    predictions = _some_predictions(space, extremes.smallest.genotype, data)
    if fault := misread(predictions, problem):
        raise TaskError(f"{problem.search_space_file}: {fault}")
    # The search's own process looks at the task before its workers do.
    around = 2 * (importing + loading) + stage.once + ENDING
    found = replace(found, around=around)
    _print(report.search_lines(found, request, n_workers, space.size, settings, data))
    _print(report.next_lines(request))
    if arguments.reliability:
        with TemporaryDirectory() as folder:
            inside = with_files_in(problem, folder)
            check_reliability(inside, data, settings, weights, request.trainer)
    return DONE


def _some_predictions(
    space: KSearchSpace, genotype: Genotype, data: TaskData
) -> NDArray[np.floating]:
    """Return what a network predicts before it is trained, (examples, outputs)."""
    from xnas.training.initial import fresh_network  # loads TensorFlow

    x, _ = next(iter(data.validation_batches(PREDICTED)))
    return np.asarray(fresh_network(space, genotype, seed=0)(x, training=False))


class _Stage:
    """Where networks are rehearsed: what a worker of the search has.

    Args:
        problem: the task.
        data: its data.
        settings: of the run, its trainer included.
        weights: how pairs of classes weigh, if not all the same.

    Attributes:
        once: seconds that a worker takes beside its evaluations.
    """

    def __init__(
        self,
        problem: NaProblem,
        data: TaskData,
        settings: RunSettings,
        weights: NDArray[np.float64] | None,
    ) -> None:
        self._task = problem, data, settings, weights
        self.file = file_of_problem(settings.problem, problem)
        self.search_space_file = problem.search_space_file
        self.n_classes = data.n_classes
        started = time.perf_counter()
        with _blaming(self.file, "preparing to train"):
            self._trainer = make_trainer(
                settings.trainer, problem, settings.objectives, data
            )
        self.once = time.perf_counter() - started
        self._is_warm = False

    def rehearse(self, name: str, genotype: Genotype) -> Timed:
        """Rehearse one network, the first one twice: what a worker pays once is told.

        Args:
            name: to call it.
            genotype: one choice a variable node.

        Raises:
            TaskError: it cannot be trained or scored.
        """
        doing = f"trying the {name} network {list(genotype)}"
        with _blaming(self.file, doing):
            found = rehearse(self._trainer, genotype, *self._task)
            if not self._is_warm:
                cold, self._is_warm = found.elapsed, True
                found = rehearse(self._trainer, genotype, *self._task)
                self.once += max(0.0, cold - found.elapsed)
        problem, data, settings, _ = self._task
        return Timed(found, found.evaluation_seconds(problem, data, settings))


def _rehearse(stage: _Stage, space: KSearchSpace, extremes: Extremes) -> Estimated:
    """Try the smallest and the largest network and random ones.

    Raises:
        TaskError: none of the random ones can be trained, or an extreme one cannot be
            scored.
    """
    known = []
    for name, sized in (("smallest", extremes.smallest), ("largest", extremes.largest)):
        say(f"Training and scoring the {name} network.")
        timed = stage.rehearse(name, sized.genotype)
        _refuse_featureless(name, timed.rehearsal, stage.search_space_file)
        known.append(timed)
        _print(report.rehearsal_lines(name, timed, stage.n_classes))
    say("Training and scoring random networks.")
    typical: list[Timed] = []
    for genotype in random_networks(space, MOST_TYPICAL, seed=0):
        if len(typical) >= TYPICAL and not all(one.failed for one in typical):
            break
        typical.append(stage.rehearse("random", genotype))
    if typical and all(one.failed for one in typical):
        raise TaskError(
            f"{stage.file}: the loss of all of {len(typical)} random networks is not "
            "finite after a few steps, expected numbers: lower learning_rate, or scale "
            "the data"
        )
    _print(report.typical_lines(typical))
    for sentence in report.divergence(known, typical):
        say(f"{WARNING}{sentence}")
    return Estimated(known, typical or known)


def _refuse_featureless(name: str, found: Rehearsal, file: str) -> None:
    """Check that introspectability has something to look at.

    Raises:
        TaskError: it has not.
    """
    if found.score and not found.score.n_features:
        raise TaskError(
            f"{file}: the {name} network {list(found.genotype)} has neither "
            "convolutions nor activation layers for introspectability to look at, "
            "expected one or more: add one, or set "
            "--multiobjective-explainability false"
        )


def file_of_problem(path: str | None, problem: NaProblem) -> str:
    """Return the file of the module that a task was imported from.

    Args:
        path: that names the task.
        problem: the task, whose loader's file stands for one that is not known.
    """
    module = sys.modules.get(str(path).rpartition(".")[0])
    return getattr(module, "__file__", None) or problem.load_data_file


def _print(lines: Iterator[str]) -> None:
    print("\n".join(lines), flush=True)


@contextmanager
def _blaming(file: str, doing: str) -> Iterator[None]:
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
        raise TaskError(f"{file}: {error}") from error
    except Exception as error:
        raise TaskError(f"{file}: {doing} failed: {error_text(error)}") from error
