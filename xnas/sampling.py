"""Samples of examples, drawn by seed: those that come first may be all of a class."""

import numpy as np
from numpy.typing import NDArray


def classes_of(labels: NDArray) -> NDArray[np.int64]:
    """Read labels: (n,) or (n, 1) integers, or (n, classes) one-hot."""
    if labels.ndim == 2 and labels.shape[1] > 1:
        return labels.argmax(axis=1)
    return labels.reshape(-1).astype(np.int64)


def some_of(n_examples: int, count: int, seed: int = 0) -> NDArray[np.int64]:
    """Draw examples uniformly.

    Args:
        n_examples: how many there are.
        count: how many at most.
        seed: decides which.

    Returns:
        Their ascending indices; of all where they are no more than ``count``.
    """
    if count >= n_examples:
        return np.arange(n_examples)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(n_examples, count, replace=False))


def some_of_each_class(labels: NDArray, count: int, seed: int = 0) -> NDArray[np.int64]:
    """Draw examples of each class, the same share and one or more where that fits.

    Args:
        labels: (n,) classes, or (n, classes) one-hot, in whatever order.
        count: how many examples at most.
        seed: decides which.

    Returns:
        Their ascending indices; of all where they are no more than ``count``.
    """
    if count >= len(labels):
        return np.arange(len(labels))
    if labels.ndim > 1 and labels.shape[-1] > 1:
        labels = labels.argmax(axis=-1)
    _, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    classes = classes.reshape(len(labels))
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_class = shuffled[np.argsort(classes[shuffled], kind="stable")]
    rank = np.concatenate([np.arange(size) for size in sizes])
    # The share of its class that an example completes: those with the least are taken.
    share = np.where(rank == 0, 0, (rank + 0.5) / sizes[classes[by_class]])
    return np.sort(by_class[np.argsort(share, kind="stable")[:count]])
