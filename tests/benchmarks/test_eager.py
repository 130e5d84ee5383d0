"""The comparison with eager PyTorch, without PyTorch."""

import numpy as np
import pytest

from benchmarks.eager import Answer, check_agreement, difference_of, lines

FOUND = {"loss": 2.3, "accuracy": 0.9, "introspectability": 0.4}


def test_sides_that_differ_by_rounding_agree():
    check_agreement(FOUND, {name: value + 1e-7 for name, value in FOUND.items()})


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("value", [0.1, float("nan")])
def test_sides_that_differ_by_more_are_refused(name, value):
    with pytest.raises(RuntimeError, match=f"{name} is {value} in PyTorch"):
        check_agreement(FOUND, {**FOUND, name: value})


def test_the_interval_of_one_network_is_student_s():
    seeds = np.array([[0.1, 0.3, 0.2]])
    difference, half = difference_of(seeds)
    assert difference == pytest.approx(0.2)
    assert half == pytest.approx(4.30265 * 0.1 / np.sqrt(3), rel=1e-5)


def test_how_networks_differ_from_each_other_does_not_widen_the_interval():
    seeds = np.array([[0.1, 0.3], [0.2, 0.0]])
    moved = seeds + np.array([[5.0], [-5.0]])
    assert difference_of(moved) == pytest.approx(difference_of(seeds))


def test_the_last_lines_compare_both_sides_scores():
    def answer(score):
        return Answer(1.0, 0.9, score, 10, 20)

    pairs = {(0,): [(answer(0.4), answer(0.3)), (answer(0.3), answer(0.2))]}
    *_, last = lines(pairs, "2")
    assert last.startswith(
        "introspectability 0.3500, 0.2500, difference +0.1000 ± 0.0000"
    )
