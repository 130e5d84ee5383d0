"""How long workers have nothing to do, without generations and with them.

Run as ``python -m benchmarks.asynchronous``: 16 worker processes whose evaluations
sleep log-normally (sigma 1, 1 s on average). A worker is busy only while its run
function runs: sending, gathering, breeding and writing rows count as idle. The time
begins once every worker has begun its first evaluation, since starting processes is
not the search's doing, and ends when the last evaluation was handed out, since from
then on there is nothing left to give; the share up to the very end is printed as well.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmarks import landscape
from benchmarks.bookkeeping import make_problem
from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.mobo import MOBO
from xnas.nas_deephyper.nsga_ii import NSGAII, AsynchronousNSGAII
from xnas.nas_deephyper.search import XNASSearch
from xnas.results import RunFolder

WORKERS = 16
POPULATION = 64
EVALUATIONS = 640
SEED = 0
STEADY_EVALUATIONS = 700


@dataclass(frozen=True)
class Course:
    """When a search did what.

    Args:
        evaluations: ``began``, ``ended`` and ``worker`` of each, in seconds.
        last_handed_out: when the last of them was.
    """

    evaluations: pd.DataFrame
    last_handed_out: float

    @property
    def all_up(self) -> float:
        """When the last worker began its first evaluation."""
        return float(self.evaluations.groupby("worker")["began"].min().max())

    @property
    def end(self) -> float:
        """When the last evaluation ended."""
        return float(self.evaluations["ended"].max())

    def idle(self, until: float, since: float | None = None) -> float:
        """Compute the share of all workers' time in which they evaluated nothing.

        Args:
            until: the end of that time.
            since: its beginning; when all workers are up if ``None``.
        """
        since = self.all_up if since is None else since
        began, ended = (
            self.evaluations[name].clip(since, until) for name in ("began", "ended")
        )
        return 1 - float((ended - began).sum()) / (WORKERS * (until - since))


def search(
    kind: type[XNASSearch],
    run: Callable[..., Any] = landscape.sleep,
    evaluations: int = EVALUATIONS,
    **settings: Any,
) -> Course:
    """Search with all workers.

    Args:
        kind: the search.
        run: takes its time.
        evaluations: how many.
        **settings: of the search.

    Returns:
        Its course.
    """
    evaluator = create_evaluator(
        "process",
        run,
        num_workers=WORKERS,
        run_function_kwargs={"seed": SEED},
    )
    with tempfile.TemporaryDirectory() as name:
        try:
            made = kind(make_problem(), random_state=SEED, log_dir=name, **settings)
            rows = made.search(evaluator, max_evals=evaluations)
        finally:
            evaluator.close()
        started = RunFolder(name).started.read_text().splitlines()
    if rows is None or len(rows) != evaluations:
        raise RuntimeError(f"expected {evaluations} rows")
    times = pd.DataFrame(map(json.loads, rows["m:other"]))
    times["worker"] = rows["m:worker"].astype(int)
    if times["worker"].nunique() != WORKERS:
        raise RuntimeError(f"expected {WORKERS} workers at work")
    return Course(times, json.loads(started[-1])["time"])


def main() -> None:
    """Print both kinds of search side by side."""
    for name, kind in (("asynchronous", AsynchronousNSGAII), ("generational", NSGAII)):
        course = search(kind, population_size=POPULATION)
        times = course.evaluations
        last, end = course.last_handed_out, course.end
        print(
            f"{name}: {WORKERS} workers, {len(times)} evaluations of "
            f"{(times['ended'] - times['began']).mean():.2f} s on average; "
            f"idle {100 * course.idle(last):.1f} % of the {last - course.all_up:.1f} s "
            f"until the last was handed out, {100 * course.idle(end):.1f} % of the "
            f"{end - course.all_up:.1f} s until it had ended",
            flush=True,
        )
    course = search(MOBO, landscape.sleep_steadily, STEADY_EVALUATIONS)
    ends = course.evaluations["ended"].sort_values().to_numpy()
    # From when there is a model until evaluations take longer, and from then on.
    for first, last in ((50, 484), (516, STEADY_EVALUATIONS - WORKERS)):
        idle = course.idle(ends[last], ends[first])
        print(
            f"MOBO: {WORKERS} workers, evaluations of "
            f"{landscape.steady_seconds(first)} s: idle {100 * idle:.1f} % between "
            f"rows {first} and {last}",
            flush=True,
        )


if __name__ == "__main__":
    main()
