"""Means and intervals, against a table and an independent implementation."""

import math

import numpy as np
import pytest
from scipy import stats

from xnas.final_training.statistics import estimate


def test_the_interval_is_students():
    found = estimate([1.0, 2.0, 3.0])
    assert found.mean == 2
    # t of 0.975 at 2 degrees of freedom is 4.303 in every table.
    assert found.interval == pytest.approx(
        (2 - 4.3026527 / math.sqrt(3), 2 + 4.3026527 / math.sqrt(3))
    )


@pytest.mark.parametrize("count", [2, 5, 30])
def test_the_interval_is_that_of_scipys_test(count):
    values = np.random.default_rng(count).normal(0.9, 0.1, count)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert estimate(list(values)).interval == pytest.approx(tuple(expected))


def test_an_interval_stays_within_what_is_possible():
    wide = estimate([0.9, 1.0, 0.95])
    assert wide.interval[1] > 1
    cut = estimate([0.9, 1.0, 0.95], possible=(0.0, 1.0))
    assert cut.interval == (wide.interval[0], 1.0)
    assert estimate([0.01, 0.2], possible=(0.0, 1.0)).interval[0] == 0


def test_one_value_has_no_interval():
    found = estimate([0.5])
    assert (found.mean, found.interval) == (0.5, None)


def test_a_value_that_is_infinite_leaves_no_interval():
    found = estimate([0.5, -math.inf])
    assert (found.mean, found.interval) == (-math.inf, None)


def test_equal_values_have_an_interval_of_no_length():
    assert estimate([0.5, 0.5]).interval == (0.5, 0.5)
