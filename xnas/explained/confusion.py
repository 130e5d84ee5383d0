"""Which classes a network confuses, and in which layers they are alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnas.scores import distances_from_gram


@dataclass(frozen=True)
class Pair:
    """Two classes.

    Args:
        first: number of a class.
        second: number of another.
        errors: examples of the first that are predicted as the second, and of the
            second as the first.
        softmax: mean output for the other class where one of them is predicted, over
            both directions; NaN where neither ever is.
        distances: (layers,) cosine distance of their means in each layer; NaN where
            one is zero or missing.
    """

    first: int
    second: int
    errors: tuple[int, int]
    softmax: float
    distances: NDArray[np.float64]

    @property
    def distance(self) -> float:
        """Mean over layers, NaN if none knows both classes."""
        known = self.distances[~np.isnan(self.distances)]
        return float(known.mean()) if known.size else float("nan")


def softmax_means(
    sums: NDArray[np.float64], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Compute the mean outputs where each class is predicted.

    Labels need not be known for that.

    Args:
        sums: (classes, classes) of the outputs, by predicted class.
        counts: (classes,) predictions of each.

    Returns:
        (classes, classes) float64; NaN in the row of a class that is never predicted.
    """
    by = np.where(counts > 0, counts, np.nan)
    return np.asarray(sums / by[:, None])


def layer_distances(
    gram: NDArray[np.float64], classes: NDArray[np.int64], n_classes: int
) -> NDArray[np.float64]:
    """Compute how far apart classes are in each layer.

    Args:
        gram: (layers, k, k) inner products of class sums.
        classes: (k,) the classes that have any.
        n_classes: of the task.

    Returns:
        (layers, n_classes, n_classes) float64 cosine distances; NaN where a class
        has no example or no activity.
    """
    found = np.full((len(gram), n_classes, n_classes), np.nan)
    for layer, one in zip(found, gram, strict=True):
        layer[np.ix_(classes, classes)] = distances_from_gram(one)
    return found


def pairs(
    confusion: NDArray[np.int64],
    softmax: NDArray[np.float64],
    distances: NDArray[np.float64],
    most: int | None = None,
) -> list[Pair]:
    """List pairs of classes, the most confused first.

    Args:
        confusion: (classes, classes) examples by true and by predicted class.
        softmax: (classes, classes) of :func:`softmax_means`.
        distances: (layers, classes, classes) of :func:`layer_distances`.
        most: how many at most.

    Returns:
        Those with the most errors first, then those with the largest outputs.
    """
    first, second = np.triu_indices(len(confusion), k=1)
    errors = confusion[first, second] + confusion[second, first]
    both = np.stack([softmax[first, second], softmax[second, first]])
    known = ~np.isnan(both)
    means = np.where(known, both, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    means = np.where(known.any(axis=0), means, np.nan)
    order = np.lexsort((-np.nan_to_num(means, nan=-1.0), -errors))[:most]
    return [
        Pair(
            int(a := first[i]),
            int(b := second[i]),
            (int(confusion[a, b]), int(confusion[b, a])),
            float(means[i]),
            distances[:, a, b],
        )
        for i in order
    ]
