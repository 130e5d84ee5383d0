"""Progress of a long piece of work, as lines."""

import time
from collections import deque
from collections.abc import Callable

from xnas.nas_deephyper.cell_table import TableRow
from xnas.results.durations import duration

SECONDS_BETWEEN_LINES = 30.0

RECENT = 200
"""Rows that the speed is taken from: the first of a worker are slower than the rest."""


class Progress:
    """Counts rows and tells how many are left.

    Args:
        name: of the work.
        total: how many rows it is.
        tell: prints a line.
    """

    def __init__(self, name: str, total: int, tell: Callable[..., object]) -> None:
        self._name = name
        self._total = total
        self._tell = tell
        self._done = 0
        self._failed = 0
        self._told = time.monotonic()
        self._times = deque([self._told], maxlen=RECENT)
        tell(f"{name}: {total:,} to train", flush=True)

    def count(self, row: TableRow) -> None:
        """Count a row; now and then a line is printed."""
        now = time.monotonic()
        self._times.append(now)
        self._done += 1
        self._failed += bool(row.failure)
        if now - self._told >= SECONDS_BETWEEN_LINES or self._done == self._total:
            self._told = now
            self._tell(self._line(), flush=True)

    def _line(self) -> str:
        seconds = max(self._times[-1] - self._times[0], 1e-9) / (len(self._times) - 1)
        left = duration(seconds * (self._total - self._done))
        failed = f", {self._failed:,} failed" if self._failed else ""
        return (
            f"{self._name}: {self._done:,} of {self._total:,}{failed}, "
            f"{60 / seconds:.1f} a minute, about {left} left"
        )
