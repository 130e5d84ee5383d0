"""PLACEHOLDER: random examples that stand for your own."""

import numpy as np
from numpy.typing import NDArray

from xnas.training.arrays import stratified_split

SHAPE = (6, 6, 1)
N_CLASSES = 2
PER_CLASS = 40

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]


def load_data(seed: int = 0) -> tuple[Pair, Pair]:
    """Make a random texture for each class, and examples of it by adding noise."""
    # REPLACE the next five lines by reading your data: X holds all examples, with
    # SHAPE each, and y their classes, whole numbers counted from 0.
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(N_CLASSES), PER_CLASS)
    textures = rng.uniform(size=(N_CLASSES, 5))
    patterns = np.stack([np.resize(texture, SHAPE) for texture in textures])
    X = rng.normal(patterns[y], 0.1).astype(np.float32)

    # Data that come in two parts are returned in place of these.
    train, valid = stratified_split(y, valid_fraction=0.2, seed=seed)
    return (X[train], y[train]), (X[valid], y[valid])
