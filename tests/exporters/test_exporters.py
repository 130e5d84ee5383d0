"""What is exported is read back by the readers of the programs that it is for."""

import csv
import importlib.util
import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from random_runs import make_random_run
from run_folders import NOW, sign

import xnas
from xnas.cli import main
from xnas.errors import UsageError
from xnas.exporters import TARGETS, exporter
from xnas.results import Columns, ResultsTable, load, write_json

CURVES = {"loss": [1.5, 0.25], "val_acc": [0.25, 0.75]}
LAST = 11


def needs(package):
    missing = importlib.util.find_spec(package) is None
    reason = f"{package} is not installed: pip install -r requirements-dev.txt"
    return pytest.mark.skipif(missing, reason=reason)


@pytest.fixture
def run(tmp_path):
    """The folder of a run of which the last row is still to come, and that row."""
    own = {"hyperparameters": {"regularize_introspectability": 0.5}}
    names = ("val_acc__last", "introspectability", "n_parameters")
    folder = make_random_run(
        tmp_path / "mine", LAST + 1, seed=4, objectives=names, grams=False, problem=own
    )
    for number in range(LAST + 1):
        folder.history(number).parent.mkdir(parents=True, exist_ok=True)
        write_json(folder.history(number), CURVES)
    *rows, last = load(folder.root).records
    folder.results.unlink()
    add(folder, rows)
    return folder, last


def add(folder, rows):
    nodes = [f"edge_{i}" for i in range(6)]
    with closing(ResultsTable(folder.results, Columns.of_run(nodes, 3, ()))) as table:
        table.append(rows)


def expected_of(folder):
    """Ids to measured objectives, by the run's own reader."""
    found = load(folder.root)
    return {
        one.id: {a.name: a.shown(v) for a, v in zip(found.objectives, values)}  # noqa: B905
        for one in found.records
        for values in [one.objectives or ()]
    }


def test_json_holds_objectives_operations_marks_and_curves(run, capsys):
    folder, last = run
    add(folder, [replace(last, objectives=(0.5, float("-inf"), -7.0), failure=None)])
    assert main(["export", str(folder.root), "--to", "json"]) == 0
    path = capsys.readouterr().out.strip()
    content = json.loads(Path(path).read_text())
    rows = {one["id"]: one for one in content["evaluations"]}
    for number, values in expected_of(folder).items():
        metrics = rows[number]["metrics"]
        read = {name: float(metrics[name]) for name in values}
        assert read == values
        assert rows[number]["history"] == CURVES
    assert rows[LAST]["metrics"]["introspectability"] == "-inf"
    assert "Regularised" in content["marks"]["regularized"]
    assert set(rows[0]["operations"]) == {f"edge_{i}" for i in range(6)}
    assert rows[0]["facts"]["arch_seq"] == list(load(folder.root).record(0).genotype)


def test_csv_holds_what_json_does(run):
    folder, _ = run
    xnas.export(folder.root, "csv")
    xnas.export(folder.root, "json")
    beside = folder.root / "exported"
    rows = json.loads((beside / "json" / "run.json").read_text())["evaluations"]
    with open(beside / "csv" / "evaluations.csv", newline="") as file:
        table = [*csv.DictReader(file)]
    for row, line in zip(rows, table, strict=True):
        assert {k: float(line[k]) for k in row["metrics"]} == {
            k: float(v) for k, v in row["metrics"].items()
        }
        assert {k: line[f"p:{k}"] for k in row["operations"]} == row["operations"]
        assert json.loads(line["m:arch_seq"]) == row["facts"]["arch_seq"]
        assert line["failure"] == (row["failure"] or "")
    with open(beside / "csv" / "histories.csv", newline="") as file:
        assert len([*csv.DictReader(file)]) == 4 * len(rows)


