"""The heartbeat: what a search is doing, for whoever looks from outside."""

import json
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from xnas.nas_deephyper.evaluator import XNASEvaluator
from xnas.nas_deephyper.search import XNASSearch
from xnas.results.folder import replace_file
from xnas.results.heartbeat import Beat, Running

SECONDS_BETWEEN_BEATS = 5.0
SECONDS_BETWEEN_LOOKS = 1.0


class Heartbeat:
    """Renews the file every few seconds while the search runs.

    Args:
        search: whose folder it is; nothing is written before the search has claimed it.
        evaluator: knows what runs.
    """

    def __init__(self, search: XNASSearch, evaluator: XNASEvaluator) -> None:
        self._search = search
        self._evaluator = evaluator
        self._since = time.time()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> "Heartbeat":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop renewing; :meth:`end` says how the search ended."""
        self._stopped.set()
        self._thread.join()

    def end(self, state: str) -> None:
        """Write the last one.

        Args:
            state: ``finished``, ``stopped``, ``interrupted`` or ``failed``.
        """
        self.__exit__()
        if self._search.folder.holds_run:
            self._write(state, ())

    def _renew(self) -> None:
        written: Any = None
        last = 0.0
        while not self._stopped.wait(SECONDS_BETWEEN_LOOKS if last else 0.1):
            if not self._search.folder.is_claimed:
                continue
            state = "stopping" if self._search.stopping else "running"
            now = (state, self._evaluator.running())
            if now != written or time.monotonic() - last >= SECONDS_BETWEEN_BEATS:
                self._write(*now)
                written, last = now, time.monotonic()

    def _write(self, state: str, running: tuple[Running, ...]) -> None:
        write_heartbeat(
            self._search,
            state,
            since=self._since,
            workers=self._evaluator.num_ready,
            running=running,
        )


def write_heartbeat(
    search: XNASSearch,
    state: str,
    *,
    since: float | None = None,
    workers: int = 0,
    running: tuple[Running, ...] = (),
) -> None:
    """Write ``sign_of_life.json``.

    Args:
        search: whose folder it goes to.
        state: what the search is doing.
        since: Unix time in seconds at which this process began to search; now if
            ``None``.
        workers: how many evaluate or could.
        running: what they evaluate.
    """
    now = time.time()
    beat = Beat(
        time=now,
        host=socket.gethostname(),
        pid=os.getpid(),
        slurm_job=os.environ.get("SLURM_JOB_ID"),
        state=state,
        since=now if since is None else since,
        rows_before=search.recorder.n_before,
        workers=workers,
        running=running,
    )
    # A full disk is noticed, and told, where rows are written.
    with suppress(OSError):
        content = (json.dumps(asdict(beat)) + "\n").encode()
        replace_file(search.folder.heartbeat, content, durable=False)
