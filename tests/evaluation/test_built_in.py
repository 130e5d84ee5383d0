"""Each explainer that is shipped, against a slow and obvious one in float64."""

from math import inf, sqrt
from pathlib import Path

import keras
import numpy as np
import pytest
from small_spaces import pictures_task

import xnas
from xnas.errors import UsageError
from xnas.evaluation.built_in import built_in_explainers
from xnas.evaluation.network import PlainNetwork
from xnas.evaluation.settings import RunSettings
from xnas.face.task import _check_needs_no_classes
from xnas.tasks import load_task_data
from xnas.training.loop import TrainingResult
from xnas.xai.layers import layers_of_interest

PAGE = Path(xnas.__file__).parents[1] / "docs" / "objectives.md"


@pytest.fixture(scope="module")
def exact():
    """Compute in float64."""
    for name in ("float64", "float32"):
        keras.config.set_floatx(name)
        keras.config.set_dtype_policy(name)
        if name == "float64":
            yield


@pytest.fixture(scope="module")
def data():
    return load_task_data(pictures_task(sizes=(40, 70)))


def make_model():
    """Make a network of convolutions, normalisations and ReLUs, its values random."""
    layers = keras.layers
    inputs = x = keras.Input((4, 4, 2))
    for filters in (4, 3):
        x = layers.Conv2D(filters, 3, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
    x = layers.Dense(3, name="logits")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, layers.Activation("softmax")(x))
    rng = np.random.default_rng(4)
    for weight in model.weights:
        values = rng.normal(scale=0.3, size=weight.shape)
        if weight.name in ("gamma", "moving_variance"):
            values = 0.5 + abs(values)
        weight.assign(values)
    return model


def network_of(model, data):
    return PlainNetwork(model, data, TrainingResult(0.0, {}, 0.0))


class Slow:
    """All of the validation data at once, one example, unit or pair after another."""

    def __init__(self, model, data):
        self.model = model
        layers = layers_of_interest(model)
        look = keras.Model(model.input, [layer.output for layer in layers])
        self.valid = [np.asarray(one) for one in look(data.valid.inputs[0])]
        self.train = [np.asarray(one) for one in look(data.train.inputs[0])]
        self.x, self.y = data.valid.inputs[0], data.valid.labels
        self.y_train = data.train.labels
        self.predictions = np.asarray(model(self.x))

    def sparsity(self):
        layers = []
        for layer in self.valid:
            found = []
            for one in layer:
                a, n = one.ravel(), one.size
                if a.any():
                    ratio = abs(a).sum() / sqrt((a**2).sum())
                    found.append((sqrt(n) - ratio) / (sqrt(n) - 1))
            layers.append(np.mean(found))
        return np.mean(layers)

    def class_selectivity(self):
        layers = []
        for layer in self.valid:
            if layer.min() < 0:
                continue
            found = []
            for unit in range(layer.shape[-1]):
                means = [layer[self.y == c][..., unit].mean() for c in range(3)]
                most = max(means)
                others = (sum(means) - most) / 2
                total = most + others
                found.append((most - others) / total if total else 0)
            layers.append(np.mean(found))
        assert 0 < len(layers) < len(self.valid)
        return np.mean(layers)

    def calibration_error(self):
        confidence = self.predictions.max(axis=1)
        right = self.predictions.argmax(axis=1) == self.y
        total = 0.0
        for k in range(15):
            inside = (confidence > k / 15) & (confidence <= (k + 1) / 15)
            if inside.any():
                gap = abs(right[inside].mean() - confidence[inside].mean())
                total += inside.mean() * gap
        return total

    def cka_redundancy(self):
        def centred(gram):
            n = len(gram)
            found = np.zeros_like(gram)
            np.fill_diagonal(gram, 0)
            for i in range(n):
                for j in range(n):
                    if i != j:
                        rows = (gram[i].sum() + gram[j].sum()) / (n - 2)
                        total = gram.sum() / ((n - 1) * (n - 2))
                        found[i, j] = gram[i, j] - rows + total
            return found

        batches = [slice(0, 64), slice(64, 70)]
        grams = []
        for layer in self.valid:
            flat = layer.reshape(len(layer), -1)
            grams.append([centred(flat[b] @ flat[b].T) for b in batches])

        def hsic(one, other):
            return sum(
                (a * b).sum() / (len(a) * (len(a) - 3))
                for a, b in zip(one, other, strict=True)
            )

        return np.mean(
            [
                hsic(one, other) / sqrt(hsic(one, one) * hsic(other, other))
                for i, one in enumerate(grams)
                for other in grams[i + 1 :]
            ]
        )

    def prediction_depth(self):
        depths = []
        for example, prediction in enumerate(self.predictions.argmax(axis=1)):
            depth = 0
            for number, layer in enumerate(self.valid, 1):
                known = self.train[number - 1]
                means = [known[self.y_train == c].mean(axis=0) for c in range(3)]
                distances = [((layer[example] - mean) ** 2).sum() for mean in means]
                if np.argmin(distances) != prediction:
                    depth = number
            depths.append(depth / len(self.valid))
        assert len(set(depths)) > 2
        return np.mean(depths)

    def adversarial_margin(self):
        import tensorflow as tf

        model = keras.Model(self.model.input, self.model.get_layer("logits").output)
        margins = []
        for one in self.x:
            x = tf.constant(one[None], tf.float64)
            with tf.GradientTape() as tape:
                tape.watch(x)
                first, second = tf.math.top_k(model(x)[0], 2).values
                lead = first - second
            margins.append(float(lead) / abs(tape.gradient(lead, x).numpy()).sum())
        return np.median(margins)


