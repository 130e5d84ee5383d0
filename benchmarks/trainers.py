"""The plain and the compiled way of training, side by side.

Run as ``python -m benchmarks.trainers``, or with ``--quick`` for fewer networks. Three
tables, each figure beside its goal: seconds an evaluation of the same networks with the
same seeds, and memory of a worker after them; the first evaluation; and a training step
of the compiled way against one of a graph that holds a single network.

Each way runs in a process of its own with the environment of a worker of one CPU; two
that are compared take turns, so that a busy machine slows both. Seconds are those of a
clock; how long the process had a CPU, which other processes hardly change, follows in
brackets.
"""

import argparse
import copy
import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.workers.supervisor import worker_environment

WAYS = ("plain", "compiled")

FIRST_CALL = 40.0
"""Seconds that the first evaluation may take, building included."""

FIRST_CALL_GROWTH = 2.5
"""Of its time at five cells a stage against two."""

MEMORY = 1.5
"""Of a worker, against one of the plain way."""


@dataclass(frozen=True)
class Case:
    """A task that both ways are compared on.

    Args:
        title: its name in the table.
        task: one of the packages in ``experiments``.
        stack_size: cells a stage.
        goal: how many times fewer seconds an evaluation is to take.
        networks: how many are compared, and with ``--quick``.
    """

    title: str
    task: str
    stack_size: int
    goal: float
    networks: tuple[int, int]


CASES = (
    Case("lines, N = 2", "lines", 2, 20, (8, 4)),
    Case("lines, N = 5", "lines", 5, 15, (4, 2)),
    Case("digits as shipped", "digits", 1, 1.5, (4, 2)),
)

STEPPED = {
    "all 3×3": ((0, 0, 0, 0, 0, 0), 1.15),
    "mixed": ((0, 1, 2, 3, 4, 0), 1.3),
    "skip": ((4, 4, 4, 4, 4, 4), 1.3),
    "sparse": ((3, 3, 3, 0, 3, 3), 1.3),
}
"""Networks whose steps are timed, and how much dearer the compiled way's may be."""

STEPS = {32: 60, 128: 30, 512: 8}
"""Batch size to how many steps are timed at once."""

SLOW = 1e-4
"""Learning rate at which none of them diverges."""

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]

Seconds = tuple[float, float]
"""By the clock, and on a CPU."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print all tables.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(description="plain against compiled training")
    parser.add_argument("--quick", action="store_true", help="fewer networks")
    quick = parser.parse_args(argv).quick
    started = time.perf_counter()
    print(f"{os.cpu_count()} CPUs, shared with whatever else runs; one a worker")
    _print_load()
    first_calls = {}
    print("\nan evaluation after the first, scoring included; memory of a worker")
    for case in CASES:
        first_calls[case.title] = [compare_evaluations(case, case.networks[quick])]
    _print_load()
    print("\nfirst evaluation of the compiled way, construction included")
    for case in CASES:
        if case.task == "lines":
            if not quick:
                first_calls[case.title].append(first_call(case))
            seconds = first_calls[case.title]
            found = ", ".join(f"{clock:.1f} ({cpu:.1f})" for clock, cpu in seconds)
            print(f"{case.title}: {found} s (goal: at most {FIRST_CALL:g})", flush=True)
    small, large = (first_calls[case.title] for case in CASES[:2])
    print(
        f"ratio {_ratio(_quickest(large), _quickest(small), 2)} "
        f"(goal: at most {FIRST_CALL_GROWTH:g})"
    )
    _print_load()
    print("\na training step, N = 2, pictures of 8 × 8")
    for batch_size, steps in STEPS.items():
        with worker() as run:
            for row in run(compare_steps, batch_size, steps, 3 if quick else 5):
                print(row, flush=True)
    _print_load()
    print(f"all of this took {(time.perf_counter() - started) / 60:.1f} min")
    return 0


def _ratio(ours: Seconds, theirs: Seconds, digits: int) -> str:
    clock, cpu = (a / b for a, b in zip(ours, theirs, strict=True))
    return f"{clock:.{digits}f} ({cpu:.{digits}f})"


def _quickest(times: Sequence[Seconds]) -> Seconds:
    clock, cpu = map(min, zip(*times, strict=True))
    return clock, cpu


def _mean(times: Sequence[Seconds]) -> Seconds:
    clock, cpu = map(mean, zip(*times, strict=True))
    return clock, cpu


def compare_evaluations(case: Case, count: int) -> Seconds:
    """Evaluate the same networks both ways, in turns, and print what it took.

    Args:
        case: the task.
        count: how many networks, after the first.

    Returns:
        Seconds of the compiled way's first evaluation.
    """
    seconds: dict[str, list[Seconds]] = {way: [] for way in WAYS}
    with worker() as plain, worker() as compiled:
        runs = dict(zip(WAYS, (plain, compiled), strict=True))
        networks = plain(draw, case, count + 1)
        for seed, genotype in enumerate(networks):
            for way in WAYS:
                seconds[way].append(runs[way](evaluate, case, way, genotype, seed))
        peaks = plain(peak_bytes), compiled(peak_bytes)
    slow, fast = (_mean(seconds[way][1:]) for way in WAYS)
    print(
        f"{case.title}, {count} networks: plain {slow[0]:.3f} ({slow[1]:.3f}) s, "
        f"compiled {fast[0]:.3f} ({fast[1]:.3f}) s, {_ratio(slow, fast, 1)} times "
        f"fewer (goal: at least {case.goal:g})",
        flush=True,
    )
    first, ratio = seconds["compiled"][0], peaks[1] / peaks[0]
    print(
        f"    first compiled {first[0]:.1f} ({first[1]:.1f}) s; peak memory plain "
        f"{peaks[0] / 1e6:,.0f} MB, compiled {peaks[1] / 1e6:,.0f} MB, ratio "
        f"{ratio:.2f} (goal: at most {MEMORY:g})",
        flush=True,
    )
    return first


def first_call(case: Case) -> Seconds:
    """Time the first evaluation of the compiled way in a fresh process."""
    with worker() as run:
        (genotype,) = run(draw, case, 1)
        return run(evaluate, case, "compiled", genotype, 0)


@contextmanager
def worker() -> Iterator[Callable[..., Any]]:
    """Start a process as a worker is; gives what calls a function in it."""
    before = dict(os.environ)
    os.environ.update(worker_environment(1, []))
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pool.submit(_load).result()
            yield lambda function, *args: pool.submit(function, *args).result()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _load() -> None:
    """Load what no measurement is of."""
    import xnas.evaluation.compiled_trainer
    import xnas.evaluation.trainer  # noqa: F401


_trainers: dict[tuple[Case, str], Any] = {}
"""Those of this process."""


def evaluate(case: Case, way: str, genotype: tuple[int, ...], seed: int) -> Seconds:
    """Train and score a network, and time it.

    Args:
        case: the task.
        way: one of ``WAYS``.
        genotype: the network.
        seed: of training.

    Returns:
        Seconds; of a process's first evaluation with making the trainer.
    """
    from xnas.evaluation.compiled_trainer import CompiledTrainer
    from xnas.evaluation.trainer import PlainTrainer

    kinds: dict[str, Any] = {"plain": PlainTrainer, "compiled": CompiledTrainer}
    since = stopwatch()
    if (case, way) not in _trainers:
        _trainers[case, way] = kinds[way](problem_of(case))
    _trainers[case, way].evaluate(genotype, seed=seed).class_activations()
    return since()


def stopwatch() -> Callable[[], Seconds]:
    """Start measuring; what is returned tells how long that was ago."""
    clock, cpu = time.perf_counter(), time.process_time()
    return lambda: (time.perf_counter() - clock, time.process_time() - cpu)


def problem_of(case: Case) -> Any:
    """Return a case's task with its number of cells."""
    package = f"experiments.{case.task}"
    problem = copy.copy(importlib.import_module(f"{package}.problem").Problem)
    space = importlib.import_module(f"{package}.search_space").create_search_space
    problem.search_space(space, stack_size=case.stack_size)
    return problem


