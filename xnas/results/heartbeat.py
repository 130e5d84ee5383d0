"""The heartbeat: what a search last said of itself."""

import json
import os
import socket
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

SECONDS_OF_CLOCKS = 86_400.0
"""By no more do clocks of two hosts differ, wrong time zones included."""


@dataclass(frozen=True)
class Running:
    """An evaluation that a worker is busy with.

    Args:
        id: its number.
        worker: the worker's number.
        host: where that is, ``None`` if not known yet.
        since: Unix time in seconds.
    """

    id: int
    worker: int
    host: str | None
    since: float


@dataclass(frozen=True)
class Beat:
    """The state of a search process, renewed every few seconds while it lives.

    Args:
        time: when it was given, Unix time in seconds.
        host: where the process runs.
        pid: its number there.
        slurm_job: the Slurm job it belongs to, ``None`` outside Slurm.
        state: what the process does, or how it ended.
        since: when it began to search, Unix time in seconds.
        rows_before: rows that an earlier process had written.
        workers: how many are alive.
        running: what they evaluate.
    """

    time: float
    host: str | None
    pid: int | None
    slurm_job: str | None
    state: str
    since: float | None
    rows_before: int
    workers: int | None
    running: tuple[Running, ...]


def read_beat(path: Path) -> Beat | None:
    """Read the last beat.

    Args:
        path: the file ``sign_of_life.json``.

    Returns:
        ``None`` if there is none that can be read: an ``XNASSearch`` alone gives none.
    """
    try:
        return _beat(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def seconds_since(beat: Beat, path: Path, now: float) -> float:
    """Tell how long ago a beat was given.

    The clocks of two hosts may differ by more than a process may be silent. Where
    another one gave it, both times are taken from the clock of the file system, too.

    Args:
        beat: the last beat.
        path: its file.
        now: Unix time in seconds.

    Returns:
        Seconds.
    """
    age = now - beat.time
    # A beat that is older than this is of a run that was copied.
    if beat.host == socket.gethostname() or age > SECONDS_OF_CLOCKS:
        return age
    with suppress(OSError), tempfile.TemporaryFile(dir=path.parent) as probe:
        by_file = os.fstat(probe.fileno()).st_mtime - path.stat().st_mtime
        if by_file > -1:  # else it was not written by that clock
            return min(age, by_file)
    return age


def _beat(content: Mapping[str, Any]) -> Beat:
    known: dict[str, Any] = {one.name: content.get(one.name) for one in fields(Beat)}
    known["running"] = tuple(Running(**one) for one in known["running"] or ())
    known["rows_before"] = int(known["rows_before"] or 0)
    for name in ("time", "since"):
        known[name] = None if known[name] is None else float(known[name])
    if known["time"] is None or known["state"] is None:
        raise ValueError("a heartbeat has a time and a state")
    return Beat(**known)