@pytest.fixture(scope="module")
def both(exact, data):
    model = make_model()
    return network_of(model, data), Slow(model, data)


@pytest.mark.parametrize("name", built_in_explainers())
def test_an_explainer_gives_what_a_slow_one_gives(both, name):
    network, slow = both
    explainer = built_in_explainers()[name]
    found = explainer.function(network)
    assert found == pytest.approx(getattr(slow, name.replace("-", "_"))(), abs=1e-6)
    low, high = explainer.bounds
    assert low < found < high


def test_the_adversarial_margin_of_a_linear_network_is_exact(exact, data):
    flat = keras.layers.Flatten()
    dense = keras.layers.Dense(3, activation="softmax")
    model = keras.Sequential([keras.Input((4, 4, 2)), flat, dense])
    rng = np.random.default_rng(1)
    kernel, bias = (rng.normal(size=weight.shape) / 3 for weight in model.weights)
    model.set_weights([kernel, bias])
    margins = []
    for x in data.valid.inputs[0].reshape(70, -1).astype(np.float64):
        logits = x @ kernel + bias
        second, first = np.argsort(logits)[-2:]
        # In the L∞ ball of this radius the decision stays, and beyond it does not.
        slope = kernel[:, first] - kernel[:, second]
        margins.append((logits[first] - logits[second]) / abs(slope).sum())
        moved = x - margins[-1] * np.sign(slope)
        assert np.ptp((moved @ kernel + bias)[[first, second]]) < 1e-9
    find = built_in_explainers()["adversarial-margin"].function
    assert find(network_of(model, data)) == pytest.approx(np.median(margins), rel=1e-6)


def test_a_network_that_does_not_look_at_its_input_has_the_worst_of_values(exact, data):
    model = make_model()
    model.set_weights([np.zeros(weight.shape) for weight in model.weights])
    network = network_of(model, data)
    found = {
        name: one.function(network)
        for name, one in built_in_explainers().items()
        if name in ("adversarial-margin", "cka-redundancy")
    }
    assert found == {"adversarial-margin": -inf, "cka-redundancy": inf}


def test_no_scale_before_a_normalisation_moves_the_mean_over_layers(exact, data):
    model = make_model()
    before = network_of(model, data).class_activations(group_by="label")
    scores = before.score(), before.layer_mean()
    predicted = model(data.valid.inputs[0])
    convolution, norm = model.layers[1:3]
    convolution.set_weights([100 * values for values in convolution.get_weights()])
    gamma, beta, mean, variance = norm.get_weights()
    variance = 1e4 * (variance + norm.epsilon) - norm.epsilon
    norm.set_weights([gamma, beta, 100 * mean, variance])
    after = network_of(model, data).class_activations(group_by="label")
    np.testing.assert_allclose(model(data.valid.inputs[0]), predicted, atol=1e-12)
    assert after.layer_mean() == pytest.approx(scores[1], abs=1e-6)
    assert abs(after.score() - scores[0]) > 0.01


def test_what_needs_classes_is_refused_without_them():
    task = pictures_task()
    for name, explainer in built_in_explainers().items():
        settings = RunSettings("mine", 0, objectives=("-val_loss",), record=(name,))
        if not explainer.needs_classes:
            _check_needs_no_classes(task, settings, "real")
            continue
        with pytest.raises(UsageError, match=f"predicts real numbers, while {name} is"):
            _check_needs_no_classes(task, settings, "real")


@pytest.mark.parametrize("name", built_in_explainers())
def test_the_documentation_says_direction_and_cost_of_each(name):
    explainer = built_in_explainers()[name]
    (row,) = (
        line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{name}`")
    )
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert ("more" if explainer.maximize else "less") == cells[3]
    assert f"{explainer.cost}" == cells[4]
