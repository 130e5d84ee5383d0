"""The command; see the package's description."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import peers
from benchmarks.peers.comparison import CORNERS, EVALUATIONS, Task, compare
from benchmarks.peers.picture import draw
from benchmarks.peers.roster import PEERS, installed
from benchmarks.peers.rows import append, in_order, read, take_up
from benchmarks.peers.table import markdown
from benchmarks.peers.tasks import LANDSCAPES, TASKS
from benchmarks.tabular.command import positive, run_command
from xnas.errors import UsageError


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print the tables, and write the picture and the rows behind it.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status.
    """
    return run_command(_compare, _parser().parse_args(argv), "peers")


def _compare(arguments: argparse.Namespace) -> int:
    if arguments.rows:
        _search(arguments)
    rows = in_order(map(read, arguments.drawn_from or [arguments.rows]))
    for (task, in_flight), of_task in rows.groupby(["task", "in_flight"], sort=False):
        words = "" if in_flight == 1 else f", {in_flight} in flight"
        for corner in CORNERS:
            table = markdown(of_task, f"above_{corner}")
            print(f"\n{task}{words}, above the {corner}:\n\n{table}")
    if arguments.picture:
        first = rows[["task", "in_flight"]].iloc[0]
        drawn = rows[(rows[["task", "in_flight"]] == first).all(axis=1)]
        draw(drawn, f"above_{arguments.corner}", arguments.picture)
    return 0


def _search(arguments: argparse.Namespace) -> None:
    tasks = take_up(arguments.rows, _tasks(arguments))
    for number, rows in enumerate(compare(tasks, arguments.workers), start=1):
        append(arguments.rows, rows)
        print(f"\r{number} of {len(tasks)} searches", end="", file=sys.stderr)
    if tasks:
        print(file=sys.stderr)
    in_order([read(arguments.rows)]).to_csv(arguments.rows, index=False)


def _tasks(arguments: argparse.Namespace) -> list[Task]:
    """Name all searches, seed by seed."""
    known = installed()
    if arguments.in_flight > 1:
        known = [name for name in known if name.startswith("XNAS")]
    elif not arguments.only and len(known) < len(PEERS):
        missing = ", ".join(name for name in PEERS if name not in known)
        print(f"not installed and left out: {missing}")
    names = arguments.only or known
    for name in names:
        if name not in known:
            raise UsageError(
                f"--only names {name}, expected one of {', '.join(known)}; the others "
                "need benchmarks/peers/requirements.txt, and one in flight"
            )
    return [
        Task(
            arguments.run or arguments.task,
            name,
            seed,
            _evaluations(name, arguments),
            arguments.in_flight,
            arguments.reference and tuple(arguments.reference),
        )
        for seed in range(arguments.seeds)
        for name in names
    ]


def _evaluations(name: str, arguments: argparse.Namespace) -> int:
    """Return how many a search makes; of many in flight, as many as it is asked for."""
    most = PEERS[name].most if arguments.in_flight == 1 else None
    return min(arguments.evaluations, most or arguments.evaluations)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers",
        description=peers.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    searched = parser.add_mutually_exclusive_group()
    searched.add_argument(
        "--task", choices=TASKS, default=LANDSCAPES, help="what is searched for"
    )
    searched.add_argument("--run", help="import path of a run function")
    parser.add_argument("--seeds", type=positive, default=20)
    parser.add_argument("--evaluations", type=positive, default=EVALUATIONS)
    parser.add_argument("--workers", type=positive, default=1, help="processes")
    parser.add_argument(
        "--in-flight",
        type=positive,
        default=1,
        help="evaluations under way at a time, of uneven durations",
    )
    parser.add_argument(
        "--reference", type=float, nargs="+", metavar="WORST", help="worst values"
    )
    parser.add_argument("--only", nargs="+", choices=PEERS, help="searches")
    parser.add_argument(
        "--corner", choices=CORNERS, default=CORNERS[0], help="that the picture shows"
    )
    parser.add_argument("--picture", type=Path, help="file to draw into")
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--rows", type=Path, help="file of all shares; carried on")
    given.add_argument(
        "--from",
        dest="drawn_from",
        type=Path,
        nargs="+",
        help="such files, to run nothing",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
