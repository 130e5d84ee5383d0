"""Draw pictures with no line, or one of five pixels in one of three directions."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

SIDE = 12
LENGTH = 5
STEPS = {1: (0, 1), 2: (1, 0), 3: (1, 1)}  # horizontal, vertical, diagonal

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]


def load_data(size: int = 128, seed: int = 0) -> tuple[Pair, Pair]:
    """Draw ``size`` pictures of 12 × 12 pixels; every class is in both parts."""
    rng = np.random.default_rng(seed)
    y = np.arange(size) % 4
    X = np.zeros((size, SIDE, SIDE, 1), dtype=np.float32)
    for picture, label in zip(X, y, strict=True):
        if label:
            row, column = rng.integers(0, SIDE - LENGTH + 1, size=2)
            down, right = STEPS[int(label)]
            for k in range(LENGTH):
                picture[row + k * down, column + k * right] = 1
    X_train, X_valid, y_train, y_valid = train_test_split(
        X, y, test_size=0.2, stratify=y, random_state=seed
    )
    return (X_train, y_train), (X_valid, y_valid)
