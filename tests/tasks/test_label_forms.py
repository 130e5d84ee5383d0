"""What labels mean follows from them, the size of a prediction and the loss."""

import keras
import numpy as np
import pytest

from xnas.errors import TaskError
from xnas.problem import NaProblem
from xnas.search_space_common import ConstantNode, Dense, KSearchSpace
from xnas.tasks import load_task_data
from xnas.tasks.label_fit import misread
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
    metric = {"real": "mae", "multi-label": "binary_accuracy"}.get(form, "acc")
    data, problem = load(labels, loss, metric)
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


ONE_HOT = np.eye(3)[Y]
SPARSE = "sparse_categorical_crossentropy"
MISFITS = {
    "one-hot metric": (Y, SPARSE, "categorical_accuracy"),
    "squares of classes": (Y, SPARSE, "mse"),
    "a class's name": (Y, SPARSE, "AUC"),
    "sparse metric": (
        ONE_HOT,
        "categorical_crossentropy",
        "sparse_categorical_accuracy",
    ),
    "accuracy of several labels": (SEVERAL, "binary_crossentropy", "acc"),
    "accuracy of numbers": (np.where(HALVES, 1, -1), "hinge", "acc"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_metric_for_labels_of_another_form_is_told(name):
    labels, loss, metric = MISFITS[name]
    data, problem = load(labels, loss, metric)
    (told,) = suspicions(data, problem)
    assert f"metric {metric} found for labels that are" in told


def test_a_loss_for_labels_of_another_form_is_told():
    problem = NaProblem()
    problem.load_data(lambda: ((X[:40], Y[:40]), (X[40:], Y[40:])))
    problem.search_space(create_search_space, output_shape=(3,))
    problem.loss("mse")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    (told,) = suspicions(load_task_data(problem), problem)
    assert "loss mse found for labels that are integers" in told


@pytest.mark.parametrize("metric", ["top_k_categorical_accuracy", "Precision", "acc"])
def test_a_metric_for_labels_of_its_form_is_taken(metric):
    assert suspicions(*load(ONE_HOT, "categorical_crossentropy", metric)) == []


def test_one_output_of_logits_is_told_as_it_is_decided_at_a_half():
    loss = L.BinaryCrossentropy(from_logits=True)
    (told,) = suspicions(*load(HALVES, loss))
    assert "from_logits=True beside one output" in told


def loading(load, **space):
    problem = NaProblem()
    problem.load_data(load)
    problem.search_space(create_search_space, **space)
    problem.loss(SPARSE)
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    return load_task_data(problem)


def test_a_list_of_examples_is_told_from_one_of_inputs():
    with pytest.raises(TaskError, match=r"a list of 60 arrays for 60 labels.*np.stack"):
        loading(lambda: ((list(X), Y), (list(X), Y)))


def test_an_output_shape_that_is_no_tuple_is_told():
    with pytest.raises(TaskError, match="output_shape is 3, expected a tuple"):
        loading(lambda: ((X, Y), (X, Y)), output_shape=3)


CHANCES = np.full((4, 3), 1 / 3)
MISREAD = {
    "numbers without an end": (CHANCES - 0.5, SPARSE, "predicts -0.167"),
    "softmax twice": (
        CHANCES,
        L.SparseCategoricalCrossentropy(from_logits=True),
        "add up to 1",
    ),
    "chances": (CHANCES, SPARSE, None),
    "logits": (CHANCES - 1, L.CategoricalCrossentropy(from_logits=True), None),
    "one's own": (CHANCES - 1, own, None),
    "numbers": (CHANCES - 1, "mse", None),
}


@pytest.mark.parametrize("name", MISREAD)
def test_predictions_that_a_cross_entropy_misreads_are_told(name):
    predictions, loss, words = MISREAD[name]
    problem = NaProblem()
    problem.loss(loss)
    told = misread(predictions, problem)
    assert told is None if words is None else words in told
