"""What is said may find nobody who listens."""

import os
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

from xnas.cli.say import outliving_readers, say


@pytest.fixture
def closed_pipe():
    """A stream whose reader has left."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        yield stream


def test_what_nobody_reads_any_more_ends_nothing(closed_pipe):
    with redirect_stdout(closed_pipe), redirect_stderr(closed_pipe):
        with outliving_readers():
            for _ in range(3):
                say("line")
                print("x" * 100_000)
        assert sys.stdout is closed_pipe
        closed_pipe.flush()


def test_elsewhere_a_reader_that_left_is_noticed(closed_pipe):
    with redirect_stderr(closed_pipe), pytest.raises(BrokenPipeError):
        say("line")
    # Its rest would fail again when it is closed.
    os.dup2(os.open(os.devnull, os.O_WRONLY), closed_pipe.fileno())
