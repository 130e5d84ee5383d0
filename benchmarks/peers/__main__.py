"""The command; see the package's description."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from benchmarks import peers
from benchmarks.peers.comparison import CHECKPOINTS, CORNERS, Task, compare
from benchmarks.peers.picture import draw
from benchmarks.peers.roster import PEERS
from benchmarks.peers.table import markdown
from benchmarks.tabular.command import positive, run_command
from xnas.errors import UsageError

REFERENCE = (0.1, 0.0)
"""Accuracy of guessing among ten classes, and no introspectability."""


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print the tables, and write the picture and the rows behind it.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status.
    """
    return run_command(
        _compare,
        _parser().parse_args(argv),
        "peers",
        "the same command begins anew and writes over the searches that ended",
    )


def _compare(arguments: argparse.Namespace) -> int:
    if arguments.drawn_from:
        rows = in_order(map(_read, arguments.drawn_from))
    else:
        rows = _search(arguments)
    for corner in CORNERS:
        print(f"\nabove the {corner}:\n\n{markdown(rows, f'above_{corner}')}")
    if arguments.picture:
        draw(rows, f"above_{arguments.corner}", arguments.picture)
    return 0


def _search(arguments: argparse.Namespace) -> pd.DataFrame:
    tasks = [
        Task(
            search,
            seed,
            arguments.evaluations,
            arguments.run,
            tuple(arguments.reference),
        )
        for seed in range(arguments.seeds)
        for search in arguments.only
    ]
    found = []
    for number, rows in enumerate(compare(tasks, arguments.workers), start=1):
        found.append(rows)
        # After each, so that hours are not lost and can be looked at.
        in_order(found).to_csv(arguments.rows, index=False)
        print(f"\r{number} of {len(tasks)} searches", end="", file=sys.stderr)
    print(file=sys.stderr)
    return in_order(found)


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--from {path} cannot be read ({error}), expected a file of --rows"
        ) from error


def in_order(found: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join rows in an order that does not tell which process was the quickest."""
    place = {name: k for k, name in enumerate(PEERS)}
    return pd.concat(found, ignore_index=True).sort_values(
        ["search", "seed", "evaluations"],
        key=lambda column: column.map(place) if column.name == "search" else column,
        ignore_index=True,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers",
        description=peers.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--run", help="import path of a run function")
    parser.add_argument("--seeds", type=positive, default=20)
    parser.add_argument("--evaluations", type=positive, default=CHECKPOINTS[-1])
    parser.add_argument("--workers", type=positive, default=1, help="processes")
    parser.add_argument(
        "--reference", type=float, nargs=2, default=REFERENCE, help="worst values"
    )
    parser.add_argument(
        "--only", nargs="+", choices=PEERS, default=list(PEERS), help="searches"
    )
    parser.add_argument(
        "--corner", choices=CORNERS, default=CORNERS[0], help="that the picture shows"
    )
    parser.add_argument("--picture", type=Path, help="file to draw into")
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--rows", type=Path, help="file to write all shares into")
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
