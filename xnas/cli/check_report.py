"""What ``check`` found, in lines for people."""

import resource
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xnas.cli.setting_flags import words_of
from xnas.evaluation.rehearsal import Rehearsal, activations_bytes, scoring_bytes
from xnas.evaluation.settings import RunSettings
from xnas.face.request import Request, flag_of, option_defaults
from xnas.names import program
from xnas.problem import NaProblem
from xnas.results.durations import duration
from xnas.results.texts import short_path
from xnas.space import KSearchSpace
from xnas.space.extremes import Extremes
from xnas.tasks.suspicions import SAMPLE, class_counts, count_shared
from xnas.training.data import TaskData
from xnas.training.split import Split

RECORD_BYTES = 12_000
"""Row, configuration, history and Gram matrices of an evaluation, about."""

KEPT = 8
"""One evaluation in so many keeps its activations; a guess from finished searches."""

LEAST_POPULATION = 4
"""Smallest population that is suggested."""

PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts a process's peak memory."""


def data_lines(data: TaskData, problem: NaProblem, seconds: float) -> Iterator[str]:
    """Tell sizes, shapes, ranges and the balance of classes.

    Args:
        data: the task's data.
        problem: the task.
        seconds: it took to load them.
    """
    taken = f"in {duration(seconds)}" if seconds >= 1 else "in less than a second"
    yield f"Data, loaded by {short_path(problem.load_data_file)} {taken}"
    splits = {"training": data.train, "validation": data.valid}
    for name, split in splits.items():
        yield _line(name, _describe(split))
    inputs = [np.asarray(x) for x in data.some_inputs(SAMPLE, augmented=False)]
    for i, x in enumerate(inputs):
        yield _line(
            "" if i else "as trained",
            f"{_name(i, inputs)}{x.min():.3g} to {x.max():.3g}, mean {x.mean():.3g}, "
            f"standard deviation {x.std():.3g}",
        )
    if data.is_classification:
        yield _line("classes", f"{data.n_classes}, labels {data.label_form}")
        for name, split in splits.items():
            counts = class_counts(split, data.n_classes)
            yield _line("", f"{_range(counts)} examples of each in {name}")
    else:
        several = f"{data.n_outputs}, of which an example has any number (multi-label)"
        is_real = data.label_form == "real"
        yield (
            _line("labels", several)
            if not is_real
            else _line("targets", f"{data.n_outputs}, real numbers")
        )
    shared = count_shared(data.train, data.valid)
    yield _line("shared", f"{shared:,} validation examples are training examples, too")
    none = "none: scores are of the validation data that choose networks"
    yield _line("test data", "there, for final training" if data.read_test else none)


def space_lines(
    space: KSearchSpace, problem: NaProblem, extremes: Extremes
) -> Iterator[str]:
    """Tell the size of a space, and of its networks.

    Args:
        space: the search space.
        problem: its task.
        extremes: its smallest and largest network.
    """
    names = ", ".join(node.name for node in space.variable_nodes)
    yield f"\nSearch space, made by {short_path(problem.search_space_file)}"
    yield _line("networks", f"{space.size:,}")
    yield _line("choices", f"{len(space.variable_nodes)}: {names}")
    yield _line("smallest", f"{extremes.smallest.n_parameters:,} parameters")
    yield _line("largest", f"{extremes.largest.n_parameters:,} parameters")
    yield _line("", f"of {extremes.n_tried} networks built")


