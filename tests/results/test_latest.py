"""Which run is the newest."""

from pathlib import Path

import pytest
from run_folders import infos, make_run

from xnas.errors import UsageError
from xnas.results import load
from xnas.results.latest import latest_run, named_run, named_runs


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


def begun(root, started):
    return make_run(root, content=infos(started=started)).root


def test_the_latest_run_is_the_one_started_last_whatever_its_name(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    task = tmp_path / "results" / "digits"
    begun(task / "2026-10-25T023000", "2026-10-25T00:30:00+00:00")
    # An hour later, though the clock went back at the end of summer time.
    later = begun(task / "2026-10-25T021500", "2026-10-25T01:15:00+00:00")
    assert named_run("results/digits/latest").root == later
    # In a zone in which it is the day before.
    named = begun(task / "first", "2026-10-24T19:00:00-08:00")
    assert named_run("latest").root == named
    assert [one.root.name for one in named_runs("results/digits")] == [
        "2026-10-25T023000",
        "2026-10-25T021500",
        "first",
    ]


def test_a_folder_of_several_runs_names_them(results):
    make_run(results / "lines" / "other")
    with pytest.raises(UsageError, match=r"no run itself but 3, expected one of 2026"):
        named_run("results/lines")
    assert len(named_runs("results")) == 5


def test_a_folder_of_one_run_stands_for_it(results):
    make_run(results / "more" / "mine")
    assert named_run("results/more").root == results / "more" / "mine"


def test_a_run_is_loaded_by_the_same_names(results):
    make_run(results / "digits" / "2026-01-04T000000", [(0.5, 0.25)])
    assert len(load("results/digits/latest").evaluations) == 1
    assert load(results / "digits" / "2026-01-03T000000").evaluations.empty
