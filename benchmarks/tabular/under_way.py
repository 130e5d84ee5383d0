"""The rows of a table under way: each is on the disk before the next is asked for."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from benchmarks.tabular.cells import Job
from benchmarks.tabular.settings import TableSettings, begin
from xnas.errors import UsageError
from xnas.nas_deephyper.cell_table import (
    COLUMNS,
    TableRow,
    rows_of_text,
    text_of_rows,
)
from xnas.results.folder import append_whole

FILE = "rows.csv"


class TableUnderWay:
    """Holds the folder of a table that is being made, for one process at a time.

    Args:
        folder: made if it is not there.
        settings: what the table is made with.

    Attributes:
        logs: folder for what failed evaluations print.

    Raises:
        UsageError: another process holds it, it was begun with other settings, or
            something has damaged it.
    """

    def __init__(self, folder: Path, settings: TableSettings) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(str(folder / ".lock"))
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise UsageError(f"another process makes the table in {folder}") from None
        try:
            begin(folder, settings)
            path = folder / FILE
            self.rows = _mended_rows(path)
            # Unbuffered: one append is one write, of which a kill tears one line.
            self._stream = open(path, "ab", buffering=0)  # noqa: SIM115
        except BaseException:
            self._lock.release()
            raise
        if not self._stream.tell():
            self._write((",".join(COLUMNS) + "\n").encode())

    def append(self, row: TableRow) -> None:
        """Write a row; it is on the disk when this returns."""
        self._write(text_of_rows([row]).encode())
        self.rows.append(row)

    def _write(self, content: bytes) -> None:
        append_whole(self._stream, content)
        os.fsync(self._stream.fileno())

    def __enter__(self) -> "TableUnderWay":
        """Use it as a context."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file and let another process have the folder."""
        self._stream.close()
        self._lock.release()


def whole_rows(path: Path) -> list[TableRow]:
    """Read the rows that are whole; changes nothing.

    Args:
        path: the file; need not exist.

    Raises:
        UsageError: something else than a kill has damaged it.
    """
    whole = _whole_lines(path)
    return rows_of_text(whole.decode(errors="replace"), path) if whole else []


def _mended_rows(path: Path) -> list[TableRow]:
    """Read rows, and take a line out of the file that a kill cut short."""
    rows = whole_rows(path)
    if path.exists():
        os.truncate(path, len(_whole_lines(path)))
    return rows


def _whole_lines(path: Path) -> bytes:
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def by_job(rows: Sequence[TableRow], *, failed: bool = True) -> dict[Job, TableRow]:
    """Return rows by cell and run seed; of several the last one counts.

    Args:
        rows: in the order of writing.
        failed: whether to keep those that failed.
    """
    found = {(row.genotype, row.run_seed): row for row in rows}
    return {job: row for job, row in found.items() if failed or not row.failure}
