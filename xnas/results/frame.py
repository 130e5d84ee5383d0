"""``results.csv`` as a data frame of numbers."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xnas.errors import UsageError
from xnas.results.evaluations import finite_number, outcome_of, whole_number
from xnas.results.table import Columns, read_rows

if TYPE_CHECKING:
    import pandas as pd

INTROSPECTABILITY = "introspectability"

_NUMBERS = (
    "n_parameters",
    "training_time",
    "xai_time",
    "timestamp_start",
    "timestamp_end",
)
_WHOLE = ("generation", "n_parameters", "worker")


def read_records(path: Path, objectives: Sequence[str]) -> list[dict[str, Any]]:
    """Read a table, finished or growing, in order of id.

    Args:
        path: the CSV file; need not exist.
        objectives: names of what the search maximises.

    Returns:
        One dictionary a row, with the columns of :func:`evaluations_frame`.

    Raises:
        UsageError: the file cannot be read, or a row does not say which network it is.
    """
    try:
        rows = read_rows(path)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    records: dict[int, dict[str, Any]] = {}
    for number, row in enumerate(rows, start=1):
        record = _record(row, objectives, f"{path}: row {number}")
        if record["id"] in records:
            raise UsageError(
                f"{path}: row {number} has m:id {record['id']}, which an earlier row "
                "has too, expected one row an evaluation"
            )
        records[record["id"]] = record
    return [records[id_] for id_ in sorted(records)]


def _record(
    row: Mapping[str, str | None], objectives: Sequence[str], place: str
) -> dict[str, Any]:
    columns = Columns((), len(objectives)).objectives
    values, reason = outcome_of([row.get(name) for name in columns])
    id_ = whole_number(row.get("m:id"))
    if id_ is None:
        raise UsageError(
            f"{place} has m:id {row.get('m:id')!r}, expected a whole number"
        )
    missing = [float("nan")] * len(objectives)
    record = {
        "id": id_,
        "generation": whole_number(row.get("m:generation")),
        "parent_ids": _numbers(row, "m:parent_ids", place),
        "arch_seq": _numbers(row, "m:arch_seq", place),
        **dict(zip(objectives, values or missing, strict=True)),
        "reason": reason,
        **{name: finite_number(row.get(f"m:{name}")) for name in _NUMBERS},
        "host": row.get("m:host") or None,
        "worker": whole_number(row.get("m:worker")),
    }
    if INTROSPECTABILITY not in objectives:
        record[INTROSPECTABILITY] = _recorded(row) if values else None
    return record


def _recorded(row: Mapping[str, str | None]) -> float | None:
    """Read a score that no search looked at; −inf is one."""
    try:
        return float(row.get(f"m:{INTROSPECTABILITY}") or "")
    except ValueError:
        return None


def _numbers(row: Mapping[str, str | None], column: str, place: str) -> tuple[int, ...]:
    text = row.get(column) or "[]"
    try:
        return tuple(int(number) for number in json.loads(text))
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"{place} has {column} {text[:40]!r}, expected a list of whole numbers"
        ) from error


def evaluations_frame(
    records: Sequence[Mapping[str, Any]], objectives: Sequence[str], efficient: Any
) -> "pd.DataFrame":
    """Put records into a data frame.

    Args:
        records: of :func:`read_records`.
        objectives: names of what the search maximises.
        efficient: (records,) bool, whether no other record dominates.

    Returns:
        One row an evaluation, in order of ``id``.
    """
    import pandas as pd

    columns = ["id", "generation", "parent_ids", "arch_seq", *objectives, "reason"]
    columns += [*_NUMBERS, "host", "worker"]
    if any(record.get(INTROSPECTABILITY) is not None for record in records):
        columns.insert(4 + len(objectives), INTROSPECTABILITY)
    frame = pd.DataFrame(records, columns=list(dict.fromkeys(columns)))
    floats = [*objectives, INTROSPECTABILITY, *_NUMBERS]
    types: dict[str, Any] = {name: np.float64 for name in floats if name in frame}
    frame = frame.astype({"id": np.int64, **types})
    frame = frame.astype({name: "Int64" for name in _WHOLE})
    return frame.assign(pareto_efficient=np.asarray(efficient, dtype=np.bool_))
