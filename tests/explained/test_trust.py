"""Which predictions deserve trust, judged by the half that was not fitted."""

import numpy as np
import pytest

from xnas.explained.trust import (
    LEAST_ERRORS,
    Reference,
    cross_fitted,
    evidence,
    fit,
    halves,
    tenths,
)


@pytest.fixture
def predictions():
    """Softmax tells half of what there is to know, trust the other half."""
    rng = np.random.default_rng(1)
    both = rng.normal(size=(2000, 2))
    right = rng.random(2000) < 1 / (1 + np.exp(-(1 + both @ [1.5, 2.0])))
    return both, right


def test_trust_is_the_ratio_of_the_distances_to_the_nearest_examples():
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(40, 5)), np.arange(40) % 4
    known = Reference(features.astype(np.float32), labels)
    given, predicted = rng.normal(size=(9, 5)), np.arange(9) % 4
    for i, found in enumerate(known.trust(given, predicted)):
        far = np.linalg.norm(known.features - given[i], axis=1)
        own = labels == predicted[i]
        assert found == pytest.approx(np.log(far[~own].min() / far[own].min()))


def test_trust_is_finite_where_a_class_has_no_example_or_the_example_is_known():
    known = Reference(np.zeros((2, 3), np.float32), np.array([0, 0]))
    assert np.isfinite(known.trust(np.zeros((2, 3)), np.array([0, 1]))).all()
    assert np.isfinite(known.trust(np.ones((2, 3)), np.array([0, 1]))).all()


def test_halves_have_the_same_number_of_errors(predictions):
    _, right = predictions
    half = halves(right)
    sizes = [np.bincount(half[some]) for some in (right, ~right)]
    assert max(abs(int(a) - int(b)) for a, b in sizes) <= 1


def test_no_prediction_is_judged_by_a_fit_that_saw_it(predictions):
    both, right = predictions
    found = cross_fitted(both, right)
    one = found.half == 0
    expected = fit(both[~one], right[~one]).probability(both[one])
    np.testing.assert_array_equal(found.probability[one], expected)


def test_tenths_hold_what_they_promise_and_order_better_than_softmax(predictions):
    both, right = predictions
    softmax = 1 / (1 + np.exp(-both[:, 0]))
    rows = tenths(cross_fitted(both, right).probability, softmax, right)
    assert sum(one.examples for one in rows) == len(right)
    assert max(abs(one.expected - one.accuracy) for one in rows) < 0.12
    assert rows[0].accuracy < rows[0].by_softmax


@pytest.mark.parametrize("errors", [0, 2 * LEAST_ERRORS - 1])
def test_with_too_few_errors_nothing_is_fitted_and_the_order_is_that_of_ranks(errors):
    both = np.column_stack([np.arange(100.0), np.arange(100.0)])
    found = cross_fitted(both, np.arange(100) >= errors)
    assert not found.is_fitted
    assert np.isnan(found.probability).all()
    assert found.order.tolist() == list(range(100))
    enough = cross_fitted(both, np.arange(100) >= 2 * LEAST_ERRORS)
    assert enough.is_fitted


def test_a_softmax_of_one_is_finite_evidence():
    assert np.isfinite(evidence(np.array([1.0, 0.0]), np.zeros(2))).all()
