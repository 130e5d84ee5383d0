"""``explain`` as its user meets it, on a small task of pictures with test data."""

import csv
import json

import numpy as np
import pytest

import xnas
from xnas.cli import main

pytestmark = pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)
EPOCHS = ["--epochs", "2"]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    flags = ["--problem", "small_task.Problem", "--run", "searching.instant"]
    flags += ["--max-evals", "6", "--population-size", "4", "--seed", "1"]
    flags += ["--evaluator", "serial", "--no-report", "--log-dir", str(folder)]
    assert main(["nas", "nsga2", *flags]) == 0
    return folder


@pytest.fixture(scope="module")
def explained(run_dir):
    """The folder of an explanation with its controls; trains first."""
    assert main(["explain", str(run_dir), "--pick", "0", *EPOCHS]) == 0
    return run_dir / "explained" / "0"


def rows(path):
    with open(path, newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_training_example_has_a_margin_the_largest_first(explained):
    found = rows(explained / "labels.csv")
    assert {one["split"] for one in found} == {"train"}
    assert sorted(int(one["index"]) for one in found) == list(range(60))
    margin = [float(one["margin"]) for one in found]
    assert margin == sorted(margin, reverse=True)
    assert all(one["given"] != one["suggested"] for one in found)


def test_predictions_and_confusion_are_those_that_training_wrote(run_dir, explained):
    trained = run_dir / "trained" / "0-epochs-2"
    ours, theirs = (rows(one / "predictions.csv") for one in (explained, trained))
    words = {"valid": "validation", "test": "test"}
    for one, other in zip(ours, theirs, strict=True):
        assert words[one["split"]] == other["part"]
        for name in ("index", "label", "predicted"):
            assert one[name] == other[name]
        largest = max(float(v) for k, v in other.items() if k.startswith("output_"))
        assert float(one["softmax"]) == pytest.approx(largest, abs=1e-5)
    counts, known = (rows(one / "confusion.csv") for one in (explained, trained))
    for one, other in zip(counts, known, strict=True):
        assert [*one.values()][1:] == [*other.values()][1:]


def test_margins_follow_from_the_activations_of_all_examples(run_dir, explained):
    import keras
    from small_task import pictures

    from xnas.xai import layers_of_interest

    model = keras.models.load_model(
        run_dir / "trained" / "0-epochs-2" / "model.keras", compile=False
    )
    X, y = pictures(60, 0)
    network = model.layers[-1]
    reader = keras.Model(
        network.inputs, [one.output for one in layers_of_interest(network)]
    )
    scaled = model.get_layer("normalize")(X.astype("float32"))
    activations = keras.tree.flatten(reader(scaled))
    scores = np.zeros((60, 3))
    for layer in activations:
        flat = np.asarray(layer, np.float64).reshape(60, -1)
        means = np.stack([flat[y == c].mean(axis=0) for c in range(3)])
        flat /= np.linalg.norm(flat, axis=1, keepdims=True)
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        scores += flat @ means.T / len(activations)
    for one in rows(explained / "labels.csv"):
        i = int(one["index"])
        others = np.delete(scores[i], y[i])
        margin = others.max() - scores[i, y[i]]
        assert float(one["margin"]) == pytest.approx(margin, abs=1e-5)


def test_class_names_stay_text_and_nothing_is_fetched(explained):
    page = (explained / "explain.html").read_text()
    assert "<b>middle</b>" not in page
    assert "&lt;b&gt;middle&lt;/b&gt;" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "6 labels of the training data were changed" in page
    assert "too few errors" in page


def test_the_same_is_explained_from_python_without_training_again(run_dir, tmp_path):
    trained = run_dir / "trained" / "0-epochs-2" / "metrics.json"
    before = trained.stat().st_mtime_ns
    page = xnas.explain(
        run_dir, 0, output=tmp_path / "out", split="test", controls=False
    )
    assert trained.stat().st_mtime_ns == before
    assert page == tmp_path / "out" / "explain.html"
    assert "Controls" not in page.read_text()
    assert len(rows(page.with_name("labels.csv"))) == 21
    assert json.loads(trained.read_text())


def test_other_data_have_a_page_of_their_own_of_the_newest_training(
    run_dir, explained, tmp_path
):
    before = (explained / "labels.csv").read_bytes()
    newer = run_dir / "trained" / "0-epochs-1"
    assert main(["train", str(run_dir), "--pick", "0", "--epochs", "1"]) == 0
    flags = ["--pick", "0", "--no-controls", "--split", "valid"]
    assert main(["explain", str(run_dir), *flags]) == 0
    page = run_dir / "explained" / "0-valid"
    assert {one["split"] for one in rows(page / "labels.csv")} == {"valid"}
    assert (explained / "labels.csv").read_bytes() == before
    ours, theirs = (rows(one / "confusion.csv") for one in (page, newer))
    assert [[*one.values()][1:] for one in ours] == [
        [*other.values()][1:] for other in theirs
    ]


def test_it_does_not_write_among_other_files(run_dir, explained, capsys):
    folder = run_dir / "trained" / "0-epochs-2"
    before = (folder / "predictions.csv").read_text()
    assert main(["explain", str(run_dir), "--pick", "0", "-o", str(folder)]) == 2
    assert "holds other files" in capsys.readouterr().err
    assert (folder / "predictions.csv").read_text() == before
