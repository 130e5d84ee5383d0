"""Streamed class activations, held against computing everything at once."""

import gc
import json
import weakref
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as kl
from numpy.testing import assert_allclose, assert_array_equal
from small_models import pictures, randomize, small_model

from xnas.search_space_common import nas_bench_201_search_space
from xnas.xai import (
    class_activations,
    collect_activations,
    introspectability,
    layers_of_interest,
)

CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "activations.json").read_text()
)["cases"]


class Noted(kl.Layer):
    """Passes its input on and notes the sizes of batches, and how often it is traced.

    Counts towards introspectability itself.
    """

    introspectable = True

    def __init__(self):
        super().__init__()
        self.batches = []
        self.traces = 0

    def call(self, inputs):
        if not keras.utils.is_keras_tensor(inputs):
            self.traces += 1
        return tf.ensure_shape(
            tf.numpy_function(self._note, [inputs], tf.float32), inputs.shape
        )

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape, inputs.dtype)

    def _note(self, inputs):
        self.batches.append(len(inputs))
        return inputs


def cell_network(ops=(0, 1, 2, 4, 0, 1), seed=10):
    space = nas_bench_201_search_space(
        (8, 8, 1), (5,), stack_size=1, filter_scale_factor=0.25
    )
    space.set_ops(list(ops))
    return randomize(space.create_model(), seed)


def naive(model, x, groups=None):
    """Hold the outputs of all examples, then sum them in float64."""
    layers = layers_of_interest(model)
    whole = keras.Model(model.input, [model.output, *(one.output for one in layers)])
    scores, *outputs = whole(x, training=False)
    vectors = np.concatenate([np.reshape(o, (len(o), -1)) for o in outputs], axis=1)
    groups = np.argmax(scores, axis=1) if groups is None else groups
    return {
        label: vectors[groups == label].sum(axis=0, dtype=np.float64)
        for label in np.unique(groups)
    }


def assert_same(sums, expected, rtol=1e-5):
    assert list(sums) == list(expected)
    for label, vector in expected.items():
        scale = np.abs(vector).mean()
        assert_allclose(sums[label], vector, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["seed"])
def test_figures_of_the_2021_code(case):
    side = case["H"]
    inputs = keras.Input((side, side, 1))
    x = kl.Conv2D(case["conv1"], 3, padding="same")(inputs)
    x = kl.Activation("relu")(kl.BatchNormalization()(x))
    x = kl.Conv2D(case["conv2"], 1)(x)
    x = kl.AveragePooling2D(2, 1, padding="same")(x)
    x = kl.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, kl.Dense(case["classes"], activation="softmax")(x))
    # Keras creates, and so lists, trainable weights first; the figures come from
    # weights drawn in the order below.
    rng = np.random.default_rng(case["seed"])
    for layer in (layer for layer in model.layers if layer.weights):
        drawn = [rng.standard_normal(w.shape).astype(np.float32) for w in layer.weights]
        if isinstance(layer, kl.BatchNormalization):
            drawn[3] = np.abs(drawn[3]) + 0.5
        layer.set_weights(drawn)
    X = rng.standard_normal((case["n"], side, side, 1)).astype(np.float32)

    found = collect_activations(model, (X, np.zeros(case["n"])))
    counts = np.zeros(case["classes"], int)
    counts[found.classes] = found.counts
    assert counts.tolist() == case["predicted_counts"]
    assert found.score() == pytest.approx(case["score"], rel=1e-5)
    sums = class_activations(model, (X, np.zeros(case["n"])))
    assert introspectability(sums) == pytest.approx(case["score"], rel=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 32, 100, 1000])
def test_sums_are_those_of_holding_everything_whatever_the_batch_size(batch_size):
    model, X = cell_network(), pictures(100)
    expected = naive(model, X)
    assert len(expected) == 4
    found = collect_activations(model, (X, np.zeros(100)), batch_size=batch_size)
    assert_same(found.vectors(), expected)
    assert found.score() == pytest.approx(introspectability(expected), rel=1e-5)


@pytest.mark.parametrize(
    "ops", [(0, 0, 0, 0, 0, 0), (3, 3, 3, 1, 3, 3), (2, 4, 0, 1, 3, 4)]
)
def test_sums_of_other_cells_are_those_of_holding_everything(ops):
    model, X = cell_network(ops), pictures(40)
    assert_same(class_activations(model, (X, np.zeros(40))), naive(model, X))


def test_the_last_partial_batch_counts():
    model, X = small_model(), pictures(33)
    found = collect_activations(model, (X, np.zeros(33)), batch_size=32)
    assert found.counts.sum() == 33
    assert_same(found.vectors(), naive(model, X))
    without = naive(model, X[:32])
    assert found.score() != pytest.approx(introspectability(without), rel=1e-5)


