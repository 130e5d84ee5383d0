"""Models, data and arguments of which class activations cannot be taken."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as kl
from small_models import pictures, small_model

from xnas.xai import (
    collect_activations,
)


def model_with_outputs(*sizes):
    inputs = keras.Input((8, 8, 1))
    flat = kl.Flatten()(kl.ReLU()(inputs))
    return keras.Model(inputs, [kl.Dense(size)(flat) for size in sizes])


@pytest.mark.parametrize(
    "model",
    [
        model_with_outputs(1),
        model_with_outputs(3, 3),
        keras.Sequential([keras.Input((8, 8, 1)), kl.ReLU()]),
    ],
    ids=["one unit", "two outputs", "pictures"],
)
def test_models_that_do_not_classify_are_refused(model):
    with pytest.raises(ValueError, match=r"one output of shape \(batch, classes\)"):
        collect_activations(model, (pictures(5), np.zeros(5)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_classes": 4}, "for 4 classes, but .*3"),
        ({"batch_size": 0}, "at least 1, but are 0 and 25000"),
        ({"max_examples": 0}, "at least 1, but are 128 and 0"),
        ({"group_by": "class"}, "group_by must be one of"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        collect_activations(small_model(), (pictures(5), np.zeros(5)), **arguments)


@pytest.mark.parametrize("label", [-1, 3])
def test_labels_outside_the_classes_are_refused(label):
    y = np.array([0, 1, label, 2])
    with pytest.raises(ValueError, match="labels must be 0 to 2"):
        collect_activations(small_model(), (pictures(4), y), group_by="label")


def test_labels_of_another_shape_are_refused():
    data = (pictures(4), np.zeros((4, 7)))
    with pytest.raises(ValueError, match=r"labels must have shape .*\(None, 7\)"):
        collect_activations(small_model(), data, group_by="label")


def test_datasets_of_another_form_are_refused():
    X = pictures(4)
    for dataset, message in [
        (tf.data.Dataset.from_tensor_slices(X).batch(2), r"batches \(x, y\)"),
        (tf.data.Dataset.from_tensors((X[0, 0, 0, 0], 1.0)), "number of dimensions"),
        ((X[:0], np.zeros(0)), "no examples"),
    ]:
        with pytest.raises(ValueError, match=message):
            collect_activations(small_model(), dataset)
