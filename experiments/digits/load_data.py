"""Load scikit-learn's digits: four fifths to train, one fifth to validate."""

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.model_selection import train_test_split

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]


def load_data() -> tuple[Pair, Pair]:
    """Load 1,437 and 360 pictures of 8 × 8 pixels, scaled to 0 to 1."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32).reshape(-1, 8, 8, 1)
    X_train, X_valid, y_train, y_valid = train_test_split(
        X, y, test_size=0.2, stratify=y, random_state=0
    )
    return (X_train, y_train), (X_valid, y_valid)


def look_alike() -> NDArray[np.float64]:
    """Return how alike the mean pictures of digits are: cosines, (10, 10)."""
    X, y = load_data()[0]
    means = np.stack([X[y == digit].mean(axis=0).ravel() for digit in range(10)])
    return cosine_similarity(means)
