"""Schedules against their formula, and which weights decay."""

import math

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnas.declarations.hyperparameters import DEFAULTS
from xnas.declarations.keras_names import OPTIMIZERS
from xnas.errors import TaskError
from xnas.training.optimizer import decaying, learning_rate, make_optimizer


def expected_rate(step, rate, total, warmup):
    """Linear warm-up, then half a cosine that would reach 0 at ``total``."""
    if step < warmup:
        return rate * (step + 1) / (warmup + 1)
    return rate * (1 + math.cos(math.pi * (step - warmup) / (total - warmup))) / 2


@settings(deadline=None, max_examples=25)
@given(
    steps=st.integers(1, 40),
    epochs=st.integers(1, 5),
    warmup_epochs=st.sampled_from([0, 0.25, 1, 9]),
)
def test_the_rate_warms_up_then_falls_along_a_cosine(steps, epochs, warmup_epochs):
    chosen = {"num_epochs": epochs, "warmup_epochs": warmup_epochs}
    schedule = learning_rate({**DEFAULTS, **chosen}, steps)
    total = steps * epochs
    warmup = min(round(warmup_epochs * steps), total - 1)
    found = [float(schedule(step)) for step in range(total + 1)]
    expected = [expected_rate(step, 0.1, total, warmup) for step in range(total + 1)]
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert found[-1] == pytest.approx(0, abs=1e-7)
    assert min(found[:-1]) > 0


def test_a_constant_rate_can_be_set_by_callbacks():
    optimizer = make_optimizer({**DEFAULTS, "schedule": "constant"}, 10)
    optimizer.learning_rate = 0.02
    assert float(optimizer.learning_rate) == pytest.approx(0.02)


def test_sgd_has_nesterov_momentum_unless_told_otherwise():
    usual = make_optimizer(DEFAULTS, 10)
    assert (usual.momentum, usual.nesterov) == (0.9, True)
    kwargs = {"optimizer_kwargs": {"momentum": 0.5}}
    assert make_optimizer({**DEFAULTS, **kwargs}, 10).momentum == 0.5


def test_hyperparameters_that_the_optimizer_takes_are_handed_on():
    stated = {"momentum": 0.5, "nesterov": False, "clipvalue": 2.0}
    made = make_optimizer({**DEFAULTS, **stated}, 10)
    assert (made.momentum, made.nesterov, made.clipvalue) == (0.5, False, 2.0)
    both = {"optimizer": "adam", "beta_1": 0.8, "optimizer_kwargs": {"beta_1": 0.8}}
    assert make_optimizer({**DEFAULTS, **both}, 10).beta_1 == 0.8


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_by_name_are_those_of_keras(name):
    optimizer = make_optimizer({**DEFAULTS, "optimizer": name.upper()}, 10)
    kinds = [kind for kind in type(optimizer).__mro__ if kind.__module__[:5] == "keras"]
    assert kinds[0].__name__.lower() == name


def test_arguments_an_optimizer_does_not_take_are_told():
    wrong = {"optimizer": "adam", "optimizer_kwargs": {"momentum": 0.9}}
    with pytest.raises(TaskError, match=r"optimizer adam has .*momentum.*expected"):
        make_optimizer({**DEFAULTS, **wrong}, 10)


def test_kernels_and_biases_decay_but_not_batch_normalisation():
    inner = keras.Sequential(
        [keras.layers.Input((6, 6, 2)), keras.layers.Conv2D(3, 1, name="inner")]
    )
    model = keras.Sequential(
        [
            inner,
            keras.layers.DepthwiseConv2D(3, name="depthwise"),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.PReLU(name="prelu"),
            keras.layers.Flatten(),
            keras.layers.Dense(2, name="dense"),
        ]
    )
    flagged = zip(model.trainable_variables, decaying(model), strict=True)
    paths = [weight.path.split("/") for weight, flag in flagged if flag]
    found = {f"{path[-2]}.{path[-1]}" for path in paths}
    assert found == {
        f"{layer}.{weight}"
        for layer in ("inner", "depthwise", "dense")
        for weight in ("kernel", "bias")
    }
