"""Runs of a folder of results, read again only where their files have changed."""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from xnas.errors import UsageError
from xnas.report.data import RunReport, describe_run
from xnas.results import Run, RunFolder, load
from xnas.results.latest import started_at
from xnas.results.summary import Summary

MOST_REPORTS = 8
"""Runs whose whole reports are held, those looked at last."""

QUICK = 1.5
"""Seconds that describing all of a run may take at every row."""

REST = 20.0
"""Times that long, else, what takes longest stays as it is."""

Signature = tuple[tuple[int, int, int] | None, ...]


def signature(*paths: Path) -> Signature:
    """Tell files from what they were before, by inode, size and time of change.

    Args:
        paths: of the files, which need not exist.
    """
    return tuple(map(_signature, paths))


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def stays_within(folder: Path, root: Path) -> bool:
    """Whether a folder, and all links right in it, lead to what is below another.

    Args:
        folder: any.
        root: the other, without links in its path.
    """
    try:
        links = [Path(one) for one in os.scandir(folder) if one.is_symlink()]
        found = [path.resolve() for path in (folder, *links)]
    except (OSError, RuntimeError):  # the latter of links in a circle
        return False
    return all(path.is_relative_to(root) for path in found)


@dataclass
class _Known:
    """What was read of one run.

    Args:
        folder: of the run.
        began: when the run did.
        infos: which file that is of.
        run: what was read last.
        rows: which files that is of.
        report: what was described last.
        of: which files that is of.
        lags: whether what takes longest in it is older.
        ended: when it was described, in seconds.
        whole: when all of it was.
        seconds: how long that took.
    """

    folder: RunFolder
    began: datetime
    infos: Signature
    run: Run | None = None
    rows: Signature = ()
    report: RunReport | None = None
    of: Signature = ()
    lags: bool = False
    ended: float = 0.0
    whole: float = 0.0
    seconds: float = 0.0

    def is_due(self, now: float, summary: Summary) -> bool:
        """Whether all of the run is to be described again."""
        if self.report is None or self.seconds < QUICK or not summary.state.is_alive:
            return True
        return now - self.whole > REST * self.seconds


class Reader:
    """Reads the runs of a folder.

    Args:
        results: the folder; runs are two folders below it, one below, or it is one.
    """

    def __init__(self, results: Path) -> None:
        self.root = results.resolve()
        self._known: dict[str, _Known] = {}

    def runs(self) -> dict[str, RunFolder]:
        """Find all runs.

        Returns:
            By a key of letters and digits that stays the same as long as the run does
            not move; those that began last come first.
        """
        found = {_key(path, self.root): RunFolder(path) for path in self._folders()}
        for key in self._known.keys() - found.keys():
            del self._known[key]
        for key, folder in found.items():
            now = signature(folder.init_infos)
            if key not in self._known or self._known[key].infos != now:
                self._known[key] = _Known(folder, started_at(folder), now)
        began = {key: self._known[key].began for key in found}
        order = sorted(found, key=lambda key: (began[key], str(found[key].root)))
        return {key: found[key] for key in reversed(order)}

    def _folders(self) -> Iterator[Path]:
        for pattern in ("", "*", "*/*"):
            for path in self.root.glob(pattern) if pattern else [self.root]:
                if RunFolder(path).holds_run and stays_within(path, self.root):
                    yield path

    def name(self, key: str) -> str:
        """Name a run by its path below the folder.

        Args:
            key: of a run that :meth:`runs` found.
        """
        path = self._known[key].folder.root.relative_to(self.root)
        return str(path) if path.parts else self.root.name

    def summary(self, key: str) -> Summary:
        """Tell what a run has come to.

        Args:
            key: of a run that :meth:`runs` found.

        Raises:
            XNASError: its files cannot be read.
        """
        known = self._known[key]
        folder = known.folder
        rows = signature(folder.init_infos, folder.results, folder.estimates)
        if known.run is None or known.rows != rows:
            known.run, known.rows = load(folder.root), rows
        return known.run.summary()

    def report(self, key: str, summary: Summary) -> tuple[RunReport, Run]:
        """Describe a run.

        Where that takes long, what takes longest is of a while ago as long as the
        search goes on.

        Args:
            key: of the run.
            summary: of it, just read.

        Returns:
            What its page says, and what it says that of.

        Raises:
            XNASError: its files cannot be read, or a link leads elsewhere.
        """
        known = self._known[key]
        run = known.run or load(known.folder.root)
        begin = time.monotonic()
        is_due = known.is_due(begin, summary)
        if known.report is None or known.of != known.rows or (known.lags and is_due):
            grams = known.folder.root / "gram"
            if grams.exists() and not stays_within(grams, self.root):
                raise UsageError(f"{grams} links to what is outside {self.root}")
            before = None if is_due else known.report
            known.report = describe_run(run, summary=summary, before=before)
            known.of, known.lags = known.rows, before is not None
            known.ended = time.monotonic()
            if before is None:
                known.whole, known.seconds = known.ended, known.ended - begin
            self._forget()
        now = {name: getattr(summary, name) for name in ("time", "state", "running")}
        report = replace(known.report, summary=replace(known.report.summary, **now))
        return report, run

    def version(self, key: str, summary: Summary) -> str:
        """Name what :meth:`report` said last: another name means another page.

        Args:
            key: of the run.
            summary: of it, just read.
        """
        known = self._known[key]
        shown = (known.of, known.lags, str(summary.state), len(summary.running))
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

    def _forget(self) -> None:
        """Drop the reports that were made longest ago, but for a few."""
        held = [one for one in self._known.values() if one.report is not None]
        for one in sorted(held, key=lambda one: one.ended)[:-MOST_REPORTS]:
            one.report = one.run = None


def _key(path: Path, root: Path) -> str:
    name = os.fsencode(path.relative_to(root))
    return hashlib.sha256(name).hexdigest()[:16]
