"""Signals that end a search: at once, or with what runs."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn


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
    """Have the last lines written in peace; a second Ctrl-C must not cut them short."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        with suppress(ValueError):
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise StoppedEarly
