"""Which networks of a front to look at first."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from xnas.objectives import INTROSPECTABILITY, Objective
from xnas.pareto import is_pareto_efficient

KNEE = "knee"

By = Literal["estimated", "observed"]
BY: tuple[By, ...] = get_args(By)
"""What picks go by: what networks are worth over seeds, or what was observed."""

ACCURACY = "accuracy"
"""What picks the best in the first objective, whatever it is called."""


def find_pick(
    name: str, picks: Mapping[str, int], axes: Sequence[Objective], n_evaluations: int
) -> int:
    """Find what a user means by the name of a pick.

    Args:
        name: of an objective, with or without its minus, :data:`KNEE`, or
            :data:`ACCURACY`.
        picks: of :func:`pick_networks`.
        axes: what was picked by.
        n_evaluations: that the run has.

    Raises:
        ValueError: there is no such pick; says why, and what is expected.
    """
    names = {axis.text: axis.name for axis in axes}
    known = names.get(name, name)
    if known == ACCURACY and known not in picks:
        known = axes[0].name
    if known in picks:
        return picks[known]
    if not n_evaluations:
        raise ValueError("it has no evaluation yet, expected one or more")
    if not picks:
        raise ValueError(
            f"all {n_evaluations} evaluation(s) failed, expected one that did not"
        )
    if known == KNEE and len(axes) > 1:
        why = "no network of its front is finite in all objectives"
    elif known in names.values():
        why = f"no finite {known} is on its front"
    elif known == INTROSPECTABILITY:
        why = f"it records no {known}"
    else:
        why = f"no objective is called {name}"
    raise ValueError(
        f"{why}, expected the number of an evaluation or one of its picks: "
        + ", ".join(picks)
    )


def pick_networks(
    ids: NDArray[np.int64], points: NDArray[np.float64], names: Sequence[str]
) -> dict[str, int]:
    """Choose the ends of a front, one an objective, and its knee.

    Args:
        ids: (points,) int64, ascending.
        points: (points, objectives) float64, all maximised; NaN where one failed.
        names: of the objectives.

    Returns:
        Id by objective, and from two objectives on by :data:`KNEE`; all of them are on
        the front, the first of equal ones. An objective but the first that no network
        of the front has a finite value of is missing, and so is the knee where none is
        finite in all; without any point nothing.
    """
    efficient = is_pareto_efficient(points)
    if not efficient.any():
        return {}
    picks = {names[0]: _first(ids[efficient], points[efficient], 0)}
    is_finite = np.isfinite(points)
    for axis, name in enumerate(names[1:], start=1):
        known = efficient & is_finite[:, axis]
        if known.any():
            picks[name] = _first(ids[known], points[known], axis)
    finite = efficient & is_finite.all(axis=1)
    if points.shape[1] < 2 or not finite.any():
        return picks
    # Distinct points, best in the first objective first; of copies the lowest id.
    front, first = np.unique(-points[finite], axis=0, return_index=True)
    return {**picks, KNEE: int(ids[finite][first][_knee(-front)])}


def _first(ids: NDArray[np.int64], points: NDArray[np.float64], axis: int) -> int:
    """Return the best in one objective, by the others in order where equal."""
    rest = [i for i in range(points.shape[1]) if i != axis]
    keys = [-points[:, i] for i in (axis, *rest)]
    # The last key counts first.
    return int(ids[np.lexsort((ids, *reversed(keys)))[0]])


def _knee(front: NDArray[np.float64]) -> int:
    """Find the point farthest from the hyperplane through the ends of a front.

    Das, *On characterizing the knee of the Pareto curve based on normal-boundary
    intersection*, Structural Optimization 18, 1999.

    Args:
        front: (points, objectives) finite float64, distinct.

    Returns:
        Its row, the first of equally far ones; 0 of fewer points than objectives + 1.
    """
    if len(front) <= front.shape[1]:
        return 0
    lowest, highest = front.min(axis=0), front.max(axis=0)
    scaled = (front - lowest) / np.where(highest > lowest, highest - lowest, 1.0)
    ends = scaled[scaled.argmax(axis=0)]
    # Ends that fall together span no hyperplane: the least normal will do.
    normal = np.linalg.lstsq(ends, np.ones(len(ends)), rcond=None)[0]
    return int(np.argmax(np.round(np.abs(scaled @ normal - 1.0), 12)))
