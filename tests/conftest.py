"""Which tests may run side by side, where several processes run them."""

import pytest

RAY = ("cli/test_nas.py", "cli/test_bad_input.py", "cli/test_resume.py", "evaluator/")
"""Files whose tests start a Ray, or look whether one runs on this machine."""


def pytest_itemcollected(item):
    """Keep the tests of a file together, those of one Slurm or Ray as well."""
    item.add_marker(pytest.mark.xdist_group(_group(item)))


def pytest_collection_modifyitems(items):
    """Begin with what mostly waits, so that what computes fills the time."""
    items.sort(key=lambda item: (_group(item) != "slurm", _group(item) != "ray"))


def _group(item):
    path = item.path.as_posix()
    if "cluster" in item.fixturenames and "/tests/slurm/" in path:
        return "slurm"
    return "ray" if any(part in path for part in RAY) else path
