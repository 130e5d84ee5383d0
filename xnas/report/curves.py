"""Hypervolume while a search goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnas.pareto import hypervolume, is_pareto_efficient
from xnas.records import Evaluation, Genotype
from xnas.report.clock import Clock
from xnas.results import Run

STEPS = 400
"""Points of a curve or a band at most, where each takes time."""


@dataclass(frozen=True)
class Curve:
    """Hypervolume after evaluations that changed it, and at the end.

    Args:
        evaluations: how many had ended.
        seconds: time searched until then; NaN where no row tells.
        values: the hypervolume of what had ended.
    """

    evaluations: tuple[int, ...]
    seconds: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the hypervolume after numbers of evaluations, 0 before the first."""
        steps = np.searchsorted(self.evaluations, counts, side="right")
        return np.concatenate(([0.0], self.values))[steps]


def hypervolume_curve(run: Run) -> Curve | None:
    """Follow the hypervolume in the order in which evaluations ended.

    Args:
        run: any; of many changes with three objectives or more, some hundreds are
            worked out.

    Returns:
        ``None`` without a reference or without rows.
    """
    table = run.evaluations
    if run.hypervolume_reference is None or table.empty:
        return None
    ends = table["timestamp_end"].to_numpy()
    # Rows that do not tell when they ended come last, by id.
    order = np.lexsort((table["id"].to_numpy(), ends))
    clock = Clock(table["timestamp_start"].to_numpy(), ends)
    seconds = clock.at(ends[order])
    every = run.records
    records = [every[i] for i in order]
    counts, values = _steps(records, np.array(run.hypervolume_reference))
    return Curve(
        evaluations=tuple(counts),
        seconds=tuple(float(seconds[count - 1]) for count in counts),
        values=tuple(values),
    )


def _steps(
    records: Sequence[Evaluation], reference: NDArray[np.float64]
) -> tuple[list[int], list[float]]:
    """Return after how many evaluations the hypervolume changed, and to what."""
    fronts: dict[int, NDArray[np.float64]] = {}
    front = np.empty((0, len(reference)))
    values_of: dict[Genotype | int, list[tuple[float, ...]]] = {}
    means: dict[Genotype | int, NDArray[np.float64]] = {}
    for count, one in enumerate(records, start=1):
        if one.objectives is None:
            continue
        key = one.genotype or one.id
        before = means.get(key)
        values_of.setdefault(key, []).append(one.objectives)
        point = means[key] = np.mean(np.array(values_of[key]), axis=0)
        if before is not None and (front == before).all(axis=1).any():
            # A mean takes the place of one that others may have been hidden by.
            points = np.array(list(means.values()))
        elif (point > reference).all() and not (front >= point).all(axis=1).any():
            points = np.vstack([front, point])
        else:
            continue
        front = points[is_pareto_efficient(points)]
        fronts[count] = front
    counts = list(fronts)
    # Each volume takes time then: milliseconds of three objectives, more of five.
    most = len(counts) if len(reference) < 3 else STEPS if len(reference) < 4 else 100
    if len(counts) > most:
        counts = [counts[i] for i in np.linspace(0, len(counts) - 1, most, dtype=int)]
    values = [hypervolume(fronts[count], reference) for count in counts]
    if not counts or counts[-1] < len(records):
        counts.append(len(records))
        values.append(values[-1] if values else 0.0)
    return counts, values
