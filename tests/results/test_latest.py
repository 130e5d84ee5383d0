"""Which run is the newest."""

from pathlib import Path

import pytest
from run_folders import make_run

from xnas.errors import UsageError
from xnas.results.latest import latest_run, named_run


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for place in (
        "digits/2026-01-02T030405",
        "digits/2026-01-03T000000",
        "lines/2026-01-02T235959",
        "lines/named",
    ):
        make_run(tmp_path / "results" / place)
    # As of a job that has not begun yet.
    (tmp_path / "results" / "lines" / "2027-01-01T000000").mkdir()
    return tmp_path / "results"


def test_the_newest_time_stamp_with_a_run_counts(results):
    digits = results / "digits" / "2026-01-03T000000"
    assert latest_run(results).root == digits
    assert latest_run(results, "digits").root == digits
    assert latest_run(results, "lines").root == results / "lines/2026-01-02T235959"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("latest", "digits/2026-01-03T000000"),
        ("results/latest", "digits/2026-01-03T000000"),
        ("results/lines/latest", "lines/2026-01-02T235959"),
        ("results/lines/named", "lines/named"),
        ("results/lines/nothing", "lines/nothing"),
    ],
)
def test_a_run_goes_by_its_path_or_as_the_latest(results, name, place):
    assert named_run(name).root == results / place


def test_a_folder_called_latest_goes_by_its_path(results):
    folder = make_run(results / "lines" / "latest")
    assert named_run("results/lines/latest").root == folder.root


def test_no_run_at_all_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="there is no run in results"):
        named_run("latest")
    with pytest.raises(UsageError, match="expected one in results/lines/YYYY"):
        latest_run(Path("results"), "lines")
