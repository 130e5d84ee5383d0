"""Train the cells of the table; however it ends, the same command carries it on.

Run as ``python -m benchmarks.tabular.make``. What failed is tried again by the next
call. ``python -m benchmarks.tabular.finish`` then writes the table.
"""

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import get_args

from benchmarks.tabular.cells import cells_of, next_jobs
from benchmarks.tabular.command import positive, run_command
from benchmarks.tabular.crew import Crew
from benchmarks.tabular.progress import Progress
from benchmarks.tabular.settings import TableSettings
from benchmarks.tabular.under_way import TableUnderWay, by_job
from xnas.errors import UsageError
from xnas.evaluation.settings import Trainer
from xnas.nas_deephyper.cell_table import TableRow

FOLDER = Path("results/tabular/digits")

HOPELESS = 5
"""When as many evaluations fail before one succeeds, something else is wrong."""


def main(argv: Sequence[str] | None = None) -> int:
    """Train what is missing.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status: 0 done, 2 wrong usage, 130 interrupted.
    """
    return run_command(_make, _parser().parse_args(argv))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular.make", description=__doc__
    )
    defaults = TableSettings()
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the rows")
    parser.add_argument("--workers", type=positive, default=os.cpu_count() or 1)
    parser.add_argument(
        "--trainer", choices=get_args(Trainer), default=defaults.trainer
    )
    trial = parser.add_argument_group("to try it out, on a table of its own")
    trial.add_argument("--cells", type=positive, help="as many, spread over the space")
    trial.add_argument("--epochs", type=positive, help="of a training")
    trial.add_argument("--seeds", type=positive, default=len(defaults.run_seeds))
    trial.add_argument("--repeated", type=positive, help="cells, at least")
    return parser


def _settings(arguments: argparse.Namespace) -> TableSettings:
    epochs = arguments.epochs
    replaced = {} if epochs is None else {"num_epochs": epochs}
    defaults = TableSettings()
    return TableSettings(
        trainer=arguments.trainer,
        hyperparameters=replaced,
        run_seeds=tuple(range(arguments.seeds)),
        n_cells=arguments.cells,
        n_noise_cells=arguments.repeated or defaults.n_noise_cells,
        n_near_front=arguments.repeated or defaults.n_near_front,
    )


def _make(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    with (
        TableUnderWay(arguments.folder, settings) as table,
        Crew(settings, arguments.workers, table.logs) as crew,
    ):
        failed = _train_all(settings, table, crew, print)
    if failed:
        print(f"{failed} evaluation(s) failed, see {table.logs}; repeat to try again")
    print("All is trained; python -m benchmarks.tabular.finish writes the table.")
    return 0


def _train_all(
    settings: TableSettings,
    table: TableUnderWay,
    crew: Crew,
    tell: Callable[..., object],
) -> int:
    """Train until nothing is missing; return how many evaluations failed."""
    cells = cells_of(settings)
    done = by_job(table.rows, failed=False)
    while True:
        name, jobs = next_jobs(cells, settings, done)
        if not jobs:
            return sum(bool(row.failure) for row in done.values())
        progress = Progress(name, len(jobs), tell)
        for row in crew.rows(jobs):
            table.append(row)
            done[row.genotype, row.run_seed] = row
            progress.count(row)
            _stop_if_hopeless(done.values(), table.logs)


def _stop_if_hopeless(rows: Collection[TableRow], logs: Path) -> None:
    if len(rows) == HOPELESS and all(row.failure for row in rows):
        reasons = ", ".join(sorted({row.failure for row in rows}))
        raise UsageError(
            f"the first {HOPELESS} evaluations all failed ({reasons}), expected rows; "
            f"{logs} says why"
        )


if __name__ == "__main__":
    sys.exit(main())
