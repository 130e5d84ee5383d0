"""The heartbeat: what a search last said of itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


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


def _beat(content: Mapping[str, Any]) -> Beat:
    known: dict[str, Any] = {one.name: content.get(one.name) for one in fields(Beat)}
    known["running"] = tuple(Running(**one) for one in known["running"] or ())
    known["rows_before"] = int(known["rows_before"] or 0)
    for name in ("time", "since"):
        known[name] = None if known[name] is None else float(known[name])
    if known["time"] is None or known["state"] is None:
        raise ValueError("a heartbeat has a time and a state")
    return Beat(**known)
