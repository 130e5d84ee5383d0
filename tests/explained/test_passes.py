"""What is read of a network, and labels that are changed on purpose."""

import keras
import numpy as np
import pytest

from xnas.explained.controls import changes, with_labels
from xnas.explained.explanation import explain
from xnas.explained.passes import both_outputs, classes_of, read_by_head
from xnas.training.data import TaskData
from xnas.training.split import Split


def data_of(labels, form):
    split = Split([np.zeros((len(labels), 2), np.float32)], labels)
    return TaskData(split, split, 3, form)


def test_the_last_layer_is_the_last_one_with_weights():
    inputs = keras.Input((4,))
    hidden = keras.layers.Dense(5, name="hidden")(inputs)
    output = keras.layers.Softmax()(keras.layers.Dense(3, name="head")(hidden))
    features, name = read_by_head(keras.Model(inputs, output))
    assert (tuple(features.shape), name) == ((None, 5), "head")
    both = keras.layers.Add()([output, output])
    merged = keras.Model(inputs, both)
    assert read_by_head(merged) == (merged.outputs[0], None)


@pytest.mark.parametrize(
    "outputs", [np.array([[0.25]]), np.log([[3.0, 1.0]]), np.array([[0.75, 0.25]])]
)
def test_chances_and_logits_become_probabilities(outputs):
    np.testing.assert_allclose(both_outputs(outputs), [[0.75, 0.25]])


def test_a_changed_label_is_never_the_one_it_was():
    classes = np.array([0] * 90 + [1] * 9 + [2])
    index, sources = changes(classes, 40, np.random.default_rng(0))
    assert len(set(index.tolist())) == 40
    assert (classes[index] != classes[sources]).all()
    assert not len(changes(np.zeros(5, int), 2, np.random.default_rng(0))[0])


@pytest.mark.parametrize("form", ["integer", "one-hot"])
def test_labels_are_changed_in_the_form_they_have(form):
    classes = np.array([0, 1, 2, 1])
    labels = np.eye(3, dtype=np.float32)[classes] if form == "one-hot" else classes
    data = data_of(labels, form)
    changed = with_labels(data, np.array([3, 1, 2, 1]))
    assert changed.train.labels.shape == labels.shape
    assert classes_of(changed.train.labels, data).tolist() == [1, 1, 2, 1]
    assert classes_of(data.train.labels, data).tolist() == [0, 1, 2, 1]


def test_an_explanation_knows_the_files_of_the_examples_that_it_read():
    rng = np.random.default_rng(0)

    def part(name):
        files = tuple(f"{name}/{i}.png" for i in range(6))
        return Split([rng.random((6, 2), np.float32)], np.arange(6) % 2, files)

    parts = {name: part(name) for name in ("train", "valid", "test")}
    data = TaskData(
        parts["train"], parts["valid"], 2, "integer", read_test=lambda: parts["test"]
    )
    hidden = keras.layers.ReLU()(inputs := keras.Input((2,)))
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(hidden))
    found = explain(model, data, "ab", "train")
    assert found.files == {name: one.files for name, one in parts.items()}
