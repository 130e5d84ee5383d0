"""Labels that are probably wrong: whose example is more like another class.

A network that was trained for long repeats wrong labels with a small loss. Its layers
still see what the example is alike: on average over layers, how close the direction of
its activations is to that of each class's mean.
"""

import numpy as np
from numpy.typing import NDArray


def class_scores(
    products: NDArray, lengths: NDArray, mean_lengths: NDArray
) -> NDArray[np.float64]:
    """Compute how alike examples are to classes.

    ``s_c(x) = (1/L) Σ_l cos(a_l(x), m_lc)``, with the activations ``a_l(x)`` of layer
    l and their mean ``m_lc`` over the examples with label c.

    Args:
        products: (examples, layers, classes) inner products ``a_l(x) · m_lc``.
        lengths: (examples, layers) of the activations.
        mean_lengths: (layers, classes) of the means; 0 in all layers for a class
            without examples.

    Returns:
        (examples, classes) float64, −1 to 1; a vector of length 0, or one that is not
        finite, counts as alike to none, 0. NaN for a class without examples.
    """
    by = np.asarray(lengths, np.float64)[:, :, None] * mean_lengths
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        cosines = np.asarray(products, np.float64) / by
    cosines = np.where(np.isfinite(cosines) & (by > 0), cosines, 0.0)
    scores = np.clip(cosines, -1.0, 1.0).mean(axis=1)
    scores[:, ~(mean_lengths > 0).any(axis=0)] = np.nan
    return scores


def margins(
    scores: NDArray[np.float64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Compute how much more alike examples are to another class than to their own.

    Args:
        scores: (examples, classes) of :func:`class_scores`.
        labels: (examples,) given classes.

    Returns:
        (examples,) ``max over c ≠ y of s_c(x) − s_y(x)``, above 0 where another class
        is nearer, NaN where nothing can be compared; and (examples,) the other class.
    """
    rows = np.arange(len(labels))
    others = np.where(np.isnan(scores), -np.inf, scores)
    others[rows, labels] = -np.inf
    suggested = others.argmax(axis=1)
    found = others[rows, suggested] - scores[rows, labels]
    return np.where(np.isfinite(found), found, np.nan), suggested


def losses(outputs: NDArray, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Compute ``−log`` of the probability of each label.

    Args:
        outputs: (examples, classes) probabilities.
        labels: (examples,) classes.

    Returns:
        (examples,) float64, finite: probabilities count as 1e-7 at least.
    """
    own = np.asarray(outputs, np.float64)[np.arange(len(labels)), labels]
    return -np.log(np.clip(own, 1e-7, 1.0))


def most_suspicious(margin: NDArray[np.float64]) -> NDArray[np.int64]:
    """Order examples by their margin alone.

    Args:
        margin: (examples,) of :func:`margins`.

    Returns:
        (examples,) indices, the largest first, those that are NaN last.
    """
    return np.argsort(-margin, kind="stable")