def test_every_example_is_counted_for_the_class_predict_gives():
    model, X = cell_network(), pictures(70)
    found = collect_activations(model, (X, np.zeros(70)), n_classes=5)
    predicted = model.predict(X, verbose=0).argmax(axis=1)
    classes, counts = np.unique(predicted, return_counts=True)
    assert_array_equal(found.classes, classes)
    assert_array_equal(found.counts, counts)


@pytest.mark.parametrize("given", [3, 10, 64])
def test_batches_of_a_dataset_may_have_any_size(given):
    model, X = small_model(), pictures(25)
    dataset = tf.data.Dataset.from_tensor_slices((X, np.zeros(25))).batch(given)
    found = class_activations(model, dataset, batch_size=4)
    assert_same(found, naive(model, X))


@pytest.mark.parametrize("limit", [1, 10, 24, 25, 26])
def test_the_first_examples_are_used_up_to_the_limit(limit):
    model, X = small_model(), pictures(25)
    data = (X, np.zeros(25))
    expected = naive(model, X[:limit])
    dataset = tf.data.Dataset.from_tensor_slices(data).batch(9)
    for source in (data, dataset):
        found = collect_activations(model, source, max_examples=limit, batch_size=4)
        assert found.counts.sum() == min(limit, 25)
        assert_same(found.vectors(), expected)


@pytest.mark.parametrize("form", ["integers", "column", "one-hot"])
def test_examples_can_be_grouped_by_their_true_label(form):
    model, X = small_model(), pictures(25)
    labels = np.random.default_rng(0).integers(0, 2, 25)
    y = {"integers": labels, "column": labels[:, None], "one-hot": np.eye(3)[labels]}
    found = class_activations(model, (X, y[form]), group_by="label")
    assert_same(found, naive(model, X, groups=labels))


def test_layers_and_means_line_up_with_the_sums():
    model, X = cell_network(), pictures(30)
    found = collect_activations(model, (X, np.zeros(30)))
    layers = layers_of_interest(model)
    assert found.layer_names == [layer.name for layer in layers]
    assert found.layer_sizes == [int(np.prod(one.output.shape[1:])) for one in layers]
    assert [sums.shape[1] for sums in found.sums] == found.layer_sizes
    vectors = np.stack(list(found.vectors().values()))
    assert vectors.dtype == np.float64
    assert found.means().dtype == np.float32
    assert_allclose(found.means(), vectors / found.counts[:, None], rtol=1e-6)
    gram = found.gram()
    assert gram.shape == (len(layers), len(found.classes), len(found.classes))
    assert_allclose(gram.sum(axis=0), vectors @ vectors.T, rtol=1e-12)
    assert found.score() == pytest.approx(introspectability(vectors), rel=1e-9)


def test_a_similarity_is_looked_up_by_class_label():
    model, X = small_model(7), pictures(60)
    found = collect_activations(model, (X, np.zeros(60)))
    assert len(found.classes) < 7
    table = np.random.default_rng(0).random((7, 7))
    for divide in (False, True):
        assert found.score(table, divide_by_mean_similarity=divide) == pytest.approx(
            introspectability(found.vectors(), table, divide_by_mean_similarity=divide),
            rel=1e-9,
        )


def two_input_model():
    first, second = keras.Input((8, 8, 1), name="a"), keras.Input((8, 8, 2), name="b")
    x = kl.ReLU()(kl.Concatenate()([kl.Conv2D(2, 3)(second), kl.Conv2D(2, 3)(first)]))
    x = kl.Dense(3)(kl.GlobalMaxPooling2D()(x))
    return randomize(keras.Model([first, second], x))


@pytest.mark.parametrize("form", ["tuple", "dict"])
def test_models_may_have_several_inputs(form):
    model = two_input_model()
    first, second = pictures(20), pictures(20, (8, 8, 2), seed=1)
    x = (first, second) if form == "tuple" else {"b": second, "a": first}
    dataset = tf.data.Dataset.from_tensor_slices((x, np.zeros(20))).batch(7)
    for source in ((x, np.zeros(20)), dataset):
        assert_same(class_activations(model, source), naive(model, [first, second]))


