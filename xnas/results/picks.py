"""Which networks of a front to look at first."""

import numpy as np
from numpy.typing import NDArray


def pick_networks(
    ids: NDArray[np.int64], points: NDArray[np.float64]
) -> dict[str, int]:
    """Choose the ends of a front and its knee.

    Args:
        ids: (points,) int64, ascending.
        points: (points, objectives) float64, all maximised, the task's objective
            first and introspectability, if any, second; NaN where one failed.

    Returns:
        ``accuracy``, and with two objectives ``introspectability`` and ``knee``; all
        of them are on the front, the first of equal ones. Without a point that has a
        finite introspectability only ``accuracy``; without any point nothing.
    """
    from xnas.pareto import is_pareto_efficient

    efficient = is_pareto_efficient(points)
    if not efficient.any():
        return {}
    accurate = _most_accurate(ids[efficient], points[efficient])
    picks = {"accuracy": accurate}
    finite = efficient & np.isfinite(points).all(axis=1)
    if points.shape[1] < 2 or not finite.any():
        return picks
    # Distinct points, most accurate first: among copies the lowest id stands.
    front, first = np.unique(-points[finite], axis=0, return_index=True)
    candidates = ids[finite][first]
    return {
        **picks,
        "introspectability": int(candidates[-1]),
        "knee": int(candidates[_knee(-front)]),
    }


def _most_accurate(ids: NDArray[np.int64], points: NDArray[np.float64]) -> int:
    # The last key counts first; on a front, equal accuracies are copies.
    return int(ids[np.lexsort((ids, -points[:, 0]))[0]])


def _knee(front: NDArray[np.float64]) -> int:
    """Find the point farthest from the line through the two ends.

    Args:
        front: (points, 2) finite float64, distinct, from one end to the other.

    Returns:
        Its row; the first, most accurate one of fewer than three.
    """
    if len(front) < 3:
        return 0
    lowest, highest = front.min(axis=0), front.max(axis=0)
    scaled = (front - lowest) / (highest - lowest)
    # After scaling the ends are (1, 0) and (0, 1).
    return int(np.argmax(np.abs(scaled.sum(axis=1) - 1.0)))
