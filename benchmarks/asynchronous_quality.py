"""What searching without generations finds, against generations, at equal evaluations.

Run as ``python -m benchmarks.asynchronous_quality``: searches of 16 workers whose
evaluations take log-normal times (sigma 1) on a clock that jumps, over the cells of
NAS-Bench-201. The objectives are two NK landscapes, new for each seed, or those of
``--run``, which must be known for every connected genotype.

The hypervolume of the evaluations that ended first is a share of that of the space's
whole front, above the space's worst corner and, which differences weigh more in, above
the space's mean in either objective.
"""

import argparse
import functools
import tempfile
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks import landscape
from benchmarks.bookkeeping import make_problem
from benchmarks.simulated import Run, SimulatedEvaluator
from xnas.final_training.statistics import estimate
from xnas.imports import load_object
from xnas.nas_deephyper.asynchronous_nsga_ii import AsynchronousNSGAII
from xnas.nas_deephyper.nsga_ii import NSGAII
from xnas.nas_deephyper.xnas import XNASSearch
from xnas.pareto import hypervolume

WORKERS = 16
POPULATION = 64
CHECKPOINTS = (125, 250, 500, 1000)
KINDS = (NSGAII, AsynchronousNSGAII)
CORNERS: dict[str, Callable[..., NDArray[np.float64]]] = {
    "worst": np.min,
    "mean": np.mean,
}


class Measure:
    """Shares of the hypervolume that a whole space has.

    Args:
        run: the run function.
    """

    def __init__(self, run: Run) -> None:
        space = make_problem(n_nodes=4).build_space()
        genotypes = product(*(range(high + 1) for _, high in space.choices()))
        points = np.array(
            [objectives_of(run, g) for g in genotypes if space.is_connected(g)]
        )
        # A network that predicts one class only is infinitely bad.
        points = points[np.isfinite(points).all(axis=1)]
        self.corners = [corner(points, axis=0) for corner in CORNERS.values()]
        self.wholes = [hypervolume(points, corner) for corner in self.corners]

    def __call__(self, points: NDArray[np.float64]) -> list[list[float]]:
        """Return what share the first so many points have, by corner and checkpoint."""
        return [
            [hypervolume(points[:count], corner) / whole for count in CHECKPOINTS]
            for corner, whole in zip(self.corners, self.wholes, strict=True)
        ]


def objectives_of(run: Run, genotype: Sequence[int]) -> tuple[float, float]:
    """Return both objectives of a genotype."""
    output = run({"arch_seq": list(genotype), "job_id": 0})
    if isinstance(output, dict):
        output = output["objective"]
    return float(output[0]), float(output[1])


def on_landscape(seed: int) -> Run:
    """Return a run function on the landscapes of a seed."""
    return lambda job: landscape.objectives(seed, job["arch_seq"])


def search(kind: type[XNASSearch], run: Run, seed: int) -> NDArray[np.float64]:
    """Search once.

    Args:
        kind: the search.
        run: the run function.
        seed: of the search and of the evaluations' times.

    Returns:
        (evaluations, 2) objectives in the order in which evaluations ended.
    """
    duration = functools.partial(landscape.seconds, seed)
    evaluator = SimulatedEvaluator(run, WORKERS, duration)
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = kind(
                make_problem(n_nodes=4),
                random_state=seed,
                log_dir=folder,
                population_size=POPULATION,
            )
            rows = made.search(evaluator, max_evals=CHECKPOINTS[-1])
        finally:
            evaluator.close()
    if rows is None or len(rows) != CHECKPOINTS[-1]:
        raise RuntimeError(f"expected {CHECKPOINTS[-1]} rows")
    return rows[["objective_0", "objective_1"]].to_numpy(dtype=float)


def in_words(values: NDArray[np.float64]) -> str:
    """Put the mean of shares and its 95 % interval into words.

    Args:
        values: (seeds,) shares.
    """
    found = estimate(values.tolist())
    half = found.interval[1] - found.mean if found.interval else float("nan")
    return f"{100 * found.mean:6.2f} ± {100 * half:.2f} %"


def compare(run_of: Callable[[int], Run], seeds: int) -> NDArray[np.float64]:
    """Search with all seeds in both ways.

    Args:
        run_of: gives the run function of a seed.
        seeds: how many, from 0.

    Returns:
        (seeds, kinds, corners, checkpoints) shares of the hypervolume.
    """
    shares = []
    # A table needs to be read through once only, and so do landscapes of one seed.
    measure_of = functools.cache(Measure)
    for seed in range(seeds):
        run = run_of(seed)
        measure = measure_of(run)
        shares.append([measure(search(kind, run, seed)) for kind in KINDS])
    return np.array(shares)


def main() -> None:
    """Print both kinds of search side by side."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--run", help="import path of a run function")
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    run = load_object(arguments.run, "--run") if arguments.run else None
    shares = compare((lambda seed: run) if run else on_landscape, arguments.seeds)
    print(
        f"hypervolume as a share of the space's, {WORKERS} workers, population "
        f"{POPULATION}, {arguments.seeds} seeds, means with 95 % intervals"
    )
    for corner, name in enumerate(CORNERS):
        print(f"above the {name} of the space:")
        for k, count in enumerate(CHECKPOINTS):
            generational, asynchronous = (
                shares[:, 0, corner, k],
                shares[:, 1, corner, k],
            )
            print(
                f"{count:5} evaluations: generational {in_words(generational)}, "
                f"asynchronous {in_words(asynchronous)}, relative difference "
                f"{in_words(asynchronous / generational - 1)}"
            )


if __name__ == "__main__":
    main()
