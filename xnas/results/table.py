"""``results.csv``: the one writer and the one reader of its rows.

One durable append a batch of rows. Which columns there are is decided when the file is
made and read from its header after that; what has no column goes into ``m:other``.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isnan
from pathlib import Path
from typing import Any

from xnas.errors import UsageError
from xnas.records import RESERVED, Evaluation, Times, is_failure
from xnas.results.folder import append_whole, replace_file, sync_folder

METADATA = ("n_parameters", "introspectability", "training_time", "xai_time")
"""Metadata of a run function with a column of their own in every table."""

OTHER = "m:other"
"""Column of all other metadata, as one JSON object."""

_TIMES = {
    "m:timestamp_submit": "submitted",
    "m:timestamp_gather": "gathered",
    "m:timestamp_start": "started",
    "m:timestamp_end": "ended",
}
_RECORD = (
    "m:id",
    "m:arch_seq",
    "m:generation",
    "m:parent_ids",
    "m:replicate",
    *_TIMES,
    "m:host",
    "m:worker",
)
"""Columns of what the search and the evaluator know of an evaluation."""


@dataclass(frozen=True)
class Columns:
    """The columns of a table.

    Args:
        header: their names, in order.
    """

    header: tuple[str, ...]

    @classmethod
    def of_run(
        cls,
        variables: Sequence[str],
        n_objectives: int,
        recorded: Sequence[str] = (),
    ) -> "Columns":
        """Choose the columns of a new table.

        Args:
            variables: names of the variable nodes.
            n_objectives: how many objectives the search maximises.
            recorded: metadata with a column beside :data:`METADATA`.
        """
        objectives = [f"objective_{i}" for i in range(n_objectives)]
        names = dict.fromkeys([*METADATA, *recorded])
        own = [f"m:{name}" for name in names if name not in RESERVED]
        return cls(
            (
                *(f"p:{name}" for name in variables),
                *(objectives if n_objectives > 1 else ["objective"]),
                *("job_id", "job_status", "pareto_efficient"),
                *_RECORD[:5],
                *own,
                *_RECORD[5:],
                OTHER,
            )
        )

    @cached_property
    def objectives(self) -> list[str]:
        """Names of the columns of objectives, as DeepHyper names them."""
        return [name for name in self.header if name.startswith("objective")]

    @cached_property
    def variables(self) -> list[str]:
        """Names of the columns of choices."""
        return [name for name in self.header if name.startswith("p:")]

    @cached_property
    def _own(self) -> dict[str, str]:
        """Metadata with a column of their own: name to column."""
        known = (*_RECORD, OTHER)
        columns = [name for name in self.header if name.startswith("m:")]
        return {name[2:]: name for name in columns if name not in known}

    def row(self, evaluation: Evaluation, efficient: bool | None = None) -> list[Any]:
        """Put an evaluation into the table's form.

        Args:
            evaluation: any.
            efficient: whether no other network dominates it, ``None`` before the end.

        Returns:
            One value a column.
        """
        names = self.objectives
        values: dict[str, Any] = {
            **dict(zip(self.variables, evaluation.genotype, strict=True)),
            **dict(zip(names, evaluation.objectives or (), strict=False)),
            "job_id": evaluation.id,
            "job_status": "DONE",
            "pareto_efficient": "" if efficient is None else efficient,
            "m:id": evaluation.id,
            "m:arch_seq": str(list(evaluation.genotype)),
            "m:generation": evaluation.generation,
            "m:parent_ids": str(list(evaluation.parent_ids)),
            "m:replicate": evaluation.replicate,
            "m:host": evaluation.host,
            "m:worker": evaluation.worker,
            **{
                name: getattr(evaluation.times, field) for name, field in _TIMES.items()
            },
        }
        if evaluation.failure is not None:
            values |= dict.fromkeys(names, evaluation.failure)
        other = {}
        for name, value in evaluation.metadata.items():
            if name in self._own:
                values[self._own[name]] = value
            else:
                other[name] = value
        if evaluation.replicate and "m:replicate" not in self.header:
            other["replicate"] = evaluation.replicate
        values[OTHER] = json.dumps(other) if other else ""
        return [values.get(name) for name in self.header]

    def evaluation(self, line: Sequence[str]) -> Evaluation:
        """Read a row.

        Args:
            line: one text a column.

        Raises:
            ValueError: it is none of this tool's.
        """
        row = dict(zip(self.header, line, strict=True))
        metadata = {
            name: _value(row[column])
            for name, column in self._own.items()
            if row[column]
        }
        if row.get(OTHER):
            metadata |= json.loads(row[OTHER])
        replicate = _whole(row.get("m:replicate"))
        if replicate is None:
            # Earlier versions have no column for it.
            replicate = int(metadata.pop("replicate", 0))
        texts = [row[name] for name in self.objectives]
        objectives: tuple[float, ...] = ()
        failure: str | None = texts[0]
        if not is_failure(failure):
            objectives = tuple(map(float, texts))
            failure = _unusable(objectives)
        return Evaluation(
            _id(row["m:id"]),
            _numbers(row, "m:arch_seq"),
            _numbers(row, "m:parent_ids"),
            _whole(row.get("m:generation")),
            replicate,
            objectives=None if failure else objectives,
            failure=failure,
            metadata=metadata,
            times=Times(
                **{name: _number(row.get(column)) for column, name in _TIMES.items()}
            ),
            host=row.get("m:host") or None,
            worker=_whole(row.get("m:worker")),
        )


def _unusable(objectives: Sequence[float]) -> str | None:
    """Return the failure that numbers stand for which no search writes."""
    if all(-inf <= value < inf for value in objectives):
        return None
    return "F_nan" if any(map(isnan, objectives)) else "F_exception"


def _numbers(row: dict[str, str], column: str) -> tuple[int, ...]:
    text = row.get(column) or "[]"
    try:
        if text[0] + text[-1] != "[]":
            raise ValueError
        return tuple(map(int, text[1:-1].split(","))) if len(text) > 2 else ()
    except ValueError:
        raise ValueError(
            f"{column} is {text[:40]!r}, expected a list of whole numbers"
        ) from None


def _id(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"m:id is {text[:40]!r}, expected a whole number")
    return int(text)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _value(text: str) -> int | float | str:
    """Read a number as it was written; a text stays one."""
    if text.isdecimal():
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text


def _csv_bytes(lines: Iterable[Sequence[Any]]) -> bytes:
    # With both ends of a line in its own, the writer quotes fields that hold either.
    end = "\r\n"
    written = []
    for line in lines:
        text = io.StringIO()
        csv.writer(text, lineterminator=end).writerow(line)
        written.append(text.getvalue().removesuffix(end) + "\n")
    return "".join(written).encode()


class ResultsTable:
    """Appends rows; each call returns once its rows are on the disk.

    Args:
        path: the CSV file; made with its header if it is not there.
        columns: the table's columns.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        self.path = path
        self.columns = columns
        # Unbuffered, so that one append is one write and a kill tears one row at most.
        self._stream = open(path, "ab", buffering=0)  # noqa: SIM115
        if not self._stream.tell():
            self._write([columns.header])
            sync_folder(path.parent)

    def append(self, evaluations: Sequence[Evaluation]) -> None:
        """Write evaluations that ended together, with one fsync for all of them.

        Args:
            evaluations: any number.

        Raises:
            OSError: they could not be written; none of them is in the file then.
        """
        if evaluations:
            self._write([self.columns.row(one) for one in evaluations])

    def _write(self, lines: Iterable[Sequence[Any]]) -> None:
        append_whole(self._stream, _csv_bytes(lines))
        os.fsync(self._stream.fileno())

    def finish(
        self, evaluations: Sequence[Evaluation], efficient: set[int]
    ) -> list[list[Any]]:
        """Replace the file at once by its final state and close it.

        Args:
            evaluations: all of them.
            efficient: ids of those that no other network dominates.

        Returns:
            Its rows, one value a column.
        """
        rows = [self.columns.row(one, one.id in efficient) for one in evaluations]
        replace_file(self.path, _csv_bytes([self.columns.header, *rows]))
        self.close()
        return rows

    def close(self) -> None:
        """Close the file; nothing is pending, every append was durable."""
        self._stream.close()


