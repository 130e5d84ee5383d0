"""Write the table that ships with XNAS, and its data card.

Run as ``python -m benchmarks.tabular.finish`` once ``benchmarks.tabular.make`` is done.
Equal rows give equal files, to the byte.
"""

import argparse
import gzip
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.tabular.card import card
from benchmarks.tabular.cells import cells_of, next_jobs
from benchmarks.tabular.command import run_command
from benchmarks.tabular.make import FOLDER
from benchmarks.tabular.settings import TableSettings, read_settings
from benchmarks.tabular.under_way import FILE, by_job, whole_rows
from xnas.errors import UsageError
from xnas.nas_deephyper.cell_table import (
    COLUMNS,
    ROWS,
    SETTINGS,
    CellTable,
    TableRow,
    text_of_rows,
)
from xnas.nas_deephyper.tabular import SHIPPED
from xnas.results import write_json
from xnas.results.folder import replace_file

CARD = Path(__file__).with_name("README.md")


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table and its card.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status: 0 done, 2 if evaluations are missing.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular.finish", description=__doc__
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the rows")
    parser.add_argument("--output", type=Path, default=SHIPPED, help="of the table")
    parser.add_argument("--card", type=Path, default=CARD)
    return run_command(_finish, parser.parse_args(argv))


def _finish(arguments: argparse.Namespace) -> int:
    folder, output = arguments.folder, arguments.output
    description = read_settings(folder)
    rows = complete_rows(folder, TableSettings.from_json(description))
    output.mkdir(parents=True, exist_ok=True)
    replace_file(output / ROWS, compressed(rows))
    write_json(output / SETTINGS, description)
    table = CellTable.read(output)
    size = (output / ROWS).stat().st_size
    replace_file(arguments.card, card(table, size).encode())
    print(f"{len(rows):,} rows, {size:,} bytes: {output / ROWS}, {arguments.card}")
    return 0


def complete_rows(folder: Path, settings: TableSettings) -> list[TableRow]:
    """Read the rows of a table that is done.

    Args:
        folder: that of ``benchmarks.tabular.make``.
        settings: the table's.

    Returns:
        One row for each cell and seed, sorted by both.

    Raises:
        UsageError: some are missing.
    """
    done = by_job(whole_rows(folder / FILE))
    name, missing = next_jobs(cells_of(settings), settings, done)
    if missing:
        raise UsageError(
            f"{folder} lacks {len(missing):,} evaluation(s) ({name}), expected all; "
            "python -m benchmarks.tabular.make carries on"
        )
    return [done[job] for job in sorted(done)]


def compressed(rows: Sequence[TableRow]) -> bytes:
    """Return the bytes of the table's file, the same for the same rows."""
    text = ",".join(COLUMNS) + "\n" + text_of_rows(rows)
    # Without the time, which would make every file another.
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


if __name__ == "__main__":
    sys.exit(main())