def test_each_call_of_a_shared_layer_counts_once():
    inputs = keras.Input((8, 8, 1))
    shared = kl.Conv2D(1, 3, padding="same", name="shared")
    once = shared(inputs)
    twice = shared(once)
    logits = kl.Dense(3)(kl.Flatten()(twice))
    model = randomize(keras.Model(inputs, logits))
    X = pictures(20)
    found = collect_activations(model, (X, np.zeros(20)))
    assert found.layer_names == ["shared", "shared:1"]
    outputs = keras.Model(inputs, [logits, once, twice])(X)
    scores, *tensors = (np.reshape(one, (20, -1)) for one in outputs)
    vectors = np.concatenate(tensors, axis=1)
    expected = {
        label: vectors[scores.argmax(axis=1) == label].sum(axis=0, dtype=np.float64)
        for label in np.unique(scores.argmax(axis=1))
    }
    assert_same(found.vectors(), expected)


def test_nesting_layers_in_a_model_changes_nothing():
    block = keras.Sequential([keras.Input((6, 6, 4)), kl.ReLU(), kl.Conv2D(2, 3)])
    nested, X = small_model(extra=[block]), pictures(30)
    flat = small_model(extra=[kl.ReLU(), kl.Conv2D(2, 3)])
    flat.set_weights(nested.get_weights())
    data = (X, np.zeros(30))
    assert_same(class_activations(nested, data), class_activations(flat, data))


def test_float64_carries_the_sums_across_batches():
    # Adding ones to 2²⁴ in float32 changes nothing.
    inputs = keras.Input((1,))
    x = kl.Activation("linear")(inputs)
    model = keras.Model(inputs, kl.Dense(2, trainable=False)(x))
    X = np.ones((101, 1), np.float32)
    X[0] = 2.0**24
    found = collect_activations(model, (X, np.zeros(101)), batch_size=1)
    assert sum(sums[0] for sums in found.vectors().values()) == 2.0**24 + 100


def test_half_precision_outputs_are_summed_in_full_precision():
    model = small_model(extra=[kl.ReLU(dtype="mixed_bfloat16")])
    X = pictures(60)
    assert_same(class_activations(model, (X, np.zeros(60))), naive(model, X))


def test_the_model_runs_once_a_batch_of_bounded_bytes(monkeypatch):
    noted = Noted()
    model, X = small_model(extra=[noted]), pictures(20)
    features = sum(int(np.prod(o.output.shape[1:])) for o in layers_of_interest(model))
    monkeypatch.setattr("xnas.xai.activations.MAX_BATCH_BYTES", 4 * features * 6 + 3)
    found = class_activations(model, (X, np.zeros(20)), batch_size=16)
    assert noted.batches == [6, 6, 6, 2]
    assert_same(found, naive(model, X))


def test_a_model_is_compiled_once_and_followed_as_its_weights_change():
    noted = Noted()
    model, X = small_model(extra=[noted]), pictures(30)
    data = (X, np.zeros(30))
    class_activations(model, data)
    traces = noted.traces
    randomize(model, seed=1)
    assert_same(class_activations(model, data, batch_size=7), naive(model, X))
    noted.traces -= 1  # the naive version's own
    assert noted.traces == traces == 1


def test_layers_that_declare_themselves_later_are_followed():
    model, X = small_model(), pictures(30)
    data = (X, np.zeros(30))
    before = collect_activations(model, data)
    model.layers[1].introspectable = False
    after = collect_activations(model, data)
    assert after.layer_names == before.layer_names[1:]


def test_a_scored_model_can_be_freed():
    model = small_model()
    collect_activations(model, (pictures(5), np.zeros(5)))
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def test_networks_without_layers_of_interest_score_minus_infinity():
    inputs = keras.Input((8, 8, 1))
    model = randomize(keras.Model(inputs, kl.Dense(3)(kl.Flatten()(inputs))))
    found = collect_activations(model, (pictures(30), np.zeros(30)))
    assert found.layer_names == []
    assert found.means().shape == (len(found.classes), 0)
    with pytest.warns(RuntimeWarning, match="left out"):
        assert found.score() == -np.inf


def test_one_predicted_class_scores_minus_infinity():
    model = small_model()
    model.layers[-1].set_weights([np.zeros((4, 3)), np.array([0.0, 1.0, 0.0])])
    found = collect_activations(model, (pictures(9), np.zeros(9)))
    assert found.classes.tolist() == [1]
    assert found.score() == -np.inf


def test_inputs_are_left_as_they_were():
    model, X, y = small_model(), pictures(20), np.arange(20) % 3
    kept = X.copy(), y.copy(), model.get_weights()
    found = collect_activations(model, (X, y), group_by="label")
    found.gram()[:] = np.nan
    assert np.isfinite(found.score())
    assert_array_equal(X, kept[0])
    assert_array_equal(y, kept[1])
    for now, before in zip(model.get_weights(), kept[2], strict=True):
        assert_array_equal(now, before)
