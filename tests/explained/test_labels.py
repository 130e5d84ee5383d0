"""Examples that are more like another class than like their own."""

import numpy as np
import pytest

from xnas.explained.labels import class_scores, losses, margins, most_suspicious


def slow_scores(activations, labels, n_classes):
    """The formula, example by example; activations are (n, features), one a layer."""
    scores = np.zeros((len(labels), n_classes))
    for i in range(len(labels)):
        for c in range(n_classes):
            cosines = []
            for layer in activations:
                mean = layer[labels == c].mean(axis=0)
                by = np.linalg.norm(mean) * np.linalg.norm(layer[i])
                cosines.append(layer[i] @ mean / by)
            scores[i, c] = np.mean(cosines)
    return scores


def fast_scores(activations, labels, n_classes):
    means = [
        np.stack([one[labels == c].mean(axis=0) for c in range(n_classes)])
        for one in activations
    ]
    products = np.stack([a @ m.T for a, m in zip(activations, means, strict=True)], 1)
    lengths = np.stack([np.linalg.norm(a, axis=1) for a in activations], 1)
    mean_lengths = np.stack([np.linalg.norm(m, axis=1) for m in means])
    return class_scores(products, lengths, mean_lengths)


@pytest.fixture
def layers():
    rng = np.random.default_rng(0)
    labels = np.arange(30) % 3
    sizes = (4, 7)
    return [rng.normal(size=(30, n)) + np.eye(3, n)[labels] * 2 for n in sizes], labels


def test_scores_are_those_of_the_formula(layers):
    activations, labels = layers
    slow = slow_scores(activations, labels, 3)
    np.testing.assert_allclose(fast_scores(activations, labels, 3), slow, atol=1e-12)


def test_the_scale_of_a_layer_does_not_count(layers):
    activations, labels = layers
    scaled = [activations[0] * 100, activations[1]]
    before, after = (fast_scores(one, labels, 3) for one in (activations, scaled))
    np.testing.assert_allclose(before, after, atol=1e-12)


def test_a_changed_label_has_the_largest_margin_and_its_own_class_is_suggested(layers):
    activations, labels = layers
    given = labels.copy()
    given[4] = 2  # was 1
    margin, suggested = margins(fast_scores(activations, given, 3), given)
    assert most_suspicious(margin)[0] == 4
    assert suggested[4] == 1
    assert margin[4] > 0


def test_a_class_without_examples_is_never_suggested():
    scores = np.array([[0.5, np.nan, 0.2], [0.1, np.nan, 0.9]])
    margin, suggested = margins(scores, np.array([0, 1]))
    assert suggested.tolist() == [2, 2]
    assert margin[0] == pytest.approx(-0.3)
    assert np.isnan(margin[1])
    assert most_suspicious(margin).tolist() == [0, 1]


def test_dead_layers_count_as_alike_to_none():
    products = np.array([[[1.0, 0.0], [np.nan, 0.0]]])
    scores = class_scores(products, np.array([[1.0, 0.0]]), np.array([[1, 1], [1, 0]]))
    assert scores.tolist() == [[0.5, 0.0]]


def test_the_loss_of_a_label_without_probability_is_finite():
    found = losses(np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([0, 1]))
    assert found[0] == pytest.approx(np.log(4))
    assert np.isfinite(found[1])
