"""Which measures tell networks apart, and which only seeds."""

from math import isnan

import numpy as np
import pytest
from small_spaces import table_task

from xnas.cli import check_reliability
from xnas.evaluation.reliability import reliability
from xnas.evaluation.settings import RunSettings
from xnas.tasks import load_task_data

SHROUT_AND_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]


def test_the_example_of_shrout_and_fleiss():
    found = reliability(SHROUT_AND_FLEISS)
    assert found.share == pytest.approx(0.17, abs=0.005)
    assert found.interval == pytest.approx((-0.13, 0.72), abs=0.005)
    assert found.n_networks == 6
    assert found.is_luck


def test_a_measure_of_the_network_alone_is_reliable_and_noise_is_not():
    rng = np.random.default_rng(0)
    network, noise = rng.normal(size=(200, 1)), rng.normal(size=(200, 2))
    assert reliability(np.tile(network, 2)).share == 1
    assert reliability(noise).share == pytest.approx(0, abs=0.2)
    assert reliability(network + noise).share == pytest.approx(0.5, abs=0.15)


def test_networks_with_a_value_that_is_not_finite_are_left_out():
    table = [*SHROUT_AND_FLEISS, [1, 2, 3, float("-inf")]]
    assert reliability(table) == reliability(SHROUT_AND_FLEISS)
    assert isnan(reliability(np.ones((5, 2))).share)
    assert isnan(reliability([[1, 2]]).share)


def test_measures_that_would_select_luck_are_told(capsys, monkeypatch):
    monkeypatch.setattr(check_reliability, "NETWORKS", 3)
    task = table_task(sizes=(30, 70))
    settings = RunSettings("mine", 0, objectives=("val_acc__last", "introspectability"))
    check_reliability.check_reliability(
        task, load_task_data(task), settings, None, "compiled"
    )
    out, errors = capsys.readouterr()
    expected = "training 4 random networks, and the 3 best of them with 2 more seeds"
    assert expected in out + errors
    for name in ("val_acc__last", "introspectability", "sparsity", "prediction-depth"):
        assert f"\n  {name} " in out
    told = {
        line.split()[0]: ("luck" in line, float(line.split()[1]))
        for line in out.splitlines()
        if "[" in line and line.startswith("  ")
    }
    assert told
    assert all(luck == (share < 0.3) for luck, share in told.values())
    shares = [share for _, share in told.values()]
    assert shares == sorted(shares, reverse=True)


def test_seeds_that_are_all_alike_have_no_interval_that_looks_certain():
    found = reliability([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]])
    _, line, _ = check_reliability.lines({"sparsity": found})
    assert line == "  sparsity   1.00  the seeds of each of 3 networks are alike"
