"""How long a search took, pauses left out."""

import numpy as np
from numpy.typing import NDArray


class Clock:
    """Counts the seconds in which at least one network was being evaluated.

    A run that was resumed the next day did not search at night: wall time would say
    so.

    Args:
        starts: (evaluations,) float64, Unix time in seconds; NaN if not known.
        ends: (evaluations,) float64, the same.
    """

    def __init__(self, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> None:
        known = np.isfinite(starts) & np.isfinite(ends) & (ends >= starts)
        order = np.argsort(starts[known], kind="stable")
        begins, stops = starts[known][order], ends[known][order]
        latest = np.maximum.accumulate(stops) if len(stops) else stops
        # An evaluation that begins after all earlier ones ended begins a new stretch.
        first = np.ones(len(begins), dtype=np.bool_)
        first[1:] = begins[1:] > latest[:-1]
        self._begins = begins[first]
        last = np.append(np.flatnonzero(first)[1:] - 1, len(begins) - 1)
        self._stops = latest[last] if len(begins) else latest
        self._before = np.concatenate(([0.0], np.cumsum(self._stops - self._begins)))

    @property
    def total(self) -> float:
        """Seconds from first to last, pauses left out."""
        return float(self._before[-1])

    def at(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how much of the time had passed.

        Args:
            moments: Unix times in seconds; NaN gives NaN.

        Returns:
            Seconds, of the same shape.
        """
        if not len(self._begins):
            return np.full(moments.shape, np.nan)
        stretch = np.searchsorted(self._begins, moments, side="right") - 1
        inside = np.clip(
            np.minimum(moments, self._stops[stretch]) - self._begins[stretch], 0, None
        )
        passed = np.where(stretch >= 0, self._before[stretch] + inside, 0.0)
        return np.where(np.isnan(moments), np.nan, passed)
