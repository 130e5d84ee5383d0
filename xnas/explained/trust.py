"""How far a prediction can be trusted.

The largest output alone is often sure of what is wrong. Beside it stands the trust
score of Jiang, Kim, Guan and Gupta, *To Trust Or Not To Trust A Classifier* (2018,
arXiv 1805.11783), on what the last layer reads: the distance to the nearest training
example of another class, by that to the nearest of the predicted class. A logistic
regression puts both together; it is fitted on one half of the examples and judged on
the other.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_ERRORS = 20
"""Errors in each half below which nothing is fitted."""

N_TENTHS = 10
_SMALLEST = 1e-12
_LEAST_DOUBT = 1e-7
_CHUNK_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Reference:
    """Training examples that predictions are compared with.

    Args:
        features: (examples, width) float32, what the last layer reads.
        labels: (examples,) int64.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int64]

    def trust(
        self, features: NDArray, predicted: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Compute the logarithm of the trust score.

        Args:
            features: (n, width) of the examples.
            predicted: (n,) their classes.

        Returns:
            (n,) float64, above 0 where the predicted class is the nearest; ±27 at
            most where a class has no example here, or an example is one of these.
        """
        found = np.empty(len(predicted))
        step = max(1, _CHUNK_BYTES // (8 * max(1, len(self.labels))))
        for start in range(0, len(predicted), step):
            rows = slice(start, start + step)
            far = self._distances(features[rows])
            own = self.labels == predicted[rows, None]
            nearest = [
                np.where(mask, far, np.inf).min(axis=1, initial=np.inf)
                for mask in (~own, own)
            ]
            found[rows] = np.subtract(
                *(np.log(np.clip(one, _SMALLEST, 1 / _SMALLEST)) for one in nearest)
            )
        return np.clip(found, np.log(_SMALLEST), -np.log(_SMALLEST))

    def _distances(self, features: NDArray) -> NDArray[np.float64]:
        """(n, examples) Euclidean."""
        known = self.features.astype(np.float64)
        given = np.asarray(features, np.float64)
        squares = (known**2).sum(axis=1) + (given**2).sum(axis=1)[:, None]
        return np.sqrt(np.maximum(squares - 2 * given @ known.T, 0.0))


@dataclass(frozen=True)
class Fit:
    """A logistic regression on two numbers a prediction.

    Args:
        centre: (2,) that is taken off the logit of the softmax maximum, and off the
            logarithm of the trust score.
        scale: (2,) that divides them then.
        weights: (2,) of both.
        intercept: added at last.
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    intercept: float

    def probability(self, both: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how probably predictions are right.

        Args:
            both: (n, 2) of :func:`evidence`.

        Returns:
            (n,) float64, 0 to 1.
        """
        summed = (both - self.centre) / self.scale @ self.weights + self.intercept
        return 1 / (1 + np.exp(-summed))


def evidence(softmax: NDArray, trust: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put side by side what speaks for predictions.

    Args:
        softmax: (n,) largest output, 0 to 1.
        trust: (n,) logarithm of the trust score.

    Returns:
        (n, 2) float64: the logit of the softmax maximum, and ``trust``.
    """
    sure = np.clip(np.asarray(softmax, np.float64), _LEAST_DOUBT, 1 - _LEAST_DOUBT)
    return np.column_stack([np.log(sure) - np.log1p(-sure), trust])


def fit(both: NDArray[np.float64], right: NDArray[np.bool_]) -> Fit:
    """Fit the logistic regression.

    Args:
        both: (n, 2) of :func:`evidence`.
        right: (n,) whether the predictions are right; some are, and some are not.
    """
    from sklearn.linear_model import LogisticRegression  # takes a second to load

    centre, scale = both.mean(axis=0), both.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    found: Any = LogisticRegression().fit((both - centre) / scale, right)
    return Fit(centre, scale, found.coef_[0], float(found.intercept_[0]))


def halves(right: NDArray[np.bool_], seed: int = 0) -> NDArray[np.int64]:
    """Divide examples by chance, errors as evenly as they go.

    Args:
        right: (n,) whether predictions are right.
        seed: decides which.

    Returns:
        (n,) 0 or 1.
    """
    order = np.random.default_rng(seed).permutation(len(right))
    order = order[np.argsort(right[order], kind="stable")]
    half = np.empty(len(right), np.int64)
    half[order] = np.arange(len(right)) % 2
    return half


@dataclass(frozen=True)
class Trusted:
    """Predictions in the order in which they deserve trust.

    Args:
        probability: (n,) that each is right, by the half that it is not in; NaN
            where errors are too few.
        half: (n,) 0 or 1.
        order: (n,) indices, the least trusted first.
        errors: of each half.
        fit: on all examples; ``None`` where errors are too few.
    """

    probability: NDArray[np.float64]
    half: NDArray[np.int64]
    order: NDArray[np.int64]
    errors: tuple[int, int]
    fit: Fit | None

    @property
    def is_fitted(self) -> bool:
        """Whether errors were enough for a regression."""
        return self.fit is not None


def cross_fitted(both: NDArray[np.float64], right: NDArray[np.bool_]) -> Trusted:
    """Judge each prediction by what was fitted on the other half.

    Args:
        both: (n, 2) of :func:`evidence`.
        right: (n,) whether the predictions are right.

    Returns:
        All of them; with fewer than :data:`LEAST_ERRORS` errors in a half the order is
        that of the mean rank in both numbers, which needs no fit.
    """
    half = halves(right)
    errors = [int((~right[half == one]).sum()) for one in (0, 1)]
    known = [int(right[half == one].sum()) for one in (0, 1)]
    if min(errors) < LEAST_ERRORS or not all(known):
        ranks = both.argsort(axis=0, kind="stable").argsort(axis=0)
        order = np.argsort(ranks.sum(axis=1), kind="stable")
        nothing = np.full(len(right), np.nan)
        return Trusted(nothing, half, order, (errors[0], errors[1]), None)
    probability = np.empty(len(right))
    for one in (0, 1):
        fitted = fit(both[half != one], right[half != one])
        probability[half == one] = fitted.probability(both[half == one])
    order = np.argsort(probability, kind="stable")
    return Trusted(probability, half, order, (errors[0], errors[1]), fit(both, right))


@dataclass(frozen=True)
class Tenth:
    """A tenth of the predictions.

    Args:
        examples: how many.
        low: the least probability among them.
        high: the greatest.
        expected: mean probability.
        accuracy: share that is right.
        by_softmax: share that is right of the tenth in the same place of the order
            by the softmax maximum alone.
    """

    examples: int
    low: float
    high: float
    expected: float
    accuracy: float
    by_softmax: float


def tenths(
    probability: NDArray[np.float64],
    softmax: NDArray,
    right: NDArray[np.bool_],
) -> list[Tenth]:
    """Compare probabilities with how many predictions are right.

    Args:
        probability: (n,) of :class:`Trusted`.
        softmax: (n,) largest output.
        right: (n,) whether the predictions are right.

    Returns:
        Ten groups of equal size, the least trusted first; fewer of fewer examples.
    """
    ours = np.array_split(np.argsort(probability, kind="stable"), N_TENTHS)
    theirs = np.array_split(np.argsort(softmax, kind="stable"), N_TENTHS)
    return [
        Tenth(
            len(one),
            float(probability[one].min()),
            float(probability[one].max()),
            float(probability[one].mean()),
            float(right[one].mean()),
            float(right[other].mean()),
        )
        for one, other in zip(ours, theirs, strict=True)
        if len(one)
    ]
