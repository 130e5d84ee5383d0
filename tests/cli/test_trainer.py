"""``nas --trainer`` as its user meets it."""

import csv

import pytest

from xnas.cli import main
from xnas.results import RunFolder

LINES = "experiments.lines.problem.Problem"


def search(folder, *more, evaluations=4):
    return main([
        "nas", "nsga2", "--problem", LINES, "--evaluator", "serial", "--no-report",
        "--max-evals", str(evaluations), "--population-size", "4", "--seed", "2",
        "--log-dir", str(folder), *more,
    ])  # fmt: skip


def results(folder):
    with RunFolder(folder).results.open() as file:
        return [
            {
                key: row[key]
                for key in row
                if key.startswith(("p:", "objective")) or key == "m:n_parameters"
            }
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compiled") / "run"
    assert search(folder, "--trainer", "compiled") == 0
    return folder


def test_the_same_seed_gives_the_same_compiled_rows(compiled, tmp_path):
    assert search(tmp_path / "again", "--trainer", "compiled") == 0
    assert results(tmp_path / "again") == results(compiled)


def test_both_trainers_begin_with_the_same_networks(compiled, tmp_path):
    # What follows may differ, as rounding does, which the first step of Adam enlarges.
    assert search(tmp_path / "plain", "--trainer", "plain", evaluations=2) == 0
    first = results(tmp_path / "plain")
    assert len(first) == 2
    for one, other in zip(first, results(compiled)[:2], strict=True):
        chosen = [key for key in one if key.startswith("p:")]
        assert len(chosen) == 6
        assert [one[key] for key in chosen] == [other[key] for key in chosen]
        assert one["m:n_parameters"] == other["m:n_parameters"]


def test_the_choice_is_noted(compiled):
    noted = RunFolder(compiled).infos()["trainer"]
    assert noted == {"asked": "compiled", "route": "compiled", "reason": "asked for"}


def test_a_run_keeps_its_trainer(compiled, capsys):
    flags = ["nas", "nsga2", "--resume", str(compiled), "--max-evals", "5"]
    assert main([*flags, "--trainer", "plain"]) == 2
    assert "--trainer" in capsys.readouterr().err
    assert main([*flags, "--no-report"]) == 0
    assert len(results(compiled)) == 5
    assert "Trainer: compiled, as when the run began" in capsys.readouterr().err
