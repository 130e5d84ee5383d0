"""Signals that end a search: at once, or with what runs."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from xnas.cli.exit_status import INTERRUPTED

SECONDS_TO_CLOSE = 10.0
"""How long the last words may take before a signal ends them."""


class StoppedEarly(BaseException):
    """SIGUSR1 came while there was nothing to finish."""


def handle_early_signals() -> None:
    """Have SIGTERM work like Ctrl-C, and SIGUSR1 raise :class:`StoppedEarly`."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGUSR1, _stop)


@contextmanager
def stopping_on_signal(stop: Callable[[], None], seconds: float) -> Iterator[None]:
    """Let SIGUSR1 end a search gently; afterwards, its last words are not cut short.

    Args:
        stop: has the search begin nothing more; called at the signal.
        seconds: how long after it what runs may finish; then the search is
            interrupted as by Ctrl-C.
    """

    def begin_to_stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, _interrupt)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        stop()

    signal.signal(signal.SIGUSR1, begin_to_stop)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        ignore_further_signals()


def ignore_further_signals() -> None:
    """Have the last lines written in peace; a second Ctrl-C must not cut them short.

    What takes longer than :data:`SECONDS_TO_CLOSE` may hang: from then on SIGINT and
    SIGTERM end the process at once, wherever it is.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # which alone may change what signals do
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    # A handler of Python's would wait for the very call that hangs; a thread does not.
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _take_note)
    deadline = time.monotonic() + SECONDS_TO_CLOSE

    def watch() -> None:
        while writer.fileno() >= 0:  # it lives as long as this thread
            number = reader.recv(1)[0]
            is_ours = signal.getsignal(number) is _take_note
            if is_ours and time.monotonic() > deadline:
                os._exit(INTERRUPTED)

    threading.Thread(target=watch, daemon=True).start()


def _take_note(number: int, frame: FrameType | None) -> None:
    """Do nothing: a thread sees the signal."""


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise StoppedEarly
