"""Paths of a run folder, its lock, and files that appear whole or not at all."""

import errno
import json
import os
import socket
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, ClassVar

from filelock import FileLock, Timeout

from xnas.errors import UsageError, is_disk_full
from xnas.results.older import infos_in_todays_words

LOCK = ".lock"

FORMAT = 3
"""Of a run folder. Runs of the first one state none, and name their objectives by texts
and their hypervolume's corner beside them; their tables lack ``m:replicate``. In those
of the first two, ``weight_decay`` has another meaning."""


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put ``content`` at ``path`` so that readers see the old file or the new one.

    Args:
        path: the file to write; its folder must exist.
        content: all of the file.
        durable: whether it must be on the disk when this returns.

    Raises:
        FileExistsError: something else than a file is there, such as a device.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "something else than a file is there", path)
    draft = path.with_name(f".{path.name}.{_writer()}.part")
    try:
        with open(draft, "wb") as stream:
            stream.write(content)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        os.replace(draft, path)
        if durable:
            sync_folder(path.parent)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def draft_of(path: Path) -> Path:
    """Name a draft of a file or folder, beside it and with its ending.

    Args:
        path: of what it will replace.
    """
    return path.with_name(f".{path.stem}.{_writer()}.part{path.suffix}")


def _writer() -> str:
    """Name this process, so that two workers do not share a draft."""
    return f"{socket.gethostname()}.{os.getpid()}"


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk: a rename alone may be lost again.

    Args:
        folder: any; file systems that cannot do that are let off.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append_whole(stream: FileIO, content: bytes) -> None:
    """Append all of ``content`` to a file, or nothing.

    Args:
        stream: the file, opened for appending without a buffer: one write then, so
            that a kill tears one line at most.
        content: what to append.

    Raises:
        OSError: it could not be written, such as for want of space.
    """
    size = os.fstat(stream.fileno()).st_size
    try:
        # A disk that fills up takes a part and complains only when asked again.
        while content:
            content = content[stream.write(content) :]
    except OSError:
        with suppress(OSError):
            os.ftruncate(stream.fileno(), size)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, whole or not at all.

    Args:
        path: the file to write; its folder must exist.
        value: what ``json`` can express. NaN and infinities are written as the
            words ``NaN`` and ``Infinity``, which Python reads back.
    """
    replace_file(path, (json.dumps(value, indent=2) + "\n").encode())


class LockedFolder:
    """A folder that one process at a time writes to.

    Args:
        root: the folder; made by :meth:`claim`, not before.
    """

    flag: ClassVar[str]
    """That names such a folder."""
    writer: ClassVar[str]
    """What writes there."""
    parts: ClassVar[tuple[str, ...]] = ()
    """Its subfolders, made with it."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).absolute()
        self._lock = FileLock(str(self.root / LOCK), thread_local=False)

    def claim(self) -> None:
        """Make the folder and lock it for this process.

        Raises:
            UsageError: another process is writing here, or the folder cannot be
                made.
            OSError: there is no room for it.
        """
        try:
            for part in ("", *self.parts):
                (self.root / part).mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
        except Timeout as error:  # an OSError, too
            raise UsageError(
                f"{self.flag}: {self.root} is being written by another {self.writer}"
            ) from error
        except OSError as error:
            if is_disk_full(error):
                raise
            raise UsageError(
                f"{self.flag}: {self.root} cannot be made: {error.strerror}"
            ) from error

    def release(self) -> None:
        """Give the folder's lock back."""
        self._lock.release()

    @property
    def is_claimed(self) -> bool:
        """Whether this process holds the folder's lock."""
        return self._lock.is_locked


