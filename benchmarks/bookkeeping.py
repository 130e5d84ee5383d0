"""Cost of a search beside its evaluations: 16,000 instant ones against 4,000.

First of the algorithm alone, asked and told in a loop; then with evaluator and files.

Run as ``python -m benchmarks.bookkeeping``.
"""

import os
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.nsga_ii import NSGAII
from xnas.objectives import Objective
from xnas.problem import NaProblem
from xnas.records import evaluated
from xnas.search_space_common import nas_bench_201_search_space
from xnas.searches import Networks
from xnas.searches.nsga_ii import NSGAII as NSGAIIAlone  # noqa: N811
from xnas.space import KSearchSpace

SIZES = (4_000, 16_000)


def create_search_space(
    input_shape: tuple[int, ...] = (8, 8, 1),
    output_shape: tuple[int, ...] = (10,),
    n_nodes: int = 5,
) -> KSearchSpace:
    """Make a space of cells, by default of 5¹⁰ = 9,765,625 genotypes."""
    return nas_bench_201_search_space(input_shape, output_shape, n_nodes=n_nodes)


def load_data() -> Any:
    """Stand in for data that nobody reads here."""
    X = np.zeros((10, 8, 8, 1), dtype=np.float32)
    return (X, np.arange(10)), (X, np.arange(10))


def make_problem(n_nodes: int = 5) -> NaProblem:
    """Put the space into a problem.

    Args:
        n_nodes: of a cell.
    """
    problem = NaProblem()
    problem.load_data(load_data)
    problem.search_space(create_search_space, n_nodes=n_nodes)
    problem.hyperparameters(batch_size=1, learning_rate=0.1, num_epochs=1)
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    return problem


def instant(job: Mapping[str, Any]) -> tuple[float, float]:
    """Return two objectives at once."""
    choices = job["arch_seq"]
    return sum(choices) / 40, sum((4 - c) * i for i, c in enumerate(choices)) / 180


def measure_algorithm(evaluations: int) -> float:
    """Time NSGA-II alone.

    Args:
        evaluations: how many candidates it is asked for and told of.

    Returns:
        Seconds.
    """
    networks = Networks(create_search_space())
    objectives = [Objective("val_acc__last"), Objective("introspectability")]
    search = NSGAIIAlone(networks, objectives, 0)
    started = time.perf_counter()
    for _ in range(evaluations):
        (candidate,) = search.ask(1)
        search.tell(evaluated(candidate, instant({"arch_seq": candidate.genotype})))
    return time.perf_counter() - started


class TimedSync:
    """Stands for ``os.fsync`` and adds up its time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sync = os.fsync

    def __call__(self, descriptor: int) -> None:
        """Sync and time it."""
        started = time.perf_counter()
        self._sync(descriptor)
        self.seconds += time.perf_counter() - started


def measure(evaluations: int) -> tuple[float, float]:
    """Time one search.

    Args:
        evaluations: how many rows.

    Returns:
        Seconds of the search without fsync, and of fsync.
    """
    sync = TimedSync()
    evaluator = create_evaluator("serial", instant)
    original = os.fsync
    os.fsync = sync  # type: ignore[assignment]
    try:
        with tempfile.TemporaryDirectory() as folder:
            search = NSGAII(make_problem(), random_state=0, log_dir=folder)
            started = time.perf_counter()
            table = search.search(evaluator, max_evals=evaluations)
            seconds = time.perf_counter() - started
    finally:
        os.fsync = original
        evaluator.close()
    if table is None or len(table) != evaluations:
        raise RuntimeError(f"expected {evaluations} rows")
    return seconds - sync.seconds, sync.seconds


def main() -> None:
    """Print both sizes side by side."""
    for size in SIZES:
        seconds = measure_algorithm(size)
        print(f"{size:6,} asked and told: {seconds:6.1f} s")
    measure(200)
    results = {}
    for size in SIZES:
        seconds, sync = measure(size)
        results[size] = seconds
        print(
            f"{size:6,} evaluations: {seconds:6.1f} s, {1000 * seconds / size:.2f} ms "
            f"each; fsync {sync:.1f} s, {1000 * sync / size:.2f} ms each"
        )
    small, large = SIZES
    ratio = results[large] / results[small]
    print(f"ratio of times {ratio:.2f} for {large // small} times the evaluations")


if __name__ == "__main__":
    main()
