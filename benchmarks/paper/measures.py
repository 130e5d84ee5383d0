"""What the paper measures of predictions and pairs of classes, and what ranks do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

N_BINS = 50
FEW = 5
"""Examples below which a bin is nearly empty."""


def binned_correlation(
    score: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[float, float]:
    """Correlate a score with accuracy, over bins of equal width from 0 to 1.

    Args:
        score: (examples,) that says how sure a prediction is, 0 to 1.
        right: (examples,) whether predictions are right.

    Returns:
        Pearson's correlation of the middles of bins with the accuracy of what is in
        them, NaN where that does not vary; and the share of the bins with any example
        that have fewer than :data:`FEW`.
    """
    bins = np.minimum((np.clip(score, 0, 1) * N_BINS).astype(int), N_BINS - 1)
    counts = np.bincount(bins, minlength=N_BINS)
    held = counts > 0
    accuracy = np.bincount(bins, right, N_BINS)[held] / counts[held]
    middles = (np.flatnonzero(held) + 0.5) / N_BINS
    nearly_empty = float((counts[held] < FEW).mean())
    if np.ptp(accuracy) == 0 or len(middles) < 2:
        return float("nan"), nearly_empty
    return float(np.corrcoef(middles, accuracy)[0, 1]), nearly_empty


def auroc(score: NDArray, right: NDArray[np.bool_]) -> float:
    """Measure how well a score finds what is right; NaN where all is, or nothing."""
    from sklearn.metrics import roc_auc_score

    if right.all() or not right.any():
        return float("nan")
    return float(roc_auc_score(right, score))


def trust_measures(
    scores: dict[str, NDArray[np.float64]], right: NDArray[np.bool_]
) -> dict[str, dict[str, float]]:
    """Measure scores of trust by the paper's measure and by AUROC.

    Args:
        scores: (examples,) by name; those outside 0 to 1 have an AUROC only.
        right: (examples,) whether predictions are right.
    """
    found = {}
    for name, score in scores.items():
        found[name] = {"auroc": auroc(score, right)}
        if score.min() >= 0 and score.max() <= 1:
            correlation, empty = binned_correlation(score, right)
            found[name] |= {"correlation": correlation, "nearly_empty": empty}
    return found


def pair_measures(
    confusion: NDArray[np.int64],
    distances: NDArray[np.float64],
    softmax: NDArray[np.float64],
) -> dict[str, dict[str, float]]:
    """Measure how well pairs of classes that are confused can be told beforehand.

    Args:
        confusion: (classes, classes) examples by true and by predicted class.
        distances: (classes, classes) cosine distances of class means.
        softmax: (classes, classes) mean outputs by predicted class.

    Returns:
        For nearness of class means and for mean outputs: Spearman's correlation with
        the errors of a pair in both directions, and the AUROC of having any.
    """
    pairs = np.triu_indices(len(confusion), k=1)
    errors = (confusion + confusion.T)[pairs]
    # A class that is never predicted has no mean output, a silent one no distance.
    scores = {
        "nearness": -np.nan_to_num(distances)[pairs],
        "softmax": (np.nan_to_num(softmax) + np.nan_to_num(softmax).T)[pairs],
    }
    found: dict[str, dict[str, float]] = {}
    for name, score in scores.items():
        varies = np.ptp(errors) > 0 and np.ptp(score) > 0
        result: Any = spearmanr(score, errors) if varies else None
        found[name] = {
            "spearman": float("nan") if result is None else float(result.statistic),
            "auroc": auroc(score, errors > 0),
        }
    return found
