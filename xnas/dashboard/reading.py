"""Runs of a folder of results, read again only where their files have changed."""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from xnas.errors import UsageError
from xnas.report.data import RunReport, describe_run
from xnas.results import Run, RunFolder, load, read_table
from xnas.results.latest import started_at
from xnas.results.summary import Summary, summarise
from xnas.results.table import Table

MOST_REPORTS = 8
"""Runs whose whole reports are held, those looked at last."""

SHARE = 0.5
"""Of the time, at most this much is spent on describing one run anew."""

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
        links = [one.path for one in os.scandir(folder) if one.is_symlink()]
        found = [Path(path).resolve() for path in (folder, *links)]
    except (OSError, RuntimeError):  # the latter of links in a circle
        return False
    return all(path.is_relative_to(root) for path in found)


@dataclass
class _Known:
    """What was read of one run; ``of`` tells which files its report is of."""

    folder: RunFolder
    began: datetime
    infos: Signature
    rows: Signature = ()
    table: Table | None = None
    described: tuple[RunReport, Run] | None = None
    of: Signature = ()
    seconds: float = 0.0
    ended: float = field(default=-float("inf"))


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
        rows = signature(known.folder.results)
        if known.table is None or known.rows != rows:
            known.table, known.rows = read_table(known.folder.results), rows
        return summarise(known.folder, table=known.table)

    def report(self, key: str, summary: Summary) -> tuple[RunReport, Run]:
        """Describe a run.

        Where that takes long, it is done again only after a while: until then the
        report is that of before.

        Args:
            key: of the run.
            summary: of it, just read.

        Returns:
            What its page says, and what it says that of.

        Raises:
            XNASError: its files cannot be read, or a link leads elsewhere.
        """
        known = self._known[key]
        folder = known.folder
        rows = signature(folder.init_infos, folder.results, folder.estimates)
        begin = time.monotonic()
        rested = begin - known.ended >= known.seconds * (1 / SHARE - 1)
        if known.described is None or (known.of != rows and rested):
            grams = folder.root / "gram"
            if grams.exists() and not stays_within(grams, self.root):
                raise UsageError(f"{grams} links to what is outside {self.root}")
            run = load(folder.root)
            known.described, known.of = (describe_run(run), run), rows
            known.ended = time.monotonic()
            known.seconds = known.ended - begin
            self._forget()
        report, run = known.described
        now = {name: getattr(summary, name) for name in ("time", "state", "running")}
        return replace(report, summary=replace(report.summary, **now)), run

    def version(self, key: str, summary: Summary) -> str:
        """Name what :meth:`report` said last: another name means another page.

        Args:
            key: of the run.
            summary: of it, just read.
        """
        known = self._known[key]
        shown = (known.of, str(summary.state), len(summary.running))
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

    def _forget(self) -> None:
        """Drop the reports that were made longest ago, but for a few."""
        held = [one for one in self._known.values() if one.described is not None]
        for one in sorted(held, key=lambda one: one.ended)[:-MOST_REPORTS]:
            one.described = None


def _key(path: Path, root: Path) -> str:
    name = os.fsencode(path.relative_to(root))
    return hashlib.sha256(name).hexdigest()[:16]
