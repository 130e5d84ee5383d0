"""Every search with every seed, and what their evaluations are worth."""

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd

from benchmarks import landscape
from benchmarks.known_space import KnownSpace
from benchmarks.peers.objective import Objective
from benchmarks.peers.roster import search_with
from xnas.imports import load_object

CHECKPOINTS = (64, 125, 250, 500, 1000)
"""Numbers of evaluations that the table shows."""

COUNTS = sorted({*CHECKPOINTS, 16, 24, 32, 44, 90, 180, 350, 420, 600, 700, 850})
"""Those that the picture shows."""

CORNERS = ("reference", "mean")
"""Names of the corners above which hypervolumes are."""


@dataclass(frozen=True)
class Task:
    """One search to run.

    Args:
        search: one of the roster.
        seed: of the search, and of the landscapes without ``run``.
        evaluations: how many.
        run: import path of a run function.
        reference: the worst values that count.
    """

    search: str
    seed: int
    evaluations: int
    run: str | None
    reference: tuple[float, float]


def compare(tasks: Sequence[Task], workers: int) -> Iterator[pd.DataFrame]:
    """Run searches.

    Args:
        tasks: what to run.
        workers: how many processes; none beside this one if 1.

    Yields:
        The rows of a search, see :func:`measure`, in the order in which they end.
    """
    if workers == 1:
        yield from map(measure, tasks)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for done in as_completed([pool.submit(measure, task) for task in tasks]):
            yield done.result()


def measure(task: Task) -> pd.DataFrame:
    """Search once.

    Returns:
        One row a count of evaluations: shares of the space's hypervolume above either
        corner, and how many different networks were evaluated.
    """
    known = _known(task.run, None if task.run else task.seed)
    objective = Objective(known, task.evaluations)
    search_with(task.search, objective, task.seed)
    points = np.array(objective.points)
    corners = (task.reference, known.points.mean(axis=0))
    rows = []
    for count in [*(n for n in COUNTS if n < task.evaluations), task.evaluations]:
        row = {"search": task.search, "seed": task.seed, "evaluations": count}
        for name, corner in zip(CORNERS, corners, strict=True):
            row[f"above_{name}"] = round(known.share(points[:count], corner), 6)
        row["networks"] = known.n_networks(objective.genotypes[:count])
        rows.append(row)
    return pd.DataFrame(rows)


@functools.lru_cache(maxsize=2)
def _known(run: str | None, seed: int | None) -> KnownSpace:
    """Read the space through once a process, landscapes once a seed."""
    if seed is None:
        return KnownSpace(load_object(str(run), "--run"))
    return KnownSpace(landscape.run_of(seed), by_network=True)
