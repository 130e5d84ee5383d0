"""The training step against one written out in NumPy."""

import gc

import keras
import numpy as np
import pytest
import tensorflow as tf

from xnas.declarations.hyperparameters import DEFAULTS
from xnas.declarations.keras_names import OPTIMIZERS
from xnas.training import steps
from xnas.training.optimizer import make_optimizer
from xnas.training.steps import Trainee

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
Y = np.arange(20) % 2


@pytest.fixture
def batches():
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(5).repeat()


@pytest.fixture
def make_trainee(batches):
    def make(weight_decay=0.0, optimizer=None, **dense):
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Input((3,)), keras.layers.Dense(2, "softmax", **dense)]
        model = keras.Sequential(layers)
        model.compile(
            optimizer or keras.optimizers.SGD(0.5),
            "sparse_categorical_crossentropy",
            metrics=["acc"],
            jit_compile=False,
        )
        return Trainee(model, batches.element_spec, 2, weight_decay)

    return make


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def naive_steps(kernel, bias, count, decay, rate=0.5, momentum=0.0):
    """Gradient descent of softmax regression with a penalty, decay * sum(w ** 2)."""
    velocities = [np.zeros_like(kernel), np.zeros_like(bias)]
    for step in range(count):
        x, y = (part[step * 5 % 20 :][:5] for part in (X, Y))
        error = (softmax(x @ kernel + bias) - np.eye(2)[y]) / 5
        gradients = [x.T @ error, error.sum(axis=0)]
        gradients[0] += 2 * decay * kernel
        gradients[1] += 2 * decay * bias
        for weight, gradient, velocity in zip(
            (kernel, bias), gradients, velocities, strict=True
        ):
            velocity[...] = momentum * velocity - rate * gradient
            # Nesterov's way, as far as momentum goes.
            weight += momentum * velocity - rate * gradient if momentum else velocity
    return kernel, bias


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_steps_are_those_of_gradient_descent_with_decay(
    make_trainee, batches, decay, momentum
):
    sgd = keras.optimizers.SGD(0.5, momentum=momentum, nesterov=momentum > 0)
    trainee = make_trainee(decay, sgd)
    start = [weight.copy() for weight in trainee.model.get_weights()]
    trainee.train(iter(batches), 7)
    expected = naive_steps(*start, 7, decay, momentum=momentum)
    for found, weight in zip(trainee.model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(found, weight, atol=1e-5)


def test_weight_decay_is_the_factor_of_kerass_l2_penalty(make_trainee, batches):
    ours = make_trainee(0.1)
    ours.train(iter(batches), 3)
    l2 = keras.regularizers.L2(0.1)
    kerass = make_trainee(0.0, kernel_regularizer=l2, bias_regularizer=l2)
    kerass.train(iter(batches), 3)
    for one, other in zip(
        ours.model.get_weights(), kerass.model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_scaled_loss_makes_the_same_steps(make_trainee, batches):
    usual = make_trainee(0.1)
    scaling = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5))
    scaled = make_trainee(0.1, scaling)
    found = [one.train(iter(batches), 5) for one in (usual, scaled)]
    assert found[0] == pytest.approx(found[1])
    for one, other in zip(
        usual.model.get_weights(), scaled.model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_values_are_means_over_examples_not_batches(make_trainee):
    trainee = make_trainee()
    uneven = tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)
    found = trainee.validate(uneven)
    predicted = softmax(X @ trainee.model.get_weights()[0])
    loss = -np.log(predicted[np.arange(20), Y]).mean()
    accuracy = (predicted.argmax(axis=1) == Y).mean()
    assert found == pytest.approx({"val_loss": loss, "val_acc": accuracy}, abs=1e-6)


def test_values_of_one_pass_do_not_leak_into_the_next(make_trainee):
    trainee = make_trainee()
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)
    first = trainee.validate(dataset)
    stream = tf.data.Dataset.from_tensor_slices((X * 0 + 9, Y)).batch(5).repeat()
    weights = trainee.model.get_weights()
    trainee.train(iter(stream), 3)
    trainee.model.set_weights(weights)
    assert trainee.validate(dataset) == first


@pytest.mark.parametrize("patience", [0.0, 1e9])
def test_the_number_of_steps_in_one_call_changes_nothing(
    make_trainee, batches, monkeypatch, patience
):
    usual = make_trainee()
    expected = usual.train(iter(batches), 13), usual.model.get_weights()
    monkeypatch.setattr(steps, "PATIENCE", patience)
    other = make_trainee()
    found = other.train(iter(batches), 13)
    assert found == expected[0]
    np.testing.assert_array_equal(other.model.get_weights()[0], expected[1][0])


def test_training_stops_at_the_first_step_without_a_finite_loss(make_trainee):
    trainee = make_trainee()
    many = np.tile(X, (2, 1))
    many[20:] = np.nan  # from the fifth batch on
    stream = tf.data.Dataset.from_tensor_slices((many, np.tile(Y, 2))).batch(5)
    assert np.isnan(trainee.train(iter(stream.repeat()), 1000)["loss"])
    assert int(trainee.model.optimizer.iterations) == 5


def test_no_graph_is_traced_twice(make_trainee, batches):
    traced = []

    class Counting(keras.layers.Layer):
        def call(self, x):
            traced.append(x)
            return x

    model = keras.Sequential(
        [keras.layers.Input((3,)), Counting(), keras.layers.Dense(2, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["acc"])
    traced.clear()
    trainee = Trainee(model, batches.element_spec, 2, 0.1)
    for size in (4, 7, 20):
        trainee.train(iter(batches), size)
        trainee.validate(tf.data.Dataset.from_tensor_slices((X, Y)).batch(size))
    assert len(traced) == 2  # one for training, one for validation


def graphs():
    """Graphs of TensorFlow functions that are still in memory."""
    keras.utils.clear_session()
    gc.collect()
    return sum("FuncGraph" in type(thing).__name__ for thing in gc.get_objects())


def test_every_optimizer_learns_and_its_graphs_can_be_let_go(make_trainee, batches):
    before = graphs()
    for name in OPTIMIZERS:
        settings = {**DEFAULTS, "optimizer": name, "num_epochs": 2}
        trainee = make_trainee(0.1, make_optimizer(settings, 4))
        start = trainee.model.get_weights()[0]
        assert np.isfinite(trainee.train(iter(batches), 3)["loss"]), name
        assert np.abs(trainee.model.get_weights()[0] - start).max() > 0, name
    del trainee
    assert graphs() <= before
