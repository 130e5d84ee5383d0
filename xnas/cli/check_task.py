"""A dry run of a task, told as it goes."""

import argparse
import resource
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xnas.cli.progress import duration
from xnas.cli.task import CheckedTask, check_task, load_problem, run_settings
from xnas.cli.time_limit import time_limit
from xnas.errors import TaskError
from xnas.nas_deephyper.rehearsal import (
    Rehearsal,
    activations_bytes,
    rehearse,
    scoring_bytes,
)
from xnas.nas_deephyper.run_settings import RunSettings
from xnas.problem import NaProblem
from xnas.space import KSearchSpace
from xnas.space.extremes import Extremes, find_extremes
from xnas.training import TaskData
from xnas.training.reading import Split
from xnas.training.suspicions import class_counts, count_shared, suspicions

BUILD_SECONDS = 10
"""Spent on looking for the smallest and the largest network."""

RECORD_BYTES = 12_000
"""Row, configuration, history and Gram matrices of an evaluation, about."""

KEPT = 8
"""One evaluation in so many keeps its activations; a guess from finished searches."""

PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts a process's peak memory."""


def run_check(arguments: argparse.Namespace) -> int:
    """Load, check, train a little, score, and estimate.

    Args:
        arguments: the flags of ``deephyper_xnas check``.

    Returns:
        The exit status, 0.

    Raises:
        XNASError: something is wrong that the user can mend.
    """
    problem = load_problem(arguments)
    settings = run_settings(arguments, None)
    task = _load(problem, settings, arguments.timeout)
    _tell_data(task.data, problem)
    for sentence in suspicions(task.data, problem):
        raise TaskError(sentence)
    space = problem.build_space()
    extremes = _tell_space(space, problem)
    rehearsals = [
        _rehearse(
            space, sized.genotype, name, name == "smallest", problem, task, settings
        )
        for name, sized in zip(("smallest", "largest"), extremes[:2], strict=True)
    ]
    _tell_estimates(rehearsals, problem, task.data, settings, arguments)
    print(
        "\nNothing wrong was found. To search:\n"
        f"  ./deephyper_xnas nas nsga2 --problem {arguments.problem}"
        + ("" if task.data.is_classification else _SINGLE_OBJECTIVE)
    )
    return 0


_SINGLE_OBJECTIVE = " --multiobjective-explainability false"


def _load(problem: NaProblem, settings: RunSettings, limit: int) -> CheckedTask:
    print("Loading the data.", file=sys.stderr)
    started = time.perf_counter()
    with time_limit(limit, "loading the data"):
        task = check_task(problem, settings)
    seconds = round(time.perf_counter() - started)
    taken = f"in {duration(seconds)}" if seconds else "in less than a second"
    print(f"Data, loaded by {_short(problem.load_data_place)} {taken}")
    return task


def _tell_data(data: TaskData, problem: NaProblem) -> None:
    for name, split in (("training", data.train), ("validation", data.valid)):
        print(f"  {name:<12}{_split(split)}")
    inputs = data.first_inputs(1024, augmented=False)
    for i, tensor in enumerate(inputs):
        array = np.asarray(tensor)
        print(
            f"  {'as trained' if i == 0 else '':<12}{_name(i, inputs)}"
            f"{array.min():.3g} to {array.max():.3g}, mean {array.mean():.3g}, "
            f"standard deviation {array.std():.3g}"
        )
    if data.is_classification:
        print(f"  {'classes':<12}{data.n_outputs}, labels {data.label_form}")
        for name, split in (("training", data.train), ("validation", data.valid)):
            print(f"  {'':<12}{_balance(class_counts(split, data.n_outputs))} {name}")
    else:
        print(f"  {'targets':<12}{data.n_outputs}, real numbers")
    shared = count_shared(data.train, data.valid)
    print(f"  {'shared':<12}{shared:,} validation examples are training examples, too")
    held_out = "yes" if data.read_test else "none: scores will be of validation data"
    print(f"  {'test data':<12}{held_out}")


def _short(place: str) -> str:
    """Shorten a path below the current folder."""
    path = Path(place)
    return (
        str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else place
    )


def _split(split: Split) -> str:
    parts = []
    for i, array in enumerate(split.inputs):
        shape = " × ".join(map(str, array.shape[1:])) or "one number"
        parts.append(
            f"{_name(i, split.inputs)}{shape} {array.dtype}, {array.min():.4g} to "
            f"{array.max():.4g}"
        )
    return f"{len(split.labels):,} examples: {'; '.join(parts)}"


