"""Pages to read, and a browser to look at them."""

import pytest
from random_runs import make_random_run
from visiting import WIDE, Visit

from xnas.report import write_report
from xnas.results import load


@pytest.fixture
def write():
    """Write the report of run folders and return the page's path."""

    def write(*folders, page=None):
        page = page or folders[0].root / "report.html"
        return write_report([load(folder.root) for folder in folders], page)

    return write


@pytest.fixture(scope="package")
def report(tmp_path_factory):
    """The page on one run of 120 networks."""
    root = tmp_path_factory.mktemp("run")
    folder = make_random_run(root, 120, seed=4)
    return write_report([load(folder.root)], root / "report.html")


def assert_sound(one):
    """The page asked the network for nothing and reported no fault."""
    assert one.faults == []
    assert [url for url in one.requests if not url.startswith("file:")] == []
    assert len(one.requests) == 1


@pytest.fixture
def visit(browser, report):
    """Open a page; it must ask the network for nothing and report no fault."""
    visits = []

    def visit(path=report, **options):
        visits.append(Visit(browser, path, **options))
        return visits[-1]

    yield visit
    for one in visits:
        assert_sound(one)
        one.context.close()


@pytest.fixture(scope="module")
def opened(browser, report):
    """Pages that tests leave as they found them: opening one takes seconds."""
    pages = {}

    def open_(size=WIDE, scheme="light"):
        key = (size["width"], scheme)
        if key not in pages:
            pages[key] = Visit(browser, report, size=size, scheme=scheme)
        return pages[key]

    yield open_
    for one in pages.values():
        assert_sound(one)
        one.context.close()
