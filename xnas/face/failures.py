"""Ends a search in which nothing succeeds."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from xnas.errors import OnlyFailuresError
from xnas.face.progress import Progress
from xnas.records import Evaluation
from xnas.results import RunFolder

SHOWN = 300
"""Characters of the last line of a log."""


class FailureLimit:
    """Counts evaluations through progress, and raises where all of them fail.

    Args:
        progress: is told of evaluations first.
        most: how many may fail before the first success, ``None`` for any number.
            Those of earlier sessions of a run do not count, its successes do.
        folder: of the run, where failures left logs.
    """

    def __init__(self, progress: Progress, most: int | None, folder: RunFolder) -> None:
        self._progress = progress
        self._most = most
        self._folder = folder
        self._reasons: Counter[str] = Counter()

    def __call__(self, evaluated: Sequence[Evaluation]) -> None:
        """Take evaluations whose rows are on the disk.

        Raises:
            OnlyFailuresError: none of so many succeeded.
        """
        self._progress(evaluated)
        self._reasons.update(one.failure for one in evaluated if one.failure)
        count = self._reasons.total()
        all_failed = self._progress.done == self._progress.failed
        if self._most is not None and all_failed and count >= self._most:
            each = ", ".join(f"{n} {reason}" for reason, n in self._reasons.items())
            raise OnlyFailuresError(
                f"none of {count} evaluations succeeded ({each}{self._said(evaluated)})"
                ", expected one: mend what fails, or allow more with --max-failures N "
                "or none"
            )

    def _said(self, evaluated: Sequence[Evaluation]) -> str:
        """Quote what the last failure ended with."""
        log = self._folder.logs / f"{evaluated[-1].id}.log"
        with suppress(OSError):
            lines = log.read_text(errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "")
            if last:
                return f"; {log} ends with: {last.strip()[:SHOWN]}"
        return ""
