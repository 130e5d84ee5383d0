"""Lines beside the results, and output whose reader may leave."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any


def say(line: str) -> None:
    """Show a line on standard error at once."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def outliving_readers() -> Iterator[None]:
    """Go on when what reads the output, such as ``head``, has closed it.

    A search or a training is worth more than its words; what is still said goes
    nowhere.
    """
    if sys.stdout is None or sys.stderr is None:
        yield
        return
    out, err = _Outliving(sys.stdout), _Outliving(sys.stderr)
    with redirect_stdout(out), redirect_stderr(err):
        try:
            yield
        finally:
            out.flush()
            err.flush()


class _Outliving:
    """A stream that drops what nobody reads any more.

    Args:
        stream: to write to.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text; return its length."""
        try:
            self._stream.write(text)
        except BrokenPipeError:
            self._drop()
        return len(text)

    def flush(self) -> None:
        """Write out what is kept back."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        # What the stream keeps back, and all that follows, would fail again.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
