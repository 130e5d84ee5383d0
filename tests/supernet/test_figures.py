"""The 2021 code's figures hold through the graph of a whole space."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_spaces import choosing, in_a_row, make_task

from xnas.space import ConstantNode, Operation
from xnas.supernet.network import Supernet
from xnas.supernet.scoring import SupernetScorer
from xnas.tasks import load_task_data, space_of

CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "activations.json").read_text()
)["cases"]


class Made(Operation):
    """Layers that a function makes."""

    def __init__(self, make):
        super().__init__(name="made")
        self._make = make

    def layers(self, scope):
        """Make them."""
        return self._make(scope)


def starting_from(value):
    return lambda shape, dtype=None: value


def draw_layers(case):
    """Draw the network's weights and pictures in their order; list its operations."""
    from keras import layers as kl

    rng = np.random.default_rng(case["seed"])
    side, conv1, conv2 = case["H"], case["conv1"], case["conv2"]

    def draw(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    def weighted(kind, *arguments, kernel, **kwargs):
        start = {
            "kernel_initializer": starting_from(draw(*kernel)),
            "bias_initializer": starting_from(draw(kernel[-1])),
        }
        return Made(
            lambda scope: [kind(*arguments, **kwargs, **start, name=f"{scope}.it")]
        )

    def normalised():
        gamma, beta, mean, variance = (draw(conv1) for _ in range(4))
        start = {
            "gamma_initializer": starting_from(gamma),
            "beta_initializer": starting_from(beta),
            "moving_mean_initializer": starting_from(mean),
            "moving_variance_initializer": starting_from(np.abs(variance) + 0.5),
        }
        return Made(
            lambda scope: [
                kl.BatchNormalization(**start, name=f"{scope}.norm"),
                kl.Activation("relu", name=f"{scope}.relu"),
            ]
        )

    operations = [
        weighted(kl.Conv2D, conv1, 3, padding="same", kernel=(3, 3, 1, conv1)),
        normalised(),
        weighted(kl.Conv2D, conv2, 1, kernel=(1, 1, conv1, conv2)),
        Made(
            lambda scope: [
                kl.AveragePooling2D(2, 1, padding="same", name=f"{scope}.pool"),
                kl.GlobalAveragePooling2D(name=f"{scope}.mean"),
            ]
        ),
        weighted(
            kl.Dense,
            case["classes"],
            activation="softmax",
            kernel=(conv2, case["classes"]),
        ),
    ]
    return operations, draw(case["n"], side, side, 1)


def task_of(case):
    """Make a task whose space has the network, and another one beside it."""
    first_other = Made(lambda scope: [_convolution(case, scope)])
    operations, X = draw_layers(case)

    def space(input_shape, output_shape):
        first, *others = operations
        nodes = [ConstantNode(one, f"node_{k}") for k, one in enumerate(others)]
        return in_a_row(
            choosing("first", first_other, first),
            *nodes,
            input_shape=input_shape,
            output_shape=output_shape,
        )

    def load(n_train, n_valid):
        y = np.arange(len(X)) % case["classes"]
        return (X, y), (X, y)

    return make_task(space, load)


def _convolution(case, scope):
    from keras import layers as kl

    return kl.Conv2D(case["conv1"], 5, padding="same", name=f"{scope}.other")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["seed"])
def test_scores_are_those_of_the_2021_code(case):
    problem = task_of(case)
    data = load_task_data(problem)
    supernet = Supernet(space_of(problem, data))
    supernet.choose((1,), seed=0)
    scorer = SupernetScorer(supernet, data, "prediction")
    found = scorer.collect(np.arange(case["n"]))
    counts = np.zeros(case["classes"], int)
    counts[found.classes] = found.counts
    assert counts.tolist() == case["predicted_counts"]
    assert found.score() == pytest.approx(case["score"], rel=1e-5)