def _name(index: int, inputs: Sequence[object]) -> str:
    return f"input_{index} " if len(inputs) > 1 else ""


def _balance(counts: NDArray[np.int64]) -> str:
    low, high = counts.min(), counts.max()
    each = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{each} examples of each in"


def _tell_space(space: KSearchSpace, problem: NaProblem) -> Extremes:
    print(f"\nSearch space, made by {_short(problem.search_space_place)}")
    names = ", ".join(node.name for node in space.variable_nodes)
    print(f"  {space.size:,} networks, {len(space.variable_nodes)} choices: {names}")
    extremes = find_extremes(space, seconds=BUILD_SECONDS)
    for name, sized in zip(("smallest", "largest"), extremes[:2], strict=True):
        print(f"  {name:<12}{list(sized.genotype)}, {sized.n_parameters:,} parameters")
    print(f"  {'':<12}(of {extremes.n_tried} networks built)")
    return extremes


def _rehearse(
    space: KSearchSpace,
    genotype: tuple[int, ...],
    name: str,
    is_first: bool,
    problem: NaProblem,
    task: CheckedTask,
    settings: RunSettings,
) -> Rehearsal:
    print(f"Training and scoring the {name} network for a few steps.", file=sys.stderr)
    with warnings.catch_warnings():
        # Of classes without activations, which nothing is expected of yet.
        warnings.simplefilter("ignore", RuntimeWarning)
        for _ in range(
            1 + is_first
        ):  # what workers pay once is no part of the estimate
            found = rehearse(
                space, genotype, problem, task.data, settings, task.weights
            )
    if not np.isfinite(found.trial.loss):
        raise TaskError(
            f"{problem.load_data_place}: the loss of the {name} network "
            f"{list(genotype)} is {found.trial.loss} after a few steps, expected a "
            "number: lower learning_rate in problem.py, or scale the data"
        )
    if found.score and not found.score.n_features:
        raise TaskError(
            f"{problem.search_space_place}: the {name} network {list(genotype)} has "
            "neither convolutions nor activation layers for introspectability to look "
            "at, expected one or more: add one, or set "
            "--multiobjective-explainability false"
        )
    print(f"\nThe {name} network {list(genotype)}")
    print(f"  {'loss':<12}{found.trial.loss:.4g} after a few steps")
    if found.score:
        features, classes = found.score.n_features, task.data.n_outputs
        print(
            f"  {'scoring':<12}{features:,} features, about "
            f"{_size(scoring_bytes(features, classes))} of memory"
        )
        print(
            f"  {'':<12}{_size(activations_bytes(features, classes))} for a file of "
            "its activations"
        )
        print(f"  {'':<12}introspectability {found.score.value:.4g} (hardly trained)")
    seconds = found.evaluation_seconds(problem, task.data, settings)
    print(f"  {'time':<12}about {duration(max(1, seconds))} an evaluation")
    return found


def _tell_estimates(
    rehearsals: list[Rehearsal],
    problem: NaProblem,
    data: TaskData,
    settings: RunSettings,
    arguments: argparse.Namespace,
) -> None:
    seconds = [r.evaluation_seconds(problem, data, settings) for r in rehearsals]
    whole = [s * arguments.max_evals / arguments.num_workers for s in seconds]
    print(
        f"\nA search of {arguments.max_evals:,} evaluations, "
        f"{arguments.num_workers} at a time, {arguments.num_cpus_per_task} CPU(s) each"
    )
    low, high = sorted(whole)
    print(
        f"  {'time':<12}{duration(low)} to {duration(high)}, most likely about "
        f"{duration((low + high) / 2)}"
    )
    features = [r.score.n_features for r in rehearsals if r.score]
    kept = sum(activations_bytes(f, data.n_outputs) for f in features) / 2 / KEPT
    print(
        f"  {'disk':<12}about {_size(arguments.max_evals * (RECORD_BYTES + kept))}, if "
        f"one evaluation in {KEPT} keeps its activations"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT
    print(f"  {'memory':<12}{_size(peak)} a worker at most in this check")


def _size(n_bytes: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.{0 if n_bytes >= 10 * factor else 1}f} {unit}"
    return f"{max(1, round(n_bytes / 1e3))} kB"
