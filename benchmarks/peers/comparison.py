"""Every search with every seed, and what their evaluations are worth."""

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd

from benchmarks import landscape
from benchmarks.peers.objective import Objective
from benchmarks.peers.roster import search_with
from benchmarks.peers.tasks import reference_of, space_of, weights_of

CHECKPOINTS = (64, 125, 150, 250, 500, 1000, 2000, 3000)
"""Numbers of evaluations that the table shows."""

EVALUATIONS = 1000
"""How many a search makes unless told otherwise."""

COUNTS = sorted({*CHECKPOINTS, 16, 24, 32, 44, 90, 180, 350, 420, 600, 700, 850})
"""Those that the picture shows."""

CORNERS = ("reference", "mean")
"""Names of the corners above which hypervolumes are."""

KEYS = ["task", "in_flight", "search", "seed"]
"""Columns that tell searches apart."""


@dataclass(frozen=True)
class Task:
    """One search to run.

    Args:
        task: what is searched for, see :func:`benchmarks.peers.tasks.space_of`.
        search: one of the roster.
        seed: of the search, and of what of the task a seed decides.
        evaluations: how many.
        in_flight: how many of them are under way at a time, log-normal times each.
        reference: the worst values that count; the task's own if ``None``.
    """

    task: str
    search: str
    seed: int
    evaluations: int
    in_flight: int = 1
    reference: tuple[float, ...] | None = None

    @property
    def key(self) -> tuple[str, int, str, int]:
        """What tells it apart: values of :data:`KEYS`."""
        return self.task, self.in_flight, self.search, self.seed


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
    known = space_of(task.task, task.seed)
    objective = Objective(
        known,
        task.evaluations,
        weights_of(task.task, known),
        functools.partial(landscape.seconds, task.seed),
        task.in_flight,
    )
    search_with(task.search, objective, task.seed)
    points = np.array(objective.points)
    corners = (task.reference or reference_of(task.task, known), known.mean)
    rows = []
    for count in [*(n for n in COUNTS if n < task.evaluations), task.evaluations]:
        row = dict(zip(KEYS, task.key, strict=True)) | {"evaluations": count}
        for name, corner in zip(CORNERS, corners, strict=True):
            row[f"above_{name}"] = round(known.share(points[:count], corner), 6)
        row["networks"] = known.n_networks(objective.genotypes[:count])
        rows.append(row)
    return pd.DataFrame(rows)
