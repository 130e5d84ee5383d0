"""Which classes are confused, and where they are alike."""

import numpy as np
import pytest

from xnas.explained.confusion import layer_distances, pairs, softmax_means

CONFUSION = np.array([[8, 1, 1], [0, 9, 1], [4, 0, 6]])


def test_outputs_are_averaged_by_predicted_class():
    means = softmax_means(np.array([[3.0, 1.0], [0.0, 0.0]]), np.array([4, 0]))
    assert means[0].tolist() == [0.75, 0.25]
    assert np.isnan(means[1]).all()


def test_pairs_with_the_most_errors_in_both_directions_come_first():
    softmax = np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [np.nan] * 3])
    found = pairs(CONFUSION, softmax, np.zeros((2, 3, 3)))
    assert [(one.first, one.second) for one in found] == [(0, 2), (1, 2), (0, 1)]
    assert found[0].errors == (1, 4)
    assert found[2].softmax == pytest.approx(0.075)
    assert found[0].softmax == pytest.approx(0.05)  # the other is never predicted


def test_distances_are_those_of_each_layers_own_class_vectors():
    rng = np.random.default_rng(0)
    sums = [rng.random((2, 5)), rng.random((2, 3))]
    gram = np.stack([one @ one.T for one in sums])
    found = layer_distances(gram, np.array([0, 2]), 3)
    for layer, one in zip(found, sums, strict=True):
        lengths = np.linalg.norm(one, axis=1)
        expected = 1 - one[0] @ one[1] / lengths.prod()
        assert layer[0, 2] == pytest.approx(expected)
    assert np.isnan(found[:, 1]).all()
    pair = next(one for one in pairs(CONFUSION, CONFUSION / 10, found) if one.second)
    assert pair.distance == pytest.approx(found[:, 0, 2].mean())
