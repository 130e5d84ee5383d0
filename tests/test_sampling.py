"""Samples of examples: seeded, of each class the same share, whatever the order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.sampling import some_of, some_of_each_class

LABELS = st.lists(st.integers(0, 5), min_size=1, max_size=60).map(np.array)


@given(LABELS, st.integers(1, 70), st.integers(0, 3))
def test_a_sample_is_of_different_examples_in_order(labels, count, seed):
    for found in (
        some_of_each_class(labels, count, seed),
        some_of(len(labels), count, seed),
    ):
        assert len(found) == min(count, len(labels))
        assert (np.diff(found) > 0).all()
        assert found.min() >= 0
        assert found.max() < len(labels)


@given(LABELS, st.integers(1, 70))
def test_where_nothing_is_cut_all_examples_are_used(labels, count):
    if count >= len(labels):
        everything = np.arange(len(labels))
        np.testing.assert_array_equal(some_of_each_class(labels, count), everything)
        np.testing.assert_array_equal(some_of(len(labels), count), everything)


@given(LABELS, st.integers(1, 70), st.randoms())
def test_order_does_not_change_how_many_of_each_class_are_drawn(labels, count, random):
    def drawn(values):
        return np.sort(values[some_of_each_class(values, count)])

    shuffled = np.array(random.sample(list(labels), len(labels)))
    np.testing.assert_array_equal(drawn(labels), drawn(np.sort(labels)))
    np.testing.assert_array_equal(drawn(labels), drawn(shuffled))


@given(LABELS, st.integers(6, 70))
def test_every_class_is_drawn_with_its_share(labels, count):
    classes, sizes = np.unique(labels, return_counts=True)
    found = labels[some_of_each_class(labels, count)]
    share = min(count / len(labels), 1)
    for label, size in zip(classes, sizes, strict=True):
        n_drawn = (found == label).sum()
        assert n_drawn >= 1
        # One of a rare class takes the turn of another one.
        assert abs(n_drawn - share * size) <= len(classes)


def test_thirty_of_150_sorted_examples_are_ten_of_each_class():
    labels = np.repeat([0, 1, 2], 50)
    found = some_of_each_class(labels, 30)
    assert np.bincount(labels[found]).tolist() == [10, 10, 10]
    one_hot = some_of_each_class(np.eye(3)[labels], 30)
    np.testing.assert_array_equal(one_hot, found)


@pytest.mark.parametrize(
    "draw", [some_of_each_class, lambda y, *n: some_of(len(y), *n)]
)
def test_the_seed_decides_which_examples_are_drawn(draw):
    labels = np.repeat([0, 1, 2], 50)
    np.testing.assert_array_equal(draw(labels, 30, 1), draw(labels, 30, 1))
    assert draw(labels, 30, 1).tolist() != draw(labels, 30, 2).tolist()
    assert draw(labels, 30)[0] != 0 or draw(labels, 30)[-1] > 29
