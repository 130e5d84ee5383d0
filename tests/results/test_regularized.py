"""Runs and models that the regulariser trained are marked wherever they show."""

import json

import pytest
from run_folders import infos, make_run

from xnas.cli import main
from xnas.report import write_report
from xnas.results import load
from xnas.results.older import infos_in_todays_words
from xnas.results.regularized import INCOMPARABLE, meaning_of_mark, regularized
from xnas.results.status import list_lines, report_lines
from xnas.results.summary import summarise

HALF = {"weight_decay": 0.0, "regularize_introspectability": 0.5}
ROWS = [(0.5, 0.2), (0.25, 0.5)]


@pytest.fixture
def folders(tmp_path):
    """A run as usual, and a marked one."""
    problem = {"hyperparameters": HALF}
    usual = make_run(tmp_path / "usual", ROWS)
    return usual, make_run(tmp_path / "marked", ROWS, problem=problem)


def test_weight_and_layers_make_the_mark():
    assert regularized(HALF) == "0.5, all layers"
    last = {**HALF, "regularized_layers": "last-stage"}
    assert regularized(last) == "0.5, last-stage layers"
    for values in (None, {}, {"regularize_introspectability": 0.0}):
        assert regularized(values) is None


def test_a_setting_of_the_run_counts_before_that_of_the_task(tmp_path):
    settings = {"problem": "a.Problem", "hyperparameters": HALF}
    made = make_run(tmp_path / "run", ROWS, run_settings=settings)
    assert summarise(made).regularized == "0.5, all layers"


def test_status_marks_such_a_run_alone(folders, capsys):
    usual, marked = map(summarise, folders)
    assert not any("ularised" in line for line in report_lines(usual))
    assert any(
        meaning_of_mark("0.5, all layers") in line for line in report_lines(marked)
    )
    _, first, second = list_lines([usual, marked])
    assert "(regularised)" not in first
    assert second.endswith("(regularised)")
    assert main(["status", "--json", str(folders[1].root)]) == 0
    assert json.loads(capsys.readouterr().out)["regularized"] == "0.5, all layers"


def test_reports_mark_it_and_flag_the_comparison(folders):
    usual, marked = (load(folder.root) for folder in folders)
    page = folders[0].root / "report.html"
    text = write_report([usual, marked], page).read_text()
    assert INCOMPARABLE in text
    assert meaning_of_mark("0.5, all layers") in text
    assert "(regularised)" in text
    for run in (usual, marked):
        text = write_report([run], page).read_text()
        assert INCOMPARABLE not in text
        assert (meaning_of_mark("0.5, all layers") in text) == (run is marked)


def test_runs_of_before_the_regulariser_are_what_they_would_be_today():
    made = infos(format=3, problem={"hyperparameters": {"weight_decay": 0.1}})
    found = infos_in_todays_words(made, 3)["problem"]["hyperparameters"]
    assert found == {
        "weight_decay": 0.1,
        "regularize_introspectability": 0.0,
        "regularized_layers": "all",
    }
