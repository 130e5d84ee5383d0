"""What explainers see of a network is the same by both trainers."""

from itertools import product
from math import prod

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_spaces import pictures_task, tables_task

from xnas.evaluation.built_in import built_in_explainers
from xnas.evaluation.compiled_trainer import CompiledTrainer
from xnas.evaluation.network import PlainNetwork
from xnas.supernet.network import Supernet
from xnas.tasks import load_task_data, space_of
from xnas.training.loop import TrainingResult
from xnas.training.multiplications import count_multiplications

TASKS = {"tables": (tables_task, (1, 2, 0)), "pictures": (pictures_task, (0, 4, 3))}


class Both:
    """One network as its space's graph holds it, and as a Keras model beside that."""

    def __init__(self, make_task, genotype):
        self.task = make_task(sizes=(20, 30), num_epochs=1)
        self.data = load_task_data(self.task)
        self.trainer = CompiledTrainer(self.task)
        self.compiled = self.trainer.evaluate(genotype, seed=3, max_scored_examples=25)
        training = TrainingResult(0.0, {}, 0.0)
        model = self.compiled.keras_model()
        self.plain = PlainNetwork(model, self.data, training, max_scored_examples=25)
        self.x, self.y = next(iter(self.compiled.batches("valid")))


@pytest.fixture(scope="module", params=TASKS)
def both(request):
    return Both(*TASKS[request.param])


def assert_close(one, other):
    tf.nest.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), one, other
    )


def test_predictions_are_equal_and_those_of_the_keras_model(both):
    predictions = both.compiled.predict(both.x)
    assert predictions.shape == (30, 3)
    assert predictions.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert_close(predictions, both.plain.predict(both.x))
    assert_close(predictions, both.compiled.keras_model().predict(both.x, verbose=0))
    assert both.compiled.history["val_acc"][-1] == pytest.approx(
        np.mean(predictions.argmax(axis=1) == both.y)
    )


def test_more_examples_than_are_predicted_at_once_are_predicted_alike(both):
    many = tf.nest.map_structure(lambda a: np.concatenate([a] * 20), both.x)
    found = both.compiled.predict(many)
    assert_close(found, np.concatenate([both.compiled.predict(both.x)] * 20))


def label_score(y):
    return lambda predictions: tf.gather(predictions, y, batch_dims=1)


def test_gradients_are_equal_and_those_of_differences(both):
    of = label_score(both.y)
    gradient = both.compiled.gradient(both.x, of)
    assert_close(gradient, both.plain.gradient(both.x, of))
    assert max(abs(one).max() for one in tf.nest.flatten(gradient)) > 1e-4
    step = 1e-2
    directions = tf.nest.map_structure(lambda a: a / 10, gradient)
    ends = [
        tf.nest.map_structure(lambda a, d, s=sign: a + s * step * d, both.x, directions)
        for sign in (1, -1)
    ]
    after, before = (of(both.compiled.predict(end)).numpy() for end in ends)
    along = sum(
        (g * d).reshape(len(g), -1).sum(axis=1)
        for g, d in zip(
            tf.nest.flatten(gradient), tf.nest.flatten(directions), strict=True
        )
    )
    # Activations bend in places, and float32 rounds: most examples have to agree.
    differences = (after - before) / (2 * step)
    assert np.median(abs(differences - along)) < 1e-4 + 0.1 * np.median(abs(along))


def test_a_gradient_is_of_one_number_an_example(both):
    for network in (both.compiled, both.plain):
        zeros = network.gradient(both.x, lambda predictions: tf.zeros(30))
        assert all(not one.any() for one in tf.nest.flatten(zeros))
        with pytest.raises(ValueError, match="expected one number for each of 30"):
            network.gradient(both.x, lambda predictions: predictions)


@pytest.mark.parametrize("split", ["train", "valid"])
@pytest.mark.parametrize("group_by", ["prediction", "label"])
def test_class_activations_are_equal(both, split, group_by):
    mine = both.compiled.class_activations(split, group_by)
    other = both.plain.class_activations(split, group_by)
    assert mine.counts.sum() == {"train": 20, "valid": 25}[split]
    np.testing.assert_array_equal(mine.counts, other.counts)
    sums = dict(zip(other.layer_names, other.sums, strict=True))
    assert sorted(mine.layer_names) == sorted(sums)
    for name, found in zip(mine.layer_names, mine.sums, strict=True):
        np.testing.assert_allclose(found, sums[name], rtol=1e-4, atol=1e-4)
    assert mine.score() == pytest.approx(other.score(), abs=1e-5)
    assert mine.layer_mean() == pytest.approx(other.layer_mean(), abs=1e-5)


@pytest.mark.parametrize("name", built_in_explainers())
def test_what_is_shipped_explains_both_alike(both, name):
    explain = built_in_explainers()[name].function
    mine = explain(both.compiled)
    assert np.isfinite(mine)
    assert mine == pytest.approx(explain(both.plain), abs=1e-5)


def test_activations_are_equal_layer_by_layer(both):
    pairs = zip(both.compiled.activations(), both.plain.activations(), strict=True)
    for (x, y, mine), (_, _, other) in pairs:
        assert mine.keys() == other.keys()
        assert len(y) == len(tf.nest.flatten(x)[0]) == 25
        for name, output in mine.items():
            assert output.shape == other[name].shape
            np.testing.assert_allclose(output, other[name], atol=1e-5)


