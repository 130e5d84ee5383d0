"""What is compared, trained and timed on a device is done there."""

import json
import os
import subprocess
import sys
from math import isfinite
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("on_another_device.py")


@pytest.fixture(scope="module")
def found():
    """What the second of two CPUs gives, in a process of its own."""
    done = subprocess.run(
        [sys.executable, SCRIPT],
        env={**os.environ, "PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_device_that_is_named_computes(found):
    assert found["look"]["computed_on"] == "CPU:1"
    assert found["devices"] == ["CPU:1", "CPU:0", "CPU:1"]


def test_one_cpu_agrees_with_the_other(found):
    assert found["agree"] == {"plain": 0, "compiled": 0}


def test_lower_precision_trains(found):
    assert set(found["mixed"]) == {"mixed_float16", "mixed_bfloat16"}
    for losses in found["mixed"].values():
        assert len(losses) == 3
        assert losses[-1] < losses[0]


def test_both_trainers_are_timed(found):
    assert set(found["timed"]) == {"plain", "compiled"}
    assert all(isfinite(s) and s > 0 for two in found["timed"].values() for s in two)
