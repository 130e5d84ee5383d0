"""What holds for every test."""

import signal

import pytest
from hypothesis import settings

# A busy machine makes any example slow now and then.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def signals_as_usual():
    """Undo what searches of this process did to signals, since children inherit it."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
