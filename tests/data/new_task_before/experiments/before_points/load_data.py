"""Arrays of an npz file, to train and to validate."""

from typing import Any

from numpy.typing import NDArray

from xnas.training.arrays import load_arrays

ARRAYS = "points.npz"

Pair = tuple[NDArray[Any], NDArray[Any]]


def load_data() -> tuple[Pair, ...]:
    """Read the arrays; what validates is split off by seed if the file has none."""
    return load_arrays(
        ARRAYS,
        valid_fraction=0.2,
        seed=0,
        # Every feature to mean 0 and standard deviation 1.
        standardize_examples=True,
    )
