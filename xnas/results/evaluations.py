"""The rows of ``results.csv`` as numbers, and the record of what was started."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan
from pathlib import Path

from xnas.errors import UsageError
from xnas.results.table import Columns, read_rows

UNREADABLE = "unreadable"
"""Stands for the reason of a failure where a row does not tell."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One evaluation that has a row.

    Args:
        id: its number, ``None`` if the row does not tell.
        objectives: all maximised, −inf among them; ``None`` if it failed.
        reason: ``F_<reason>`` if it failed.
        host: where it ran.
        start: Unix time in seconds, by the clock of its host.
        end: the same.
        concluded: whether the search that wrote the row came to its end in order.
    """

    id: int | None
    objectives: tuple[float, ...] | None
    reason: str | None
    host: str | None
    start: float | None
    end: float | None
    concluded: bool


def read_ended(path: Path, n_objectives: int) -> list[Ended]:
    """Read what has ended, in a table that is finished or growing.

    Args:
        path: the CSV file; need not exist.
        n_objectives: how many objectives the search maximises.

    Raises:
        UsageError: the file cannot be read.
    """
    columns = Columns((), n_objectives).objectives
    try:
        return [_ended(row, columns) for row in read_rows(path)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _ended(row: Mapping[str, str | None], columns: Sequence[str]) -> Ended:
    objectives, reason = outcome_of([row.get(name) for name in columns])
    return Ended(
        id=whole_number(row.get("m:id")),
        objectives=objectives,
        reason=reason,
        host=row.get("m:host") or None,
        start=finite_number(row.get("m:timestamp_start")),
        end=finite_number(row.get("m:timestamp_end")),
        concluded=bool(row.get("pareto_efficient")),
    )


def outcome_of(
    values: Sequence[str | None],
) -> tuple[tuple[float, ...] | None, str | None]:
    """Read objectives or the reason of a failure; the other one is ``None``.

    Args:
        values: what a row has in the columns of the objectives.
    """
    try:
        numbers = tuple(float(value or "") for value in values)
    except ValueError:
        first = values[0] or ""
        return None, first if first.startswith("F_") else UNREADABLE
    if any(isnan(number) or number == inf for number in numbers):
        return None, "F_nan"
    return numbers, None


def whole_number(text: str | None) -> int | None:
    """Read a whole number, 0 or more; ``None`` for anything else."""
    return int(text) if text and text.isdecimal() else None


def finite_number(text: str | None) -> float | None:
    """Read a finite number; ``None`` for anything else."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) else None


def read_started(path: Path) -> set[int]:
    """Read the ids of all evaluations that were handed out.

    Args:
        path: the file ``started.jsonl``; need not exist. A line that a kill cut short
            is left out.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return set()
    ids = set()
    for line in lines:
        try:
            ids.add(int(json.loads(line)["id"]))
        except (ValueError, TypeError, KeyError):
            continue
    return ids
