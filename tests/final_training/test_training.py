"""All replicates, and the files that come of them."""

import csv
import io
import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import small_task
import tensorflow as tf
from test_settings import SETTINGS

from xnas.errors import UsageError
from xnas.final_training.choice import Chosen
from xnas.final_training.folder import OutputFolder
from xnas.final_training.training import (
    export_all,
    finish,
    load_finished,
    train_all,
)

pytestmark = pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


class Silent:
    """Hears how far a training is, and keeps it to itself."""

    def begin_replicate(self, replicate, epochs_done):
        pass

    def end_epoch(self, epoch, values):
        pass


def train(network, root, exports=()):
    folder = OutputFolder(root)
    folder.claim()
    settings = replace(SETTINGS, arch_seq=network.arch_seq, replicates=1)
    chosen = Chosen(7, network.arch_seq, {"val_acc__last": 0.5})
    outcomes = train_all(network, settings, folder, Silent())
    finish(network, settings, chosen, outcomes, folder, task="small", exports=exports)
    folder.release()
    return folder


def test_a_network_with_an_activation_of_its_own_is_exported_and_told_of(
    trainable, tmp_path
):
    network = trainable(small_task.Own, (1,))
    folder = train(network, tmp_path, ["saved-model"])
    assert "holds layers or functions that Keras does not know" in (
        folder.card.read_text()
    )
    assert "own_activation" in folder.card.read_text()
    X = network.data.valid.inputs[0].astype(np.float32)
    loaded = tf.saved_model.load(str(tmp_path / "saved_model"))
    model = keras.models.load_model(
        folder.model, custom_objects={"own_activation": small_task.own_activation}
    )
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(loaded.serve(X), expected, atol=1e-6)
    with pytest.raises(UsageError, match="cannot be loaded without its task"):
        export_all(folder, ["onnx"], lambda: load_finished(folder))
    assert not (tmp_path / "model.onnx").exists()


def check_predictions(folder, valid):
    """What is written of each example is what the written model answers."""
    rows = list(csv.DictReader(io.StringIO(folder.predictions.read_text())))
    names = small_task.Problem.class_names
    answers = keras.models.load_model(folder.model).predict(valid.inputs[0], verbose=0)
    told = [[float(row[f"output_{name}"]) for name in names] for row in rows]
    np.testing.assert_allclose(told, answers, atol=1e-5)
    assert [row["label"] for row in rows] == [names[i] for i in valid.labels]
    assert [row["predicted"] for row in rows] == [names[i] for i in answers.argmax(1)]
    correct = np.mean([row["label"] == row["predicted"] for row in rows])
    found = json.loads(folder.metrics.read_text())
    assert correct == pytest.approx(found["validation"]["val_acc__last"]["mean"])
    by_class = found["by_class"]["validation"]
    assert sum(one["examples"] for one in by_class) == len(rows)


def test_its_neighbour_of_keras_layers_alone_is_exported_later(trainable, tmp_path):
    network = trainable(small_task.Own, (0,))
    folder = train(network, tmp_path)
    check_predictions(folder, network.data.valid)
    assert "Keras alone loads it" in folder.card.read_text()
    formats = ["saved-model"]
    assert export_all(folder, formats, lambda: load_finished(folder)) == [
        tmp_path / "saved_model"
    ]
    assert export_all(folder, formats, lambda: load_finished(folder)) == []
