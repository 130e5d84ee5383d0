"""The command; see the package's description."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.paper.page import refreshed
from benchmarks.paper.rows import gather, read, write
from benchmarks.paper.store import cells, complete, remaining
from benchmarks.paper.tasks import EVALUATIONS, LOADERS, SEEDS
from benchmarks.tabular.command import positive, run_command
from xnas.workers.supervisor import thread_environment


def main(argv: Sequence[str] | None = None) -> int:
    """Search what is missing, or write what is there.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status.
    """
    return run_command(_carry_out, _parser().parse_args(argv), "paper")


def _carry_out(arguments: argparse.Namespace) -> int:
    wanted = cells(
        arguments.store, arguments.tasks, arguments.seeds, arguments.evaluations
    )

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    if arguments.hours:
        minutes = next((left for _, left in remaining(wanted)), 0.0)
        print(f"{minutes / 60:.1f} h left")
        return 0
    if arguments.docs:
        page, table = arguments.docs / "paper.md", arguments.docs / "paper.csv"
        write(gather(wanted), table)
        page.write_text(refreshed(page.read_text(), read(table), arguments.seeds))
        return 0
    os.environ.update(thread_environment(1))
    complete(wanted, say)
    say("All done; --docs docs writes the tables.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="paper", description="make the paper's tables again"
    )
    parser.add_argument(
        "--store", type=Path, default=Path("results/paper"), metavar="FOLDER"
    )
    parser.add_argument("--tasks", nargs="+", choices=LOADERS, default=list(LOADERS))
    parser.add_argument("--seeds", type=positive, default=SEEDS, metavar="N")
    parser.add_argument(
        "--evaluations", type=positive, default=EVALUATIONS, metavar="N"
    )
    parser.add_argument("--hours", action="store_true", help="only say how long")
    parser.add_argument("--docs", type=Path, metavar="FOLDER", help="write the page")
    return parser


if __name__ == "__main__":
    sys.exit(main())
