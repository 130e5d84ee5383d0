"""Tables that say how alike classes are."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def checked_similarity(table: ArrayLike) -> NDArray[np.float64]:
    """Check a table that weighs pairs of classes.

    Args:
        table: (classes, classes) numbers, indexed by label on both axes.

    Returns:
        The same as float64, a copy.

    Raises:
        ValueError: not square, not symmetric, or a number that is negative or not
            finite.
    """
    try:
        found = np.array(table, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "similarity is no array of numbers, expected (classes, classes)"
        ) from error
    if found.ndim != 2 or found.shape[0] != found.shape[1]:
        raise ValueError(
            f"similarity has shape {found.shape}, expected (classes, classes)"
        )
    if not np.isfinite(found).all() or (found < 0).any():
        raise ValueError(
            "similarity holds negative or infinite numbers or NaN, expected 0 or more"
        )
    if not np.allclose(found, found.T, rtol=1e-9, atol=0):
        raise ValueError(
            "similarity is not symmetric, expected one number for each pair of classes"
        )
    return found