@dataclass(frozen=True)
class Table:
    """What a ``results.csv`` held when it was read.

    Args:
        columns: of the file; ``None`` if there is no header yet.
        evaluations: in the order of their rows.
        concluded: whether the search that wrote the last row came to its end in order.
    """

    columns: Columns | None
    evaluations: list[Evaluation]
    concluded: bool = False


def read_table(path: Path, *, mend: bool = False) -> Table:
    """Read a table, finished or growing.

    A last line that a kill cut short was never reported as done, and is left out.

    Args:
        path: the CSV file; need not exist.
        mend: whether to take such a line out of the file, so that the next row starts
            a line of its own; only for whoever holds the folder's lock.

    Raises:
        UsageError: the file cannot be read, or something has damaged it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Table(None, [])
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    whole = content[: content.rfind(b"\n") + 1]
    if mend and len(whole) < len(content):
        os.truncate(path, len(whole))
    try:
        lines = list(csv.reader(io.StringIO(whole.decode(), newline="")))
    except (ValueError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    if not lines:
        return Table(None, [])
    columns = Columns(tuple(lines[0]))
    if "m:id" not in columns.header or not columns.objectives:
        raise UsageError(
            f"{path} has the columns {','.join(lines[0])[:60]!r}..., expected those "
            "that a search of this tool writes"
        )
    evaluations = _evaluations(path, columns, lines[1:])
    flag = columns.header.index("pareto_efficient")
    concluded = bool(evaluations) and bool(lines[-1][flag])
    return Table(columns, evaluations, concluded)


def _evaluations(
    path: Path, columns: Columns, lines: Sequence[Sequence[str]]
) -> list[Evaluation]:
    found: dict[int, Evaluation] = {}
    for number, line in enumerate(lines, start=1):
        if len(line) != len(columns.header):
            raise UsageError(
                f"{path}: row {number} has {len(line)} fields, expected "
                f"{len(columns.header)}; something else than this tool changed it"
            )
        try:
            one = columns.evaluation(line)
        except (ValueError, TypeError) as error:
            raise UsageError(f"{path}: row {number} cannot be read: {error}") from error
        if one.id in found:
            raise UsageError(
                f"{path}: row {number} has m:id {one.id}, which an earlier row has "
                "too, expected one row an evaluation"
            )
        found[one.id] = one
    return list(found.values())
