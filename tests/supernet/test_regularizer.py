"""The paper's regulariser: the same gradients by both trainers, and nothing broken."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_spaces import make_pictures, pictures_task, small_cells, table_task

from xnas.declarations.hyperparameters import DEFAULTS
from xnas.errors import UsageError
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trainers import make_trainer
from xnas.face.task import _check_needs_no_classes
from xnas.scores import distances_from_gram
from xnas.space.extremes import random_networks
from xnas.supernet.network import Supernet
from xnas.supernet.training import SupernetTrainee
from xnas.training.steps import Trainee
from xnas.xai.regularizer import Regularizer

REGULARIZED = {"regularize_introspectability": 0.5}


@pytest.fixture
def exact():
    """Compute in float64."""
    for name in ("float64", "float32"):
        keras.config.set_floatx(name)
        keras.config.set_dtype_policy(name)
        if name == "float64":
            yield


def regularizer(**changes):
    return Regularizer.of({**DEFAULTS, **REGULARIZED, **changes}, 3)


class OnlyRun:
    """What runs a network in a step, without the rest of it."""

    def __init__(self, trainee, model, regularizer):
        self.trainee = trainee.__new__(trainee)
        self.trainee.model, self.trainee._regularizer = model, regularizer

    def loss(self, x, y):
        predictions, penalty = self.trainee._run(x, y)
        errors = keras.losses.sparse_categorical_crossentropy(y, predictions)
        return tf.reduce_mean(errors) + penalty, penalty


def by_name(supernet, vector):
    """Cut a vector of the chosen network's weights into variables."""
    chosen = {node.owner: number for node, number in supernet.active}
    found, start = {}, 0
    for node, number, one in supernet.plan.variables(0):
        if chosen.get(node.step) == number:
            name = f"{node.name(one.layer.name)}/{one.index}"
            found[name] = vector[start : start + one.size].reshape(one.variable.shape)
        start += one.size
    return found


@pytest.mark.parametrize(("layers", "count"), [("all", 14), ("last-stage", 6)])
def test_gradients_of_both_trainers_agree_in_float64(exact, layers, count):
    space = small_cells((4, 4, 2), (3,))
    supernet = Supernet(space)
    x, y = make_pictures(12, seed=3)
    x, y = x.astype(np.float64), tf.constant(y)
    mine = OnlyRun(SupernetTrainee, supernet, regularizer(regularized_layers=layers))
    for genotype in random_networks(space, count, seed=1):
        supernet.choose(genotype, 5)
        with tf.GradientTape() as tape:
            loss, penalty = mine.loss(x, y)
        (weights,) = supernet.trainable_variables
        gradients = by_name(supernet, tape.gradient(loss, weights.value).numpy())
        supernet.choose(genotype, 5)
        space.set_ops(list(genotype))
        model = space.create_model()
        values = supernet.weights_by_name()
        for layer in model.layers:
            for index, variable in enumerate(layer.variables):
                variable.assign(values[f"{layer.name}/{index}"])
        plain = OnlyRun(Trainee, model, mine.trainee._regularizer)
        with tf.GradientTape() as tape:
            other, other_penalty = plain.loss(x, y)
        assert 0 < penalty < 0.5
        np.testing.assert_allclose(penalty, other_penalty, rtol=1e-9)
        np.testing.assert_allclose(loss, other, rtol=1e-9)
        variables = [
            (f"{layer.name}/{index}", variable)
            for layer in model.layers
            for index, variable in enumerate(layer.variables)
            if variable.trainable
        ]
        found = tape.gradient(other, [variable.value for _, variable in variables])
        for (name, _), gradient in zip(variables, found, strict=True):
            np.testing.assert_allclose(gradients[name], gradient, rtol=0, atol=1e-9)


def test_the_penalty_is_one_minus_the_mean_distance_of_the_classes_present(exact):
    sums = np.random.default_rng(0).normal(size=(4, 7))
    sums[2] = 0  # a class that the batch does not hold
    found = Regularizer(2.0, "all", 4).penalty(tf.constant(sums @ sums.T))
    known = sums[[0, 1, 3]]
    distances = distances_from_gram(known @ known.T)[np.triu_indices(3, k=1)]
    assert float(found) == pytest.approx(2 * (1 - distances.mean()), abs=1e-12)


@pytest.mark.parametrize("present", [0, 1])
def test_a_batch_of_one_class_costs_nothing_and_breaks_nothing(present):
    sums = tf.Variable(np.eye(3, 5, dtype="float32")[:, ::-1] * [[present], [0], [0]])
    with tf.GradientTape() as tape:
        penalty = Regularizer(0.5, "all", 3).penalty(sums @ tf.transpose(sums))
    assert float(penalty) == 0
    gradient = tape.gradient(penalty, sums)
    assert gradient is None or not np.asarray(gradient).any()


@pytest.mark.parametrize("trainer", ["plain", "compiled"])
def test_both_trainers_train_for_introspectability(trainer):
    scores = []
    for weight in (0.0, 5.0):
        task = table_task(
            sizes=(60, 60),
            num_epochs=6,
            batch_size=20,
            regularize_introspectability=weight,
        )
        network = make_trainer(trainer, task).evaluate((0, 1), seed=2)
        scores.append(network.class_activations("train", "label").score())
        assert np.isfinite(network.history["loss"]).all()
    assert scores[1] > scores[0] + 0.05


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("regularize_introspectability", -1, "expected a number, 0 or more"),
        ("regularized_layers", "first", "expected one of"),
    ],
)
def test_other_values_are_refused(name, value, message):
    with pytest.raises(ValueError, match=message):
        pictures_task(**{name: value})


def test_a_task_without_classes_has_nothing_to_regularise():
    task = pictures_task(**REGULARIZED)
    settings = RunSettings("mine", 0, objectives=("-val_loss",))
    with pytest.raises(UsageError, match="regularize_introspectability compares"):
        _check_needs_no_classes(task, settings, "multi-label")
