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
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks import landscape
from benchmarks.known_space import KnownSpace, Run, in_words
from benchmarks.searching import search
from benchmarks.simulated import SimulatedEvaluator
from xnas.imports import load_object
from xnas.nas_deephyper.nsga_ii import NSGAII, AsynchronousNSGAII
from xnas.nas_deephyper.search import XNASSearch

WORKERS = 16
POPULATION = 64
CHECKPOINTS = (125, 250, 500, 1000)
KINDS = (NSGAII, AsynchronousNSGAII)
CORNERS: dict[str, Callable[..., NDArray[np.float64]]] = {
    "worst": np.min,
    "mean": np.mean,
}


def shares(
    kind: type[XNASSearch], run: Run, seed: int, known: KnownSpace
) -> list[list[float]]:
    """Search once.

    Args:
        kind: the search.
        run: the run function.
        seed: of the search and of the evaluations' times.
        known: what the run function says of the whole space.

    Returns:
        Shares of the space's hypervolume that the evaluations that ended first have,
        by corner and checkpoint.
    """
    duration = functools.partial(landscape.seconds, seed)
    evaluator = SimulatedEvaluator(run, WORKERS, duration)
    rows = search(kind, evaluator, CHECKPOINTS[-1], seed, population_size=POPULATION)
    points = rows[["objective_0", "objective_1"]].to_numpy(dtype=float)
    corners = [corner(known.points, axis=0) for corner in CORNERS.values()]
    return [
        [known.share(points[:count], corner) for count in CHECKPOINTS]
        for corner in corners
    ]


def compare(run_of: Callable[[int], Run], seeds: int) -> NDArray[np.float64]:
    """Search with all seeds in both ways.

    Args:
        run_of: gives the run function of a seed.
        seeds: how many, from 0.

    Returns:
        (seeds, kinds, corners, checkpoints) shares of the hypervolume.
    """
    found = []
    # A table needs to be read through once only, and so do landscapes of one seed.
    known_of = functools.cache(KnownSpace)
    for seed in range(seeds):
        run = run_of(seed)
        known = known_of(run)
        found.append([shares(kind, run, seed, known) for kind in KINDS])
    return np.array(found)


def main() -> None:
    """Print both kinds of search side by side."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--run", help="import path of a run function")
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    run = load_object(arguments.run, "--run") if arguments.run else None
    found = compare((lambda seed: run) if run else landscape.run_of, arguments.seeds)
    print(
        f"hypervolume as a share of the space's, {WORKERS} workers, population "
        f"{POPULATION}, {arguments.seeds} seeds, means with 95 % intervals"
    )
    for corner, name in enumerate(CORNERS):
        print(f"above the {name} of the space:")
        for k, count in enumerate(CHECKPOINTS):
            generational, asynchronous = (
                found[:, 0, corner, k],
                found[:, 1, corner, k],
            )
            print(
                f"{count:5} evaluations: generational {in_words(generational)}, "
                f"asynchronous {in_words(asynchronous)}, relative difference "
                f"{in_words(asynchronous / generational - 1)}"
            )


if __name__ == "__main__":
    main()
