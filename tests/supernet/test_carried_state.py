"""Layers bring the weights they had into every network, by either trainer."""

import keras
import numpy as np
import pytest
from small_spaces import N_CLASSES, choosing, in_a_row, load_table, make_task

from xnas.evaluation.trainers import make_trainer
from xnas.space import ConstantNode, Dense, Operation, SpaceError
from xnas.tasks import load_task_data, space_of
from xnas.training.initial import fresh_network

X = load_table()[0][0] * 7 + 3


def adapted():
    layer = keras.layers.Normalization()
    layer.adapt(X)
    return layer


def pretrained(seed, trainable=False):
    keras.utils.set_random_seed(seed)
    body = [
        keras.layers.Dense(5, "relu", name="dense"),
        keras.layers.BatchNormalization(name="norm"),
    ]
    model = keras.Sequential([keras.Input((6,), name="x"), *body], name="body")
    model.trainable = trainable
    return model


LAYERS = {"normal": adapted(), "body": pretrained(0), "tuned": pretrained(1, True)}


def load(n_train, n_valid):
    return tuple((X * 7 + 3, y) for X, y in load_table(n_train, n_valid))


def space(input_shape=(6,), output_shape=(N_CLASSES,)):
    return in_a_row(
        ConstantNode(LAYERS["normal"], "normal"),
        choosing("taken", *(Operation(LAYERS[name]) for name in ("body", "tuned"))),
        ConstantNode(Dense(N_CLASSES, "softmax"), "output"),
    )


@pytest.fixture(scope="module")
def task():
    return make_task(space, load, learning_rate=0.1)


def by_class(model):
    return {type(layer).__name__: layer for layer in model.layers}


def weights(layer):
    return [weight.value.numpy() for weight in layer.weights]


def assert_same(found, expected):
    for one, other in zip(weights(found), weights(expected), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("trainer", ["plain", "compiled"])
def test_frozen_layers_are_the_same_in_a_trained_network(task, trainer):
    network = make_trainer(trainer, task).evaluate((0,), seed=3)
    layers = by_class(network.keras_model())
    assert_same(layers["Normalization"], LAYERS["normal"])
    assert_same(layers["Sequential"], LAYERS["body"])
    assert network.n_parameters == network.keras_model().count_params()
    hidden = LAYERS["body"](LAYERS["normal"](X), training=False)
    expected = layers["Activation"](layers["Dense"](hidden))
    np.testing.assert_allclose(network.predict(X), expected, atol=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_layers_to_be_tuned_start_from_their_weights(task, seed):
    layers = by_class(fresh_network(space_of(task, load_task_data(task)), (1,), seed))
    assert_same(layers["Sequential"], LAYERS["tuned"])
    assert len(layers["Sequential"].trainable_variables) == 4


def test_training_a_network_leaves_the_layer_it_copied_alone(task):
    before = weights(LAYERS["tuned"])
    network = make_trainer("plain", task).evaluate((1,), seed=3)
    trained = by_class(network.keras_model())["Sequential"]
    assert np.abs(weights(trained)[0] - before[0]).max() > 1e-3
    np.testing.assert_array_equal(weights(LAYERS["tuned"])[0], before[0])


def test_operations_of_other_weights_are_other_operations():
    one, same, other = (Operation(pretrained(seed)) for seed in (0, 0, 1))
    assert one.signature() == same.signature() != other.signature()


def test_a_vocabulary_that_would_be_lost_is_refused_by_name():
    layer = keras.layers.IntegerLookup(name="words")
    layer.adapt(np.arange(5))
    with pytest.raises(SpaceError, match="layer words keeps its vocabulary"):
        Operation(layer)
    Operation(keras.layers.IntegerLookup(vocabulary=[1, 2]))