def draw(case: Case, count: int) -> list[tuple[int, ...]]:
    """Draw networks of a case's space, none of which is cut in two."""
    space = problem_of(case).build_space()
    rng = np.random.default_rng(0)
    sizes = [high + 1 for _, high in space.choices()]
    found: list[tuple[int, ...]] = []
    while len(found) < count:
        genotype = tuple(rng.integers(0, sizes).tolist())
        if space.is_connected(list(genotype)):
            found.append(genotype)
    return found


def peak_bytes() -> int:
    """Return the most memory that this process has held."""
    # Not getrusage's maximum, which counts the parent's memory before exec.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM line")


def compare_steps(batch_size: int, steps: int, rounds: int) -> list[str]:
    """Time training steps against those of graphs of one network each, in turns.

    Args:
        batch_size: examples a step.
        steps: how many are timed at once.
        rounds: how often; the quickest counts.

    Returns:
        One row a network.
    """
    from xnas.supernet.network import Supernet
    from xnas.supernet.training import SupernetEpochs
    from xnas.tasks import load_task_data

    problem = _stepped_problem(batch_size, steps)
    data, settings = load_task_data(problem), problem.training_settings()
    space = problem.build_space()

    def make(fixed: tuple[int, ...] | None = None) -> tuple[Supernet, SupernetEpochs]:
        supernet = Supernet(space, fixed=fixed)
        return supernet, SupernetEpochs(supernet, settings, data)

    shared = make()
    rows = []
    for name, (genotype, goal) in STEPPED.items():
        times: list[list[Seconds]] = [[], []]
        pair = shared, make(genotype)
        for supernet, epochs in pair:
            supernet.choose(genotype, 1)
            epochs.begin(1)
            epochs.train(0)
        for number in range(1, rounds + 1):
            for (_, epochs), found in zip(pair, times, strict=True):
                since = stopwatch()
                loss = epochs.train(number)["loss"]
                found.append(since())
                if not isfinite(loss):
                    raise RuntimeError(f"{name} diverged, so its steps were not made")
        compiled, static = map(_quickest, times)
        millis = [f"{1000 * clock / steps:.2f}" for clock, _ in (compiled, static)]
        rows.append(
            f"batch {batch_size}, {name}: {millis[0]} ms, one network's graph "
            f"{millis[1]} ms, ratio {_ratio(compiled, static, 2)} "
            f"(goal: at most {goal:g})"
        )
    return rows


def _stepped_problem(batch_size: int, steps: int) -> Any:
    from experiments.digits.problem import Problem
    from experiments.digits.search_space import create_search_space

    problem = copy.copy(Problem)
    problem.load_data(load_noise, size=batch_size * steps)
    problem.search_space(create_search_space, stack_size=2)
    return problem.with_hyperparameters(
        batch_size=batch_size, learning_rate=SLOW, schedule="constant"
    )


def load_noise(size: int) -> tuple[Pair, Pair]:
    """Make pictures of nothing, as many as one epoch is to have."""
    X = np.random.default_rng(0).random((size, 8, 8, 1), "f4")
    y = np.arange(size) % 10
    return (X, y), (X[:100], y[:100])


def _print_load() -> None:
    print(f"load average {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
