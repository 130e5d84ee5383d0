"""Time of a search, held against a count of its seconds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.report.clock import Clock

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=12)


def busy(spans, until):
    return sum(any(a <= t < a + n for a, n in spans) for t in range(until))


@given(SPANS)
def test_seconds_count_while_anything_runs(spans):
    starts = np.array([a for a, _ in spans], dtype=float)
    ends = starts + np.array([n for _, n in spans], dtype=float)
    clock = Clock(starts, ends)
    assert clock.total == busy(spans, 80)
    if spans:
        moments = np.arange(80.0)
        expected = [busy(spans, t) for t in range(80)]
        assert clock.at(moments).tolist() == expected


def test_times_that_are_not_known_do_not_count():
    clock = Clock(np.array([0.0, np.nan, 5.0]), np.array([2.0, 9.0, np.nan]))
    assert clock.total == 2
    assert np.isnan(clock.at(np.array([np.nan]))).all()


def test_without_times_nothing_is_told():
    clock = Clock(np.array([]), np.array([]))
    assert clock.total == 0
    assert np.isnan(clock.at(np.array([1.0]))).all()


def test_a_pause_does_not_count():
    clock = Clock(np.array([0.0, 1000.0]), np.array([10.0, 1005.0]))
    assert clock.total == pytest.approx(15)
    assert clock.at(np.array([500.0, 1002.0])).tolist() == [10.0, 12.0]
