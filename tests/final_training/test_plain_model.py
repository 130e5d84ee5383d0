"""Models that Keras loads alone."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import small_task

from xnas.final_training.plain_model import foreign_objects, plain_model, save_model
from xnas.tasks import load_task_data
from xnas.training.images import Normalize

pytestmark = pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

OLD_WAY = "ignore:__array__ implementation doesn't accept:DeprecationWarning"

ALONE = """
import sys
import keras, numpy as np

model = keras.models.load_model(sys.argv[1])
inputs = np.load(sys.argv[2])
given = inputs["input_0"] if len(inputs) == 1 else dict(inputs)
found = model.predict(given, verbose=0)
np.save(sys.argv[3], found)
assert not [name for name in sys.modules if name.startswith(("xnas", "experiments"))]
"""


def predict_alone(tmp_path, model, **inputs):
    """Load and predict in a process that knows nothing but Keras."""
    save_model(model, tmp_path / "model.keras")
    np.savez(tmp_path / "inputs.npz", **inputs)
    names = ("model.keras", "inputs.npz", "outputs.npy")
    places = [str(tmp_path / name) for name in names]
    subprocess.run(
        [sys.executable, "-I", "-W", "error", "-W", OLD_WAY, "-c", ALONE, *places],
        check=True,
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        timeout=200,
    )
    return np.load(places[2])


@pytest.fixture
def network():
    """A network of a problem, and the problem's data."""

    def make(problem, choices):
        data = load_task_data(problem)
        keras.utils.set_random_seed(0)
        space = problem.build_space()
        space.set_ops(choices)
        return space.create_model(), data

    return make


def test_raw_pictures_go_in_where_the_task_normalises(network, tmp_path):
    model, data = network(small_task.Problem, [0, 0])
    prepared = data.validation_batches(100)
    expected = model.predict(prepared, verbose=0)
    raw = data.valid.inputs[0]
    assert raw.dtype == np.uint8
    plain = plain_model(model, data)
    assert plain.input_shape == (None, *raw.shape[1:])
    np.testing.assert_allclose(plain.predict(raw, verbose=0), expected, atol=1e-6)
    alone = predict_alone(tmp_path, plain, input_0=raw)
    np.testing.assert_allclose(alone, expected, atol=1e-6)


def test_a_network_with_several_inputs_takes_them_by_name(network, tmp_path):
    from experiments.pairs.problem import Problem

    model, data = network(Problem, [0, 3, 1, 0])
    X = {f"input_{i}": array for i, array in enumerate(data.valid.inputs)}
    expected = model.predict(X, verbose=0)
    alone = predict_alone(tmp_path, plain_model(model, data), **X)
    np.testing.assert_array_equal(alone, expected)


def test_what_was_compiled_is_left_behind(network):
    model, data = network(small_task.Problem, [0, 0])
    model.compile(optimizer="adam", loss="mse")
    assert not plain_model(model, data).compiled


def test_networks_of_keras_layers_hold_nothing_foreign(network):
    from experiments.digits.problem import Problem

    tasks = ((Problem, [0, 1, 2, 4, 0, 1]), (small_task.Problem, [0, 0]))
    for problem, choices in tasks:
        assert foreign_objects(plain_model(*network(problem, choices))) == []


class Doubling(keras.layers.Layer):
    def call(self, x):
        return 2 * x


def test_what_keras_does_not_know_is_named():
    inputs = keras.Input((4,))
    x = Doubling()(inputs)
    x = keras.layers.Activation(small_task.own_activation)(x)
    x = keras.layers.Dense(3, activation="relu", kernel_regularizer="l2")(x)
    x = keras.Sequential([keras.layers.Dense(2)])(x)
    found = foreign_objects(keras.Model(inputs, x))
    assert len(found) == 2
    assert any(name.endswith(".Doubling") for name in found)
    assert "own_activation" in found


def test_normalising_is_the_same_as_in_training():
    normalize = Normalize(mean=(0.5, 0.4), std=(0.2, 0.3), scale=255)
    X = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 2)).astype(np.float32)
    layer = keras.layers.Normalization(
        mean=[255 * m for m in normalize.mean],
        variance=[(255 * s) ** 2 for s in normalize.std],
    )
    np.testing.assert_allclose(layer(X), normalize(X), atol=1e-5)
