"""What holds for every test."""

import shutil
import signal

import pytest
from hypothesis import settings

# A busy machine makes any example slow now and then.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(autouse=True)
def signals_as_usual():
    """Undo what searches of this process did to signals, since children inherit it."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium, without a screen.

    Playwright keeps an event loop running, which searches in other modules would meet.
    """
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    # WebGL without a graphics card; Chromium has no sandbox for root.
    flags = ["--no-sandbox", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()
