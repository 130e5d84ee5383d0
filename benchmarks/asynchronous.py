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
from dataclasses import dataclass

import pandas as pd

from benchmarks import landscape
from benchmarks.bookkeeping import make_problem
from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.nsga_ii import NSGAII, AsynchronousNSGAII
from xnas.nas_deephyper.search import XNASSearch
from xnas.results import RunFolder

WORKERS = 16
POPULATION = 64
EVALUATIONS = 640
SEED = 0


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

    def idle(self, until: float) -> float:
        """Compute the share of all workers' time in which they evaluated nothing.

        Args:
            until: the end of that time, which begins when all workers are up.
        """
        began, ended = (
            self.evaluations[name].clip(self.all_up, until)
            for name in ("began", "ended")
        )
        return 1 - float((ended - began).sum()) / (WORKERS * (until - self.all_up))


def search(kind: type[XNASSearch]) -> Course:
    """Search with all workers.

    Args:
        kind: the search.

    Returns:
        Its course.
    """
    evaluator = create_evaluator(
        "process",
        landscape.sleep,
        num_workers=WORKERS,
        run_function_kwargs={"seed": SEED},
    )
    with tempfile.TemporaryDirectory() as name:
        try:
            made = kind(
                make_problem(),
                random_state=SEED,
                log_dir=name,
                population_size=POPULATION,
            )
            rows = made.search(evaluator, max_evals=EVALUATIONS)
        finally:
            evaluator.close()
        started = RunFolder(name).started.read_text().splitlines()
    if rows is None or len(rows) != EVALUATIONS:
        raise RuntimeError(f"expected {EVALUATIONS} rows")
    evaluations = pd.DataFrame(map(json.loads, rows["m:other"]))
    evaluations["worker"] = rows["m:worker"].astype(int)
    if evaluations["worker"].nunique() != WORKERS:
        raise RuntimeError(f"expected {WORKERS} workers at work")
    return Course(evaluations, json.loads(started[-1])["time"])


def main() -> None:
    """Print both kinds of search side by side."""
    for name, kind in (("asynchronous", AsynchronousNSGAII), ("generational", NSGAII)):
        course = search(kind)
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


if __name__ == "__main__":
    main()