@pytest.mark.parametrize("target", TARGETS)
def test_a_package_that_is_missing_is_named_with_what_installs_it(target, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    if target in ("csv", "json"):
        exporter(target)
        return
    with pytest.raises(UsageError, match=rf"not installed .*pip install .*{target}"):
        exporter(target)


def test_the_format_of_a_model_leads_to_what_writes_it():
    for name in ("onnx", "keras", "saved_model", "SavedModel"):
        with pytest.raises(UsageError, match=f"^--to: '{name}' .* `train"):
            exporter(name)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["csv", "--register", "digits"], "--register is given, but --to is csv"),
        (["csv", "-o", "https://server"], "expected a folder for --to csv"),
        (["json", "-o", "FILE"], "FILE cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_sentence(run, words, told, capsys):
    folder, _ = run
    file = folder.root / "FILE"
    file.touch()
    words = [str(file) if word == "FILE" else word for word in words]
    assert main(["export", str(folder.root), "--to", *words]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


def test_following_ends_with_the_search_and_holds_its_last_row(run, monkeypatch):
    folder, last = run

    def wait(seconds):
        add(folder, [last])
        write_json(folder.heartbeat, sign("finished"))

    write_json(folder.heartbeat, sign("running"))
    monkeypatch.setattr("time.time", lambda: NOW)

    os.utime(folder.heartbeat, (NOW, NOW))
    monkeypatch.setattr("xnas.cli.export.time.sleep", wait)
    assert main(["export", str(folder.root), "--to", "json", "--follow"]) == 0
    content = json.loads((folder.root / "exported/json/run.json").read_text())
    assert content["evaluations"][-1]["id"] == last.id


def tensorboard_values(folder):
    """Tags to steps and values, as TensorBoard reads them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    found = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    found.Reload()
    return {
        tag: [(one.step, make_ndarray(one.tensor_proto)) for one in found.Tensors(tag)]
        for tag in found.Tags()["tensors"]
    }


@needs("tensorboard")
@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_what_was_exported_once(run):
    folder, last = run
    xnas.export(folder.root, "tensorboard")
    add(folder, [last])
    xnas.export(folder.root, "tensorboard")
    (root,) = (folder.root / "exported" / "tensorboard").iterdir()
    for number, values in expected_of(folder).items():
        read = tensorboard_values(root / "networks" / str(number))
        for name, value in values.items():
            assert [(s, float(v)) for s, v in read[name]] == [(0, pytest.approx(value))]
        for name, curve in CURVES.items():
            found = [float(v) for _, v in read[f"history/{name}"]]
            assert found == pytest.approx(curve)
    search = tensorboard_values(root / "search")
    steps = [step for step, _ in search["best/val_acc__last"]]
    assert steps == sorted(set(steps))
    assert [step for step, _ in search["front"]] == [LAST, LAST + 1]
    assert "Regularised" in str(search["settings"])


@pytest.fixture
def trained(run):
    """A model as ``train`` leaves it, of evaluation 0."""
    import keras

    folder, _ = run
    root = folder.root / "trained" / "0"
    root.mkdir(parents=True)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.save(root / "model.keras")
    for name, content in (("training", {"evaluation": 0}), ("metrics", {})):
        write_json(root / f"{name}.json", content)
    (root / "MODEL_CARD.md").write_text("# What it is\n")
    return model


@needs("mlflow")
@pytest.mark.filterwarnings("ignore")
def test_mlflow_reads_what_was_exported_once(run, trained, tmp_path, monkeypatch):
    import numpy as np
    from mlflow import MlflowClient, pyfunc, set_registry_uri, set_tracking_uri

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder, last = run
    place = tmp_path / "store"
    xnas.export(folder.root, "mlflow", place)
    add(folder, [last])
    said = [xnas.export(folder.root, "mlflow", place, register="m") for _ in range(2)]
    assert [len(lines) for lines in said] == [2, 1]  # registered once

    uri = f"sqlite:///{place / 'mlflow.db'}"
    client = MlflowClient(uri, uri)
    experiment = client.get_experiment_by_name("xnas digits").experiment_id
    runs = {int(r.data.tags["xnas.id"]): r for r in client.search_runs([experiment])}
    expected = expected_of(folder)
    assert runs.keys() == {-1, *expected}
    for number, values in expected.items():
        one = runs[number]
        assert {n: one.data.metrics[n] for n in values} == values
        assert one.info.status == ("FINISHED" if values else "FAILED")
        assert one.data.tags["mlflow.parentRunId"] == runs[-1].info.run_id
        assert "Regularised" in one.data.tags["regularized"]
        assert set(one.data.params) == {f"edge_{i}" for i in range(6)}
    curve = client.get_metric_history(runs[0].info.run_id, "history/val_acc")
    assert [(one.step, one.value) for one in curve] == [*enumerate(CURVES["val_acc"])]
    assert runs[-1].data.params["search"] == "NSGAII"
    front = {n for n, one in runs.items() if one.data.tags.get("xnas.front") == "True"}
    assert front == set(load(folder.root).front["id"])

    version = client.get_model_version("m", "1")
    assert version.description == "# What it is\n"
    set_tracking_uri(uri)
    set_registry_uri(uri)
    X = np.ones((1, 3), np.float32)
    found = pyfunc.load_model("models:/m/1").predict(X)
    np.testing.assert_allclose(found, trained(X), rtol=1e-6)
