"""Pictures in one folder a class: four fifths to train, one fifth to validate."""

import numpy as np
from numpy.typing import NDArray

from xnas.training.pictures import load_pictures

# One subfolder a class. What is changed here or in the folder also changes what
# problem.py holds: names of the classes, mean and standard deviation.
PICTURES = "shapes"
SIZE = (8, 8)  # height and width that all pictures are resized to
CHANNELS = 1  # 1: gray, 3: colour

Pair = tuple[NDArray[np.uint8], NDArray[np.int64]]


def load_data() -> tuple[Pair, Pair]:
    """Read all pictures; the seed decides which of them validate."""
    return load_pictures(PICTURES, SIZE, CHANNELS, valid_fraction=0.2, seed=0)
