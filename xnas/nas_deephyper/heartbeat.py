"""``sign_of_life.json``: what a search is doing, for whoever looks from outside."""

import json
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from types import TracebackType
from typing import Any

from xnas.nas_deephyper.evaluator import XNASEvaluator
from xnas.nas_deephyper.search import XNASSearch
from xnas.results.folder import replace_file
from xnas.results.heartbeat import LastSign, Running

SECONDS_BETWEEN_SIGNS = 5.0
SECONDS_BETWEEN_LOOKS = 1.0


class SignOfLife:
    """Renews the file every few seconds while the search runs.

    Args:
        search: whose folder it is; nothing is written before the search has claimed it.
        evaluator: tells what runs.
    """

    def __init__(self, search: XNASSearch, evaluator: XNASEvaluator) -> None:
        self._search = search
        self._evaluator = evaluator
        self._since = time.time()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> "SignOfLife":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop renewing; :meth:`end` says how it ended."""
        self._ended.set()
        self._thread.join()

    def end(self, state: str) -> None:
        """Write the last sign.

        Args:
            state: ``finished``, ``stopped``, ``interrupted`` or ``failed``.
        """
        self._ended.set()
        self._thread.join()
        if self._search.folder.holds_run:
            self._write(state, ())

    def _renew(self) -> None:
        told: Any = None
        last = 0.0
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS if last else 0.1):
            if not self._search.folder.is_claimed:
                continue
            state = "stopping" if self._search.stopping else "running"
            now = (state, self._evaluator.running())
            if now != told or time.monotonic() - last >= SECONDS_BETWEEN_SIGNS:
                self._write(*now)
                told, last = now, time.monotonic()

    def _write(self, state: str, running: tuple[Running, ...]) -> None:
        write_sign(
            self._search,
            state,
            since=self._since,
            workers=self._evaluator.num_ready,
            running=running,
        )


def write_sign(
    search: XNASSearch,
    state: str,
    *,
    since: float | None = None,
    workers: int = 0,
    running: tuple[Running, ...] = (),
) -> None:
    """Write one sign of life.

    Args:
        search: whose folder it goes to.
        state: what the search is doing.
        since: Unix time in seconds at which this process began to search; now if
            ``None``.
        workers: how many evaluate or could.
        running: what they evaluate.
    """
    now = time.time()
    sign = LastSign(
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
        content = (json.dumps(asdict(sign)) + "\n").encode()
        replace_file(search.folder.sign_of_life, content, durable=False)
