"""What holds for every test."""

import signal

import pytest


@pytest.fixture(autouse=True)
def signals_as_usual():
    """Undo what searches of this process did to signals, since children inherit it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
