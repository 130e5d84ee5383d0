"""Both trainers train a network alike, to the last digits of float64."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TOLERANCE = 1e-10


@pytest.fixture(scope="module")
def found():
    """Train everything by both trainers, in a process that computes in float64."""
    paths = os.pathsep.join([str(HERE.parents[1]), str(HERE)])
    done = subprocess.run(
        [sys.executable, HERE / "both_trainers.py"],
        env={**os.environ, "PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_networks_of_every_kind_were_compared(found):
    cases = {name.split(" (")[0] for name in found}
    optimizers = "sgd adam adamw rmsprop ftrl adagrad adadelta adamax nadam lion"
    callbacks = {"early stopping", "plateau", "scheduled"}
    assert cases == {*optimizers.split(), *callbacks, "mixed", "cells"}
    assert len({one["network"] for one in found.values()}) >= 30


def test_initial_values_are_equal_bit_for_bit(found):
    assert [name for name, one in found.items() if not one["starts"]] == []


def test_training_changes_something(found):
    assert [name for name, one in found.items() if not one["moved"] > 1e-6] == []


def test_losses_metrics_and_rates_of_every_epoch_agree(found):
    wrong = {
        f"{name}: {key}": difference
        for name, one in found.items()
        for key, difference in {**one["history"], "objective": one["objective"]}.items()
        if not difference <= TOLERANCE
    }
    assert wrong == {}


def test_weights_statistics_and_random_states_agree_after_1_3_and_10_steps(found):
    wrong = {
        f"{name}: {variable}": difference
        for name, one in found.items()
        for variable, difference in one["weights"].items()
        if not difference <= TOLERANCE
    }
    assert wrong == {}


def test_what_the_network_does_not_have_stays_bit_for_bit(found):
    assert [name for name, one in found.items() if not one["stayed"]] == []


def test_early_stopping_stops_both(found):
    epochs = [one["epochs"] for name, one in found.items() if "stopping" in name]
    assert all(1 < count < 8 for count in epochs)
