"""Runs of the version before are read by everything that reads runs."""

import csv
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from reading import data_of, read_page, tiles
from run_before import (
    FRONT,
    OBJECTIVES,
    STORED,
    change_infos,
    copy_of_run,
    copy_with_recorded_score,
)

from xnas.cli import main
from xnas.objectives import Objective
from xnas.results import load

TASK, XAI = "val_acc__last", "introspectability"
COMMANDS = (["status"], ["report"], ["train", "--pick", "knee"], ["cell"])


@pytest.fixture
def run_dir(tmp_path):
    return copy_of_run(tmp_path / "run")


def test_load_reads_objectives_front_picks_and_scores(run_dir):
    run = load(run_dir)
    assert run.objectives == (Objective(TASK, True, 0.1), Objective(XAI, True, 0.0))
    table = run.evaluations
    assert table["id"].tolist() == list(OBJECTIVES)
    assert table[[TASK, XAI]].to_numpy().tolist() == list(
        map(list, OBJECTIVES.values())
    )
    assert run.front["id"].tolist() == FRONT
    assert run.picks() == {TASK: 0, XAI: 5, "knee": 0}
    with open(run_dir / "results.csv") as stream:
        flags = [row["pareto_efficient"] == "True" for row in csv.DictReader(stream)]
    assert table["pareto_efficient"].tolist() == flags
    for id_, (_, score) in OBJECTIVES.items():
        assert run.score(id_) == pytest.approx(score, abs=1e-6)
        assert 0 < run.layer_mean_score(id_) < 1
    (a, x), (b, y) = (OBJECTIVES[id_] for id_ in FRONT)
    assert run.hypervolume() == pytest.approx((a - 0.1) * x + (b - 0.1) * (y - x))


def test_times_count_from_1970_whatever_clock_the_columns_beside_are_of(run_dir):
    """In such rows, submission and gathering count from the evaluator's start."""
    table = load(run_dir).evaluations
    begun, ended = table["timestamp_start"], table["timestamp_end"]
    assert (begun > 1.7e9).all()
    assert (ended - begun).between(0, 60).all()
    assert not [name for name in table if "submit" in name or "gather" in name]


def test_status_tells_it(run_dir, capsys):
    assert main(["status", "--json", str(run_dir)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["done"], found["task"]) == ("finished", 6, "digits")
    assert [(one["objective"], one["id"]) for one in found["best"]] == [
        (TASK, 0),
        (XAI, 5),
    ]
    assert found["front_size"] == len(FRONT)
    assert found["hypervolume_reference"] == [0.1, 0.0]
    assert found["last_row"] == pytest.approx(1795734692.3210416)


def test_its_report_is_written(run_dir, capsys):
    assert main(["report", str(run_dir)]) == 0
    document = read_page(run_dir / "report.html")
    (gap,) = document.one("ul", class_="gaps").all("li")
    assert "expected 12 or more to estimate" in gap.text
    assert tiles(document)["On the front"].value == len(FRONT)
    cards = document.all("div", class_="card")
    assert [card.one("h3").text for card in cards] == [
        "Most accurate",
        "Most introspectable",
        "Knee",
    ]
    run = load(run_dir)
    for card in cards:
        facts = {f.one("dt").text: f.one("dd") for f in card.one("dl").all("div")}
        id_ = int(facts["network"].text)
        layer_mean = facts["activations-layer-mean"].value
        assert layer_mean == pytest.approx(run.layer_mean_score(id_))
    with open(run_dir / "report_files" / "evaluations.csv") as stream:
        header = next(csv.reader(stream))
    assert "trade_off" not in header
    data = data_of(document)["runs"][0]
    assert data["columns"]["front"] == FRONT


def test_its_networks_are_drawn(run_dir, capsys):
    for name in ("accuracy", TASK, XAI, "knee", "3"):
        assert main(["cell", f"{run_dir}:{name}"]) == 0
        ET.fromstring(capsys.readouterr().out)


@pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)
def test_a_network_of_it_is_trained_with_its_settings(run_dir, tmp_path, capsys):
    out = tmp_path / "out"
    flags = ["--pick", XAI, "--epochs", "1", "--num-cpus", "1", "-o", str(out)]
    assert main(["train", str(run_dir), *flags]) == 0
    found = json.loads((out / "metrics.json").read_text())
    assert found["search"] == dict(zip((TASK, XAI), OBJECTIVES[5], strict=True))
    assert list(found["validation"]) == [TASK, XAI]
    settings = found["settings"]
    assert (settings["evaluation"], settings["seed"], settings["epochs"]) == (5, 3, 1)
    assert settings["arch_seq"] == [4, 0, 2, 1, 4, 2]
    assert found["scoring"] == {
        "explainability_type": "activations",
        "group_by": "prediction",
        "divide_by_mean_similarity": False,
        "max_scored_examples": 25000,
    }
    assert "changed since" not in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_run_of_a_later_version_is_refused_in_one_sentence(run_dir, capsys, command):
    change_infos(run_dir, lambda content: content.update(format=4))
    name, *flags = command
    place = f"{run_dir}:0" if name == "cell" else str(run_dir)
    assert main([name, place, *flags]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"deephyper_xnas: .*format 4, expected at most 3.*\n", err)


def test_a_recorded_score_is_no_objective_but_is_shown_beside(tmp_path, capsys):
    folder = copy_with_recorded_score(tmp_path / "run")
    run = load(folder)
    assert [one.name for one in run.objectives] == [TASK]
    assert [one.name for one in run.axes] == [TASK, XAI]
    assert run.front["id"].tolist() == [0]
    assert run.picks() == {TASK: 0, XAI: 5, "knee": 0}
    assert main(["status", "--json", str(folder)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["objective"] for one in found["best"]] == [TASK]
    assert found["front_size"] == 1


def test_pareto_efficient_means_the_same_in_the_run_and_in_its_report(tmp_path):
    """What counts the recorded score, too, has a name of its own."""
    folder = copy_with_recorded_score(tmp_path / "run")
    assert main(["report", str(folder)]) == 0
    read = {}
    for name in ("results", "report_files/evaluations", "report_files/front"):
        with open(folder / f"{name}.csv") as stream:
            read[name] = list(csv.DictReader(stream))
    flags = [row["pareto_efficient"] for row in read["results"]]
    table = read["report_files/evaluations"]
    assert [row["pareto_efficient"] for row in table] == flags
    assert flags.count("True") == 1
    trade_offs = [int(row["id"]) for row in table if row["trade_off"] == "True"]
    assert trade_offs == FRONT
    assert [row["id"] for row in read["report_files/front"]] == ["0"]
    with open(folder / "report_files" / "trade_offs.csv") as stream:
        assert [int(row["id"]) for row in csv.DictReader(stream)] == FRONT
    document = read_page(folder / "report.html")
    assert tiles(document)["Trade-offs"].value == len(FRONT)
    words = document.one("ul", class_="gaps").text
    assert "trade_off marks it, and pareto_efficient the front of what" in words


def test_reading_changes_nothing(run_dir):
    before = {p: p.stat().st_mtime_ns for p in run_dir.rglob("*")}
    run = load(run_dir)
    assert np.isfinite(run.hypervolume())
    run.picks(), run.means, run.summary()
    assert {p: p.stat().st_mtime_ns for p in run_dir.rglob("*")} == before
    assert STORED.is_dir()
