"""``deephyper.log``: what a search says of itself while it runs."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xnas.errors import is_disk_full


class _LogFile(logging.FileHandler):
    """A log that gives way where no space is left; rows say so in their own way."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Let a line go that cannot be written."""
        error = sys.exc_info()[1]
        if error is None or not is_disk_full(error):
            super().handleError(record)

    def close(self) -> None:
        """Let go of the lines that could not be written."""
        try:
            super().close()
        except OSError as error:
            if not is_disk_full(error):
                raise


@contextmanager
def logging_to(path: Path, verbose: bool = False) -> Iterator[None]:
    """Send what this package and DeepHyper log to a file.

    Args:
        path: the file.
        verbose: whether all of DeepHyper's messages are wanted.
    """
    handler = _LogFile(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    loggers = {
        logging.getLogger("xnas"): logging.INFO,
        logging.getLogger("deephyper"): logging.INFO if verbose else logging.WARNING,
    }
    before = [(log.level, log.propagate) for log in loggers]
    for log, level in loggers.items():
        log.setLevel(level)
        log.addHandler(handler)
        log.propagate = False
    try:
        yield
    finally:
        for log, (level, propagate) in zip(loggers, before, strict=True):
            log.removeHandler(handler)
            log.setLevel(level)
            log.propagate = propagate
        handler.close()
