"""``results.csv``: fixed columns, one durable append a batch of rows."""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from xnas.errors import UsageError
from xnas.results.folder import append_whole, replace_file

Row = dict[str, Any]
"""Column name to value."""

METADATA = (
    "id",
    "arch_seq",
    "generation",
    "parent_ids",
    "n_parameters",
    "introspectability",
    "training_time",
    "xai_time",
    "timestamp_submit",
    "timestamp_gather",
    "timestamp_start",
    "timestamp_end",
    "host",
    "worker",
)
"""Metadata with a column of its own; whatever else a run function returns goes
into the column ``m:other`` as one JSON object."""


@dataclass(frozen=True)
class Columns:
    """The columns of one run's table.

    Args:
        variables: names of the variable nodes.
        n_objectives: how many objectives the search maximises.
    """

    variables: tuple[str, ...]
    n_objectives: int

    @property
    def objectives(self) -> list[str]:
        """Column names of the objectives, as DeepHyper names them."""
        if self.n_objectives == 1:
            return ["objective"]
        return [f"objective_{i}" for i in range(self.n_objectives)]

    @property
    def header(self) -> list[str]:
        """All column names, in order."""
        return [
            *(f"p:{name}" for name in self.variables),
            *self.objectives,
            "job_id",
            "job_status",
            "pareto_efficient",
            *(f"m:{name}" for name in METADATA),
            "m:other",
        ]

    def row(
        self,
        genotype: Sequence[int],
        objective: Any,
        job_id: int,
        job_status: str,
        metadata: Mapping[str, Any],
    ) -> Row:
        """Put one evaluation into the table's form.

        Args:
            genotype: one choice a variable node.
            objective: a number, a sequence of numbers, or ``"F_<reason>"``.
            job_id: DeepHyper's number of the job.
            job_status: DeepHyper's name of the status.
            metadata: what the run function, evaluator and search say of it.

        Returns:
            Column name to value; ``pareto_efficient`` is empty until the end.
        """
        values = (
            list(objective)
            if isinstance(objective, (tuple, list))
            else [objective] * self.n_objectives
        )
        other = {key: value for key, value in metadata.items() if key not in METADATA}
        return {
            **{
                f"p:{name}": choice
                for name, choice in zip(self.variables, genotype, strict=True)
            },
            **dict(zip(self.objectives, values, strict=True)),
            "job_id": job_id,
            "job_status": job_status,
            "pareto_efficient": "",
            **{f"m:{name}": metadata.get(name) for name in METADATA},
            "m:other": json.dumps(other, default=str) if other else "",
        }


def _csv_bytes(header: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    csv.DictWriter(text, header, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _header_bytes(header: Sequence[str]) -> bytes:
    return (",".join(header) + "\n").encode()


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
            self._write(_header_bytes(columns.header))

    def append(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows that finished together, with one fsync for all of them.

        Args:
            rows: what :meth:`Columns.row` returned.

        Raises:
            OSError: they could not be written; none of them is in the file then.
        """
        if rows:
            self._write(_csv_bytes(self.columns.header, rows))

    def _write(self, content: bytes) -> None:
        append_whole(self._stream, content)
        os.fsync(self._stream.fileno())

    def finish(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Replace the file at once by its final state and close it.

        Args:
            rows: every row, ``pareto_efficient`` filled in.
        """
        header = self.columns.header
        replace_file(self.path, _header_bytes(header) + _csv_bytes(header, rows))
        self.close()

    def close(self) -> None:
        """Close the file; nothing is pending, every append was durable."""
        self._stream.close()

    def __enter__(self) -> "ResultsTable":
        """Use the table as a context."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()


def mended_rows(path: Path, columns: Columns) -> list[Row]:
    """Read the table of a run that ended in whatever way, and mend its end.

    A line that a kill cut short was never reported as done: it is taken out of the
    file, so that the next row starts a line of its own.

    Args:
        path: the CSV file; need not exist.
        columns: the table's columns.

    Returns:
        The rows, as they were written.

    Raises:
        UsageError: the file is another table, or something has damaged it.
    """
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    lines = list(csv.reader(io.StringIO(whole.decode(errors="replace"))))
    if lines and lines[0] != columns.header:
        raise UsageError(
            f"{path} has the columns {','.join(lines[0])[:60]!r}..., expected those of "
            "this search"
        )
    for number, line in enumerate(lines):
        if len(line) != len(columns.header):
            raise UsageError(
                f"{path}: row {number} has {len(line)} fields, expected "
                f"{len(columns.header)}; something else than this tool changed it"
            )
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return [dict(zip(columns.header, line, strict=True)) for line in lines[1:]]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read the rows of a ``results.csv``, finished or growing.

    Args:
        path: the CSV file.

    Returns:
        One dictionary of strings a row. A last line that a kill cut short, which
        was never reported as done, is left out.
    """
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1].decode()
    return list(csv.DictReader(io.StringIO(whole)))