class RunFolder(LockedFolder):
    """The folder ``results/<task>/<timestamp>/`` of one search.

    Args:
        root: the folder; made by :meth:`claim`, not before.

    Attributes:
        log: what the search says of itself.
        init_infos: problem, search and environment; a folder with this file holds a
            run.
        results: one row an evaluation.
        estimates: what networks are expected to give over seeds, as of the last look.
        started: one JSON line for every evaluation handed out, finished or not.
        heartbeat: what the search is doing, renewed every few seconds while it runs.
        logs: what evaluations printed, and the tracebacks of those that failed.
    """

    flag, writer = "--log-dir", "search"
    parts = (
        *("activations", "gram", "logs"),
        *("save/config", "save/history", "save/model"),
    )

    def __init__(self, root: str | Path) -> None:
        super().__init__(root)
        self.log = self.root / "deephyper.log"
        self.init_infos = self.root / "init_infos.json"
        self.results = self.root / "results.csv"
        self.estimates = self.root / "estimates.csv"
        self.started = self.root / "started.jsonl"
        self.heartbeat = self.root / "sign_of_life.json"
        self.logs = self.root / "logs"

    def activations(self, evaluation: int) -> Path:
        """Mean activations of one evaluation, class by class."""
        return self.root / "activations" / f"{evaluation}.npz"

    def gram(self, evaluation: int) -> Path:
        """Gram matrices of one evaluation's class activations."""
        return self.root / "gram" / f"{evaluation}.npz"

    def config(self, evaluation: int) -> Path:
        """Settings one network was made with."""
        return self.root / "save" / "config" / f"{evaluation}.json"

    def history(self, evaluation: int) -> Path:
        """Training history of one network."""
        return self.root / "save" / "history" / f"{evaluation}.json"

    @property
    def holds_run(self) -> bool:
        """Whether a search has started here."""
        return self.init_infos.exists()

    def refuse_if_taken(self) -> None:
        """Check that a new search may write here.

        Raises:
            UsageError: the folder holds a run, or rows that no run explains, or
                is no folder.
        """
        if self.root.exists() and not self.root.is_dir():
            raise UsageError(f"--log-dir: {self.root} is a file, expected a folder")
        if self.holds_run:
            raise UsageError(
                f"--log-dir: {self.root} already holds a run; carry it on with "
                f"--resume {self.root}, or name a folder without one"
            )
        if self.results.exists() and self.results.stat().st_size:
            raise UsageError(
                f"--log-dir: {self.root} has a results.csv but no init_infos.json "
                "to say which run it belongs to, expected a folder without a run"
            )

    def refuse_if_busy(self) -> None:
        """Check that no other process writes here.

        Raises:
            UsageError: another one does.
        """
        self.claim()
        self.release()

    def infos(self) -> dict[str, Any]:
        """Read ``init_infos.json``, training in the words of this version.

        Raises:
            UsageError: the folder holds no run, or the file cannot be read.
        """
        if not self.holds_run:
            raise UsageError(f"{self.root} holds no run: no {self.init_infos.name}")
        try:
            content: dict[str, Any] = json.loads(self.init_infos.read_text())
        except (OSError, ValueError) as error:
            raise UsageError(f"{self.init_infos} cannot be read: {error}") from error
        found = content.get("format", 1) if isinstance(content, dict) else 1
        if not isinstance(found, int) or found > FORMAT:
            raise UsageError(
                f"{self.init_infos} has format {found}, expected at most {FORMAT}: "
                "this run is of a later version of XNAS, which can read it"
            )
        return infos_in_todays_words(content, FORMAT)

    def stored_activations(self) -> set[int]:
        """Return the ids of the evaluations whose activations are stored."""
        names = (path.stem for path in (self.root / "activations").glob("*.npz"))
        return {int(name) for name in names if name.isdigit()}

    def remove_drafts(self) -> None:
        """Delete files that a kill left half-written; needs the lock."""
        for folder in (self.root, self.root / "activations", self.root / "gram"):
            for draft in folder.glob(".*.part*"):
                draft.unlink(missing_ok=True)
        for draft in (self.root / "save").glob("*/.*.part*"):
            draft.unlink(missing_ok=True)

    def remove_run(self) -> None:
        """Delete a run that has no rows, and the folder unless it holds anything else.

        Needs that nobody else writes here.
        """
        files = [self.init_infos, self.results, self.started, self.heartbeat, self.log]
        files += [*self.logs.glob("*.log"), self.root / ".lock"]
        for file in files:
            # Logs of Ray's nodes are others'.
            if not file.name.startswith("ray-"):
                file.unlink(missing_ok=True)
        parts = [self.root / name for name in ("activations", "gram", "logs")]
        saved = [self.root / "save" / name for name in ("config", "history", "model")]
        for folder in (*parts, *saved, self.root / "save", self.root):
            with suppress(OSError):
                folder.rmdir()

    def mended_started(self) -> list[dict[str, Any]]:
        """Read what was handed out, and take out a line that a kill cut short.

        Returns:
            One dictionary an evaluation, in the order of handing out; one that was
            handed out again after a resume is there again.

        Raises:
            UsageError: a line is no record.
        """
        if not self.started.exists():
            return []
        content = self.started.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self.started, len(whole))
        lines = enumerate(whole.splitlines(), start=1)
        return [
            self._entry(line, number) for number, line in lines if line.strip(b"\0")
        ]

    def _entry(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            # Bytes that were not on the disk when the power went are NUL.
            found: dict[str, Any] = json.loads(line.strip(b"\0"))
        except ValueError as error:
            raise UsageError(
                f"{self.started}: line {number} cannot be read ({error}), expected "
                "the record of an evaluation; take that line out to go on without it"
            ) from error
        return found

    def started_ids(self) -> set[int]:
        """Read the ids of all evaluations that were handed out.

        A line that cannot be read, such as one that a kill cut short, is left out.
        """
        try:
            lines = self.started.read_bytes().splitlines()
        except OSError:
            return set()
        ids = set()
        for line in lines:
            with suppress(ValueError, TypeError, KeyError):
                ids.add(int(json.loads(line.strip(b"\0"))["id"]))
        return ids

    def append_started(self, entries: list[dict[str, Any]]) -> None:
        """Record evaluations about to be handed out.

        Args:
            entries: one JSON-able dictionary an evaluation.
        """
        lines = "".join(json.dumps(entry) + "\n" for entry in entries)
        with open(self.started, "ab", buffering=0) as stream:
            append_whole(stream, lines.encode())
