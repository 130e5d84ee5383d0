"""Names written down here are those that Keras has."""

import inspect

import keras
import pytest

from xnas.declarations import keras_names as names

WRAPPERS = {"lossscaleoptimizer", "multioptimizer", "optimizer", "optimizermap"}
WRAPPERS |= {"schedulefreeadamw"}  # switches weights between training and validation


def test_every_optimizer_of_keras_is_offered_but_wrappers():
    found = {name.lower() for name in dir(keras.optimizers) if name[0].isupper()}
    assert set(names.OPTIMIZERS) == found - WRAPPERS


@pytest.mark.parametrize("name", names.OPTIMIZERS)
def test_arguments_of_optimizers_are_those_of_keras(name):
    found = next(one for one in dir(keras.optimizers) if one.lower() == name)
    taken = inspect.signature(getattr(keras.optimizers, found)).parameters
    own, shared = names.OPTIMIZERS[name], names.OPTIMIZER_ARGUMENTS
    assert taken.keys() >= {*own, *shared}


@pytest.mark.parametrize("name", sorted(names.CALLBACKS))
def test_callbacks_are_those_of_keras(name):
    assert issubclass(getattr(keras.callbacks, name), keras.callbacks.Callback)


@pytest.mark.parametrize("name", sorted(names._LOSSES))
def test_losses_known_without_keras_are_known_to_keras(name):
    assert callable(keras.losses.get(name))


@pytest.mark.parametrize("name", sorted(set(names._METRICS) - {"acc"}))
def test_metrics_known_without_keras_are_known_to_keras(name):
    assert callable(keras.metrics.get(name))


def test_rare_names_are_looked_up_in_keras():
    assert names.is_loss("log_cosh")
    assert names.is_metric("root_mean_squared_error")
    assert not names.is_loss("no_loss")
    assert not names.is_metric("no_metric")


@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("val_acc", ["acc", "val_acc"], "val_acc"),
        ("val_acc", ["accuracy", "val_accuracy"], "val_accuracy"),
        ("accuracy", ["acc", "val_acc"], "acc"),
        ("val_mse", ["mse"], None),
    ],
)
def test_the_accuracy_goes_by_two_names(name, keys, expected):
    assert names.find_alias(name, keys) == expected
