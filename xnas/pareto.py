"""Front mask and hypervolume.

The policy where the textbook definition is silent:

* NaN: a point with a NaN in any objective is never efficient and dominates nothing.
* ±inf are ordinary values, ordered as floating point orders them.
* Duplicates: every copy of an efficient point is efficient.
"""

from typing import Literal, overload

import moocore
import numpy as np
from numpy.typing import ArrayLike, NDArray


@overload
def is_pareto_efficient(
    costs: ArrayLike, return_mask: Literal[True] = True, maximize: bool = True
) -> NDArray[np.bool_]: ...


@overload
def is_pareto_efficient(
    costs: ArrayLike, return_mask: Literal[False], maximize: bool = True
) -> NDArray[np.int64]: ...


def is_pareto_efficient(
    costs: ArrayLike, return_mask: bool = True, maximize: bool = True
) -> NDArray[np.bool_] | NDArray[np.int64]:
    """Find the points that no other point dominates.

    A point dominates another if it is at least as good in every objective and better
    in one. See the module's docstring for NaN, infinities and duplicates.

    Args:
        costs: (points, objectives) numbers; may hold no points.
        return_mask: whether to return a mask rather than indices.
        maximize: whether larger is better in every objective.

    Returns:
        (points,) bool mask, or (efficient,) int64 ascending indices.

    Raises:
        ValueError: ``costs`` is not two-dimensional or has no objectives.
    """
    points = _as_points(costs)
    comparable = ~np.isnan(points).any(axis=1)
    mask = np.zeros(len(points), dtype=np.bool_)
    if comparable.any():
        mask[comparable] = moocore.is_nondominated(
            _dense_ranks(points[comparable]), maximise=maximize, keep_weakly=True
        )
    return mask if return_mask else np.flatnonzero(mask).astype(np.int64)


def hypervolume(
    points: ArrayLike, reference: ArrayLike, maximize: bool = True
) -> float:
    """Measure the space that points dominate, bounded by a reference point.

    Points that are not better than the reference in every objective, −inf and NaN
    among them, add nothing.

    Args:
        points: (points, objectives) numbers; may hold no points.
        reference: (objectives,) finite numbers, the worst corner.
        maximize: whether larger is better in every objective.

    Returns:
        The dominated volume; 0 without points, inf if a point that counts is
        infinitely good in an objective.

    Raises:
        ValueError: ``points`` is not two-dimensional, or ``reference`` has another
            number of objectives or is not finite.
    """
    points = _as_points(points)
    corner = np.asarray(reference, dtype=np.float64)
    if corner.shape != points.shape[1:] or not np.isfinite(corner).all():
        raise ValueError(
            f"reference must hold {points.shape[1]} finite numbers, one an objective "
            f"of points, but is {reference!r}"
        )
    better = points > corner if maximize else points < corner
    counted = points[better.all(axis=1)]
    # moocore 0.3 crashes on infinities among three objectives.
    if np.isinf(counted).any():
        return float("inf")
    return float(moocore.hypervolume(counted, ref=corner, maximise=maximize))


def _as_points(values: ArrayLike) -> NDArray[np.float64]:
    points = np.asarray(values, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] == 0:
        raise ValueError(
            "expected an array of shape (points, objectives) with at least one "
            f"objective, but got shape {points.shape}"
        )
    return points


def _dense_ranks(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace each objective's values by their ranks, equal values by equal ranks.

    Dominance asks for the order only, and moocore 0.3 crashes or errs on infinities
    among three objectives or more.
    """
    columns = [np.unique(column, return_inverse=True)[1] for column in points.T]
    return np.stack(columns, axis=1).astype(np.float64)