class Timed(NamedTuple):
    """A network that was rehearsed, and seconds of a whole evaluation of it."""

    rehearsal: Rehearsal
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether a search would record a failure."""
        return self.rehearsal.failure is not None


@dataclass(frozen=True)
class Estimated:
    """What a search follows from.

    Args:
        extremes: the smallest and the largest network.
        typical: random ones.
        around: seconds before the first evaluation and after the last.
    """

    extremes: Sequence[Timed]
    typical: Sequence[Timed]
    around: float = 0.0

    def seconds(self, rounds: float) -> tuple[float, float, float]:
        """Estimate a search: seconds of the cheapest, typical and dearest networks.

        Args:
            rounds: evaluations of a worker.
        """
        typical = [one.seconds for one in self.typical]
        known = [*typical, *(one.seconds for one in self.extremes)]
        each = min(known), sum(typical) / len(typical), max(known)
        low, likely, high = (self.around + rounds * seconds for seconds in each)
        return low, likely, high


def rehearsal_lines(name: str, found: Timed, n_classes: int) -> Iterator[str]:
    """Tell what training and scoring one network took.

    Args:
        name: to call it.
        found: what it took.
        n_classes: number of classes.
    """
    rehearsal, seconds = found
    yield f"\nThe {name} network {list(rehearsal.genotype)}"
    yield _line("loss", f"{rehearsal.trial.loss:.4g} after a few steps")
    if rehearsal.score:
        features = rehearsal.score.n_features
        yield _line(
            "scoring",
            f"{features:,} features, about {_size(scoring_bytes(features, n_classes))} "
            "of memory",
        )
        size = _size(activations_bytes(features, n_classes))
        yield _line("", f"{size} for a file of its activations")
        value = rehearsal.score.value
        yield _line("", f"introspectability {value:.4g}, hardly trained")
    yield _line("time", f"{_seconds(seconds)} an evaluation")


def typical_lines(typical: Sequence[Timed]) -> Iterator[str]:
    """Tell what random networks took.

    Args:
        typical: each of them.
    """
    yield f"\n{len(typical)} random networks"
    for found, seconds in typical:
        loss = f"loss {found.trial.loss:.4g}, {_seconds(seconds)} an evaluation"
        yield f"  {list(found.genotype)}: {loss}"


def divergence(extremes: Sequence[Timed], typical: Sequence[Timed]) -> Iterator[str]:
    """Warn of networks that fail while others do not.

    Args:
        extremes: the smallest and the largest network.
        typical: random ones.
    """
    failed = [list(one.rehearsal.genotype) for one in extremes if one.failed]
    share = sum(one.failed for one in typical)
    if failed or share:
        named = " and ".join(map(str, failed)) or "none of the extreme networks"
        yield (
            f"the loss of {named} and of {share} of {len(typical)} random networks is "
            "NaN after a few steps: a search records such as F_nan and goes on; a "
            "lower learning_rate, or a longer warm-up, makes them fewer."
        )


def search_lines(
    found: Estimated,
    request: Request,
    n_workers: int,
    size: int,
    settings: RunSettings,
    data: TaskData,
) -> Iterator[str]:
    """Estimate a whole search.

    Args:
        found: what networks took.
        request: how many networks are evaluated.
        n_workers: how many at a time.
        size: number of networks in the search space.
        settings: of the run.
        data: of the task.
    """
    n_evaluations = min(request.max_evals or size, size)
    low, likely, high = found.seconds(n_evaluations / n_workers)
    files = [
        activations_bytes(one.rehearsal.score.n_features, data.n_classes)
        for one in found.typical
        if one.rehearsal.score
    ]
    kept = sum(files) / len(found.typical) / KEPT
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT
    yield (
        f"\nA search of {n_evaluations:,} evaluations, {n_workers} at a time, "
        f"{request.num_cpus_per_task} CPU(s) each, {settings.trainer} trainer"
    )
    yield _line("objectives", ", ".join(settings.objectives or ()))
    yield _line(
        "time",
        f"{duration(low)} to {duration(high)}, most likely about {duration(likely)}",
    )
    disk = _size(n_evaluations * (RECORD_BYTES + kept))
    yield _line(
        "disk", f"about {disk}, if one evaluation in {KEPT} keeps its activations"
    )
    yield _line("memory", f"{_size(peak)} a worker, as much as this check took")


def next_lines(request: Request) -> Iterator[str]:
    """Tell the command that searches as was checked.

    Args:
        request: what was checked.
    """
    words = ["nas", "nsga2", *words_of(request), "--evaluator", request.evaluator]
    for name in ("max_evals", "num_workers", "num_cpus_per_task", "trainer"):
        value = getattr(request, name)
        if value != getattr(Request, name):
            words += [flag_of(name), str(value)]
    size, default = suggested_population(request)
    if size != default:
        words += ["--population-size", str(size)]
    why = (
        f", in a population smaller than the default of {default}, in which all "
        "networks would be random"
    )
    yield (
        "\nNothing wrong was found. To search on this machine"
        f"{why if size != default else ''}:"
    )
    yield f"  {program()} {shlex.join(words)}"


def suggested_population(request: Request) -> tuple[int, int]:
    """Choose a population that few evaluations leave time to breed, and the default.

    Args:
        request: how many networks are evaluated.
    """
    default, n = option_defaults(request.search)["population_size"], request.max_evals
    if n is None or not LEAST_POPULATION < n <= default:
        return default, default
    return max(LEAST_POPULATION, n // 4), default


def _seconds(seconds: float) -> str:
    """Word a time whose first digits count."""
    return f"about {duration(seconds) if seconds >= 10 else f'{seconds:.2g} s'}"


def _line(name: str, text: str) -> str:
    return f"  {name:<12}{text}"


def _describe(split: Split) -> str:
    parts = [
        f"{_name(i, split.inputs)}{' × '.join(map(str, array.shape[1:])) or 'number'} "
        f"{array.dtype}, {array.min():.4g} to {array.max():.4g}"
        for i, array in enumerate(split.inputs)
    ]
    return f"{len(split.labels):,} examples: {'; '.join(parts)}"


def _name(index: int, inputs: Sequence[object]) -> str:
    return f"input_{index} " if len(inputs) > 1 else ""


def _range(counts: NDArray[np.int64]) -> str:
    low, high = counts.min(), counts.max()
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _size(n_bytes: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.{0 if n_bytes >= 10 * factor else 1}f} {unit}"
    return f"{max(1, round(n_bytes / 1e3))} kB"
