"""Which layers count, and how the recorder sees them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as kl

from xnas.xai import layers_of_interest
from xnas.xai.layers import averages_through, function_of
from xnas.xai.recording import record, tensors_to_average


class Own(kl.Layer):
    """A layer whose type Keras does not know."""

    def call(self, inputs):
        return inputs * 2


class Declared(Own):
    introspectable = True


class Silent(kl.ReLU):
    introspectable = False


def chain(*layers, shape=(6, 6, 2)):
    inputs = x = keras.Input(shape)
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x)


def names(model):
    return [layer.name for layer in layers_of_interest(model)]


def recorded(model, batch=2):
    shape = (batch, *model.inputs[0].shape[1:])
    x = tf.constant(np.random.default_rng(0).standard_normal(shape), tf.float32)
    return record(model, x)


def test_convolutions_and_activations_count_by_type_whatever_their_names():
    counted = [
        kl.Conv2D(2, 3, padding="same", name="alpha"),
        kl.SeparableConv2D(2, 3, padding="same", name="beta"),
        kl.DepthwiseConv2D(3, padding="same", name="gamma"),
        kl.Conv2DTranspose(2, 3, padding="same", name="delta"),
        kl.Activation("relu", name="epsilon"),
        kl.ReLU(name="zeta"),
        kl.LeakyReLU(name="eta"),
        kl.ELU(name="theta"),
        kl.PReLU(name="iota"),
        kl.Softmax(name="kappa"),
    ]
    others = [
        kl.BatchNormalization(name="conv_norm"),
        kl.AveragePooling2D(3, 1, padding="same", name="activation_pool"),
        kl.Dropout(0.5),
        Own(),
        kl.Flatten(),
        kl.Dense(3, activation="softmax", name="activation_dense"),
    ]
    assert layers_of_interest(chain(*counted, *others)) == counted


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (kl.Conv1D(2, 3), (6, 2)),
        (kl.Conv1DTranspose(2, 3), (6, 2)),
        (kl.SeparableConv1D(2, 3), (6, 2)),
        (kl.DepthwiseConv1D(3), (6, 2)),
        (kl.Conv3D(2, 3), (4, 4, 4, 1)),
        (kl.Conv3DTranspose(2, 3), (4, 4, 4, 1)),
        (kl.ConvLSTM1D(2, 3), (2, 6, 1)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_convolutions_of_other_dimensions_count(layer, shape):
    assert layers_of_interest(chain(layer, shape=shape)) == [layer]


def test_a_custom_layer_declares_itself():
    model = chain(Declared(name="in"), Own(), Silent(), kl.ReLU(name="too"))
    assert names(model) == ["in", "too"]


def test_layers_of_nested_models_count_in_their_place():
    inner = keras.Sequential([keras.Input((6, 6, 2)), kl.ReLU(name="b"), kl.Flatten()])
    middle = chain(kl.ReLU(name="a"), inner)
    middle.name = "middle"
    model = chain(middle, kl.Activation("tanh", name="c"))
    assert names(model) == ["a", "b", "c"]
    _, calls = recorded(model)
    assert [call.name for call in calls] == ["middle.a", f"middle.{inner.name}.b", "c"]


def test_a_nested_model_that_declares_itself_counts_as_one():
    inner = chain(kl.ReLU(), kl.Flatten())
    inner.introspectable = True
    assert layers_of_interest(chain(inner)) == [inner]


def test_models_without_a_graph_are_refused():
    class Subclassed(keras.Model):
        def call(self, inputs):
            return inputs

    for model in (Subclassed(), keras.Sequential([kl.ReLU()])):
        with pytest.raises(ValueError, match="functional or sequential"):
            layers_of_interest(model)


def test_a_layer_called_twice_is_recorded_twice():
    inputs = keras.Input((6, 6, 2))
    shared = kl.Conv2D(2, 3, padding="same", name="shared")
    model = keras.Model(inputs, shared(shared(inputs)))
    assert names(model) == ["shared"]
    _, calls = recorded(model)
    assert [call.name for call in calls] == ["shared", "shared:1"]
    assert not np.allclose(calls[0].output, calls[1].output)


def test_recording_runs_the_model_as_prediction_does():
    model = chain(
        kl.BatchNormalization(),
        kl.Dropout(0.9),
        kl.Conv2D(3, 3),
        keras.Sequential([kl.Activation("relu"), kl.Dropout(0.9)]),
        kl.Flatten(),
        kl.Dense(4),
    )
    model.layers[1].set_weights([np.array([3.0, 2.0])] * 4)
    x = np.random.default_rng(0).standard_normal((5, 6, 6, 2)).astype(np.float32)
    outputs, _ = record(model, x)
    np.testing.assert_allclose(outputs[0], model.predict(x, verbose=0), rtol=1e-5)


def test_equal_activations_of_one_tensor_are_computed_and_averaged_once():
    inputs = keras.Input((6, 6, 2))
    branches = [
        kl.ReLU()(inputs),
        kl.ReLU()(inputs),
        kl.ReLU(negative_slope=0.1)(inputs),
        kl.Activation("tanh")(inputs),
        kl.Activation("tanh")(inputs),
        kl.Activation("sigmoid")(inputs),
    ]
    model = keras.Model(inputs, kl.Add()([*branches, kl.ReLU()(branches[3])]))
    _, calls = recorded(model)
    assert len(calls) == 7
    assert len(tensors_to_average(calls)) == 5


def test_activations_made_from_different_functions_are_never_merged():
    def make(power):
        return kl.Activation(lambda x: x**power)

    assert function_of(make(1)) != function_of(make(2))
    assert function_of(kl.PReLU()) is None
    assert function_of(Silent()) is None


def test_convolutions_that_read_a_known_mean_need_no_averaging():
    model = chain(
        kl.Conv2D(4, 3, padding="same"),  # follows from the inputs, which are smaller
        kl.ReLU(),  # averaged
        kl.Conv2D(2, 3),  # follows from the activation
        kl.Conv2D(2, 1),  # follows from that
        kl.BatchNormalization(),
        kl.Conv2D(1, 3),  # averaged, being smaller than what it reads
    )
    _, calls = recorded(model)
    shapes = [tuple(tensor.shape[1:]) for tensor in tensors_to_average(calls)]
    assert shapes == [(6, 6, 2), (6, 6, 4), (2, 2, 1)]


@pytest.mark.parametrize(
    "layer",
    [
        kl.Conv2D(2, 3, activation="relu"),
        kl.Conv2D(2, 3, dtype="mixed_bfloat16"),
        type("Subclass", (kl.Conv2D,), {})(2, 3),
        kl.ReLU(),
        kl.Activation("linear"),
    ],
    ids=["activation", "bfloat16", "subclass", "relu", "linear"],
)
def test_only_plain_convolutions_are_taken_for_affine(layer):
    assert not averages_through(layer)


def test_outputs_without_a_fixed_shape_are_refused():
    model = chain(kl.ReLU(name="free"), shape=(None, 2))
    graph = tf.function(lambda x: record(model, x)[0])
    with pytest.raises(ValueError, match="'free' must give outputs of a fixed shape"):
        graph.get_concrete_function(tf.TensorSpec((None, None, 2)))