def test_class_activations_are_worked_out_once(both, monkeypatch):
    for network in (both.compiled, both.plain):
        first = network.class_activations("valid", "label")
        monkeypatch.setattr(network, "_collect", None)
        assert network.class_activations("valid", group_by="label") is first


def test_batches_hold_each_example_once_as_it_is_validated(both):
    for split in ("train", "valid"):
        pieces = list(both.compiled.batches(split, batch_size=7))
        assert {len(y) for _, y in pieces[:-1]} == {7}
        labels = np.concatenate([y for _, y in pieces])
        np.testing.assert_array_equal(labels, getattr(both.data, split).labels)
        inputs = [tf.nest.flatten(x) for x, _ in pieces]
        for found, stored in zip(
            zip(*inputs, strict=True), getattr(both.data, split).inputs, strict=True
        ):
            assert all(isinstance(one, np.ndarray) for one in found)
            np.testing.assert_array_equal(np.concatenate(found), stored)


def test_what_is_none_of_the_data_or_ways_to_group_is_refused(both):
    for network in (both.compiled, both.plain):
        with pytest.raises(ValueError, match="split is 'test', expected one of"):
            network.class_activations("test")
        with pytest.raises(ValueError, match="group_by is 'colour', expected one of"):
            network.class_activations(group_by="colour")
        with pytest.raises(ValueError, match="split is 'test', expected one of"):
            network.batches("test")


def test_a_networks_time_ends_with_the_next_training():
    task = tables_task(num_epochs=1)
    trainer = CompiledTrainer(task)
    first = trainer.evaluate((0, 0, 0), seed=0)
    scored = first.class_activations()
    second = trainer.evaluate((1, 2, 0), seed=0)
    assert first.class_activations() is scored  # known already
    for use in (first.keras_model, lambda: first.class_activations("train")):
        with pytest.raises(RuntimeError, match="trained another network since"):
            use()
    assert second.n_parameters > 0


def test_a_keras_model_in_between_changes_no_later_result():
    task = tables_task(num_epochs=1)
    trainer = CompiledTrainer(task)
    alone = trainer.evaluate((1, 2, 0), seed=5)
    history, score = alone.history, alone.class_activations().score()
    trainer.evaluate((0, 1, 2), seed=1).keras_model()
    again = trainer.evaluate((1, 2, 0), seed=5)
    assert again.history == history
    assert again.class_activations().score() == score


def slow_count(model):
    """Count products one output value at a time."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            (height, width), inputs = layer.kernel_size, layer.input.shape[-1]
            for _ in product(*map(range, layer.output.shape[1:])):
                total += height * width * inputs
        elif isinstance(layer, keras.layers.Dense):
            for _ in product(*map(range, layer.output.shape[1:])):
                total += layer.input.shape[-1]
    return total


@pytest.mark.parametrize("make_task", [tables_task, pictures_task])
def test_both_trainers_count_the_same_weights_and_multiplications(make_task):
    task = make_task()
    space = space_of(task, load_task_data(task))
    supernet = Supernet(space)
    rng = np.random.default_rng(0)
    sizes = [high + 1 for _, high in space.choices()]
    genotypes = {(0, 2, 1), *map(tuple, rng.integers(0, sizes, (20, 3)).tolist())}
    counts = set()
    for genotype in (g for g in genotypes if space.is_connected(list(g))):
        supernet.choose(genotype, 0)
        mine = supernet.count_params(), supernet.count_multiplications()
        space.set_ops(list(genotype))
        model = space.create_model()
        assert mine == (model.count_params(), count_multiplications(model))
        if make_task is pictures_task:  # where no layer is called twice
            assert mine[1] == slow_count(model)
        counts.add(mine)
    assert len(counts) > 3


def model_of(input_shape, *layers):
    return keras.Sequential([keras.Input(input_shape), *layers])


@pytest.mark.parametrize(
    ("input_shape", "layer", "expected"),
    [
        ((8, 8, 3), keras.layers.Conv2D(5, 3, padding="same"), 64 * 5 * 9 * 3),
        ((8, 8, 3), keras.layers.Conv2D(5, 3, strides=2), 9 * 5 * 9 * 3),
        ((8, 8, 4), keras.layers.Conv2D(6, 3, groups=2), 36 * 6 * 9 * 2),
        ((8, 8, 3), keras.layers.DepthwiseConv2D(3, depth_multiplier=2), 36 * 6 * 9),
        ((8, 8, 3), keras.layers.SeparableConv2D(5, 3), 36 * (9 * 3 + 3 * 5)),
        ((4, 4, 3), keras.layers.Conv2DTranspose(5, 3, strides=2), 16 * 3 * 9 * 5),
        ((9, 2), keras.layers.Conv1D(4, 3), 7 * 4 * 3 * 2),
        ((7,), keras.layers.Dense(5), 35),
        ((4, 7), keras.layers.Dense(5), 4 * 35),
        ((4, 4, 3), keras.layers.BatchNormalization(), 0),
        ((4, 4, 3), keras.layers.PReLU(), 0),
    ],
)
def test_the_products_of_a_layer(input_shape, layer, expected):
    assert count_multiplications(model_of(input_shape, layer)) == expected


def test_layers_count_as_often_as_they_are_called_nested_ones_too():
    dense = keras.layers.Dense(4)
    inner = model_of((4,), keras.layers.Dense(4), keras.layers.Dense(2))
    start = keras.Input((4,))
    model = keras.Model(start, inner(dense(dense(start))))
    assert count_multiplications(model) == 16 + 16 + (16 + 8)
    assert prod(model.output.shape[1:]) == 2
