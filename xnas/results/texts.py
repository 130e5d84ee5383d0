"""Tables, paths and times as text."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write a table.

    Args:
        header: names of the columns.
        rows: one value a column.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def aligned(
    rows: Sequence[Sequence[str]], *, to_the_right: range = range(0)
) -> Iterator[str]:
    """Write a table for a terminal, whose columns are as wide as their widest cell.

    Args:
        rows: one text a column.
        to_the_right: columns that are aligned so, as numbers are.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if i in to_the_right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def short_path(path: str | Path) -> str:
    """Return a path relative to the current folder if it lies below."""
    found, here = Path(path), Path.cwd()
    return str(found.relative_to(here)) if found.is_relative_to(here) else str(path)


def moment(time: float) -> str:
    """Write a Unix time as date and time of day, here."""
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S")
