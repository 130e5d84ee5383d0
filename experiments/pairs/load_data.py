"""Put scikit-learn's digits in pairs: two inputs, three classes."""

import numpy as np
from numpy.typing import NDArray

from experiments.digits import load_data as digits

Pictures = NDArray[np.float32]
Pairs = tuple[list[Pictures], NDArray[np.int64]]


def load_data(
    n_train: int = 6000, n_valid: int = 1200, seed: int = 0
) -> tuple[Pairs, Pairs]:
    """Draw pairs, as many of each class; no picture is in both parts."""
    rng = np.random.default_rng(seed)
    train, valid = digits.load_data()
    return _draw(*train, n_train, rng), _draw(*valid, n_valid, rng)


def _draw(
    X: Pictures, y: NDArray[np.int64], count: int, rng: np.random.Generator
) -> Pairs:
    left, right = rng.integers(len(y), size=(2, 10 * count))
    labels = 1 + np.sign(y[left] - y[right])
    chosen = np.concatenate(
        [np.flatnonzero(labels == label)[: count // 3] for label in range(3)]
    )
    rng.shuffle(chosen)
    return [X[left[chosen]], X[right[chosen]]], labels[chosen]
