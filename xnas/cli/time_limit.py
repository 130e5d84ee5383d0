"""A bound on how long a task's own code may run."""

import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from xnas.errors import TaskError


@contextmanager
def time_limit(seconds: int, what: str) -> Iterator[None]:
    """Interrupt what runs too long; for the main thread alone.

    Args:
        seconds: the limit.
        what: to call it in the message.

    Raises:
        TaskError: the time is over; the sentence names the line that was running.
    """

    def expire(number: int, frame: FrameType | None) -> NoReturn:
        raise TaskError(
            f"{_users_line(frame)}: {what} was still running after {seconds} s, "
            "expected it to end: correct it, or give it more time with --timeout"
        )

    before = signal.signal(signal.SIGALRM, expire)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _users_line(frame: FrameType | None) -> str:
    """Name the innermost line that belongs to neither XNAS nor an installed package."""
    own = Path(__file__).resolve().parents[1]
    for entry in reversed(traceback.extract_stack(frame)):
        path = Path(entry.filename).resolve()
        installed = "site-packages" in path.parts or "lib" in path.parts
        if not installed and not path.is_relative_to(own) and path.suffix == ".py":
            return f"{entry.filename}, line {entry.lineno}"
    return "load_data"
