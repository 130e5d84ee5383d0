"""Hypervolume while a search goes on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnas.pareto import hypervolume, is_pareto_efficient
from xnas.report.clock import Clock
from xnas.results import Run


@dataclass(frozen=True)
class Curve:
    """Hypervolume after each evaluation that changed it, and at the end.

    Args:
        evaluations: how many had ended.
        seconds: time searched until then; NaN where no row tells.
        values: the hypervolume of what had ended.
        reference: the worst corner, one number an objective.
    """

    evaluations: tuple[int, ...]
    seconds: tuple[float, ...]
    values: tuple[float, ...]
    reference: tuple[float, ...]

    def at(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the hypervolume after numbers of evaluations, 0 before the first."""
        steps = np.searchsorted(self.evaluations, counts, side="right")
        return np.concatenate(([0.0], self.values))[steps]


def hypervolume_curve(run: Run) -> Curve | None:
    """Follow the hypervolume in the order in which evaluations ended.

    Args:
        run: any.

    Returns:
        ``None`` without a reference or without rows.
    """
    table = run.evaluations
    if run.hypervolume_reference is None or table.empty:
        return None
    ends = table["timestamp_end"].to_numpy()
    # Rows that do not tell when they ended come last, by id.
    order = np.lexsort((table["id"].to_numpy(), ends))
    points = table[list(run.objectives)].to_numpy(dtype=np.float64)[order]
    clock = Clock(table["timestamp_start"].to_numpy(), ends)
    seconds = clock.at(ends[order])
    counts, values = _steps(points, np.array(run.hypervolume_reference))
    return Curve(
        evaluations=tuple(counts),
        seconds=tuple(float(seconds[count - 1]) for count in counts),
        values=tuple(values),
        reference=run.hypervolume_reference,
    )


def _steps(
    points: NDArray[np.float64], reference: NDArray[np.float64]
) -> tuple[list[int], list[float]]:
    """Return after how many points the hypervolume changed, and to what."""
    counts: list[int] = []
    values: list[float] = []
    front = np.empty((0, points.shape[1]))
    for count, point in enumerate(points, start=1):
        # False for NaN: a failure adds nothing.
        if (point > reference).all() and not (front >= point).all(axis=1).any():
            front = np.vstack([front, point])
            front = front[is_pareto_efficient(front)]
            counts.append(count)
            values.append(hypervolume(front, reference))
    if not counts or counts[-1] < len(points):
        counts.append(len(points))
        values.append(values[-1] if values else 0.0)
    return counts, values
