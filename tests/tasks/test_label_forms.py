"""What labels mean follows from them, the size of a prediction and the loss."""

import keras
import numpy as np
import pytest

from xnas.problem import NaProblem
from xnas.search_space_common import ConstantNode, Dense, KSearchSpace
from xnas.tasks import load_task_data
from xnas.tasks.suspicions import class_counts, suspicions

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = np.arange(60) % 3
HALVES = np.arange(60) % 2
SEVERAL = np.stack([HALVES, Y > 0, Y > 1], axis=1)


def create_search_space(input_shape=(4,), output_shape=None):
    space = KSearchSpace(input_shape, output_shape)
    output = ConstantNode(Dense(output_shape[-1], "sigmoid"), name="output")
    space.connect(space.input_nodes[0], output)
    return space


def own(labels, predictions):
    return keras.losses.mean_squared_error(labels, predictions)


def load(labels, loss, metric="acc", classes=None):
    problem = NaProblem()
    if classes:
        problem.classes(classes)
    problem.load_data(lambda: ((X[:40], labels[:40]), (X[40:], labels[40:])))
    problem.search_space(create_search_space)
    problem.loss(loss)
    problem.metrics([metric])
    problem.objective(f"val_{metric}__last")
    return load_task_data(problem), problem


L = keras.losses
FORMS = {
    "an object": (Y, L.SparseCategoricalCrossentropy(), "integer", 3),
    "a class's name": (Y, "SparseCategoricalCrossentropy", "integer", 3),
    "a function": (Y, L.sparse_categorical_crossentropy, "integer", 3),
    "an object, one-hot": (np.eye(3)[Y], L.CategoricalCrossentropy(), "one-hot", 3),
    "one's own": (Y, own, "integer", 3),
    "one output": (HALVES, "binary_crossentropy", "binary", 2),
    "one output, truths": (HALVES > 0, L.BinaryCrossentropy(), "binary", 2),
    "one output, a column": (HALVES[:, None] * 1.0, "bce", "binary", 2),
    "several labels": (SEVERAL, "binary_crossentropy", "multi-label", 3),
    "several labels, focal": (SEVERAL, L.BinaryFocalCrossentropy(), "multi-label", 3),
    "numbers": (Y, L.MeanSquaredError(), "real", 1),
    "numbers by name": (HALVES, "mse", "real", 1),
    "chances": (HALVES * 0.9, "binary_crossentropy", "real", 1),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_loss_means_the_same_however_it_is_given(name):
    labels, loss, form, n_classes = FORMS[name]
    is_real = form == "real"
    data, problem = load(labels, loss, "mae" if is_real else "acc")
    assert (data.label_form, data.n_classes) == (form, n_classes)
    assert data.is_classification == (form not in ("real", "multi-label"))
    assert suspicions(data, problem) == []
    if data.is_classification:
        assert class_counts(data.train, n_classes).sum() == 40


def test_a_decision_has_two_names_for_one_output():
    data, _ = load(HALVES, "binary_crossentropy", classes=["no", "yes"])
    assert (data.n_outputs, data.n_classes) == (1, 2)


def test_a_decision_without_examples_of_one_class_is_told():
    labels = np.append(HALVES[:40], np.ones(20, int))
    data, problem = load(labels, "binary_crossentropy")
    (told,) = suspicions(data, problem)
    assert "1 of 2 classes have no validation examples (labels 0)" in told


def test_a_loss_is_recorded_alike_in_every_process():
    _, problem = load(HALVES, L.BinaryCrossentropy(label_smoothing=0.1))
    described = problem.to_json()["loss"]
    assert "binary_crossentropy" in described
    assert "0.1" in described
    assert "0x" not in described
