"""What networks are expected to give with other seeds, for the page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.pareto import is_pareto_efficient
from xnas.results import Run
from xnas.results.estimated import LIKELY

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Expected:
    """Estimates, one row a network of the run; NaN where nothing is known of one.

    Args:
        means: (networks, axes) float64, as measured.
        deviations: (networks, axes) float64, standard deviations of what is not known.
        probability: (networks,) float64 of being on the front.
        front: (networks,) bool, whether no other dominates by expected means.
        hypervolume: of those, ``None`` without a reference.
        likely: how many are on the front with a probability of 0.5 or more.
        observed: how many are on the observed front.
        kept: how many of those are on the front of the averages, expected number.
    """

    means: Floats
    deviations: Floats
    probability: Floats
    front: NDArray[np.bool_]
    hypervolume: float | None
    likely: int
    observed: int
    kept: float

    @property
    def front_size(self) -> int:
        """Networks of the estimated front."""
        return int(self.front.sum())

    def rows(self, ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> "Expected":
        """Return the rows of some networks; nothing is known of those without one.

        Args:
            ids: (networks,) int64, whose rows these are.
            wanted: (wanted,) int64, whose rows are returned.
        """
        row_of = {one: row for row, one in enumerate(ids.tolist())}
        rows = np.array([row_of.get(one, -1) for one in wanted.tolist()], np.int64)

        def taken(values: NDArray[Any], otherwise: object) -> NDArray[Any]:
            last = np.full((1, *values.shape[1:]), otherwise, values.dtype)
            return np.concatenate([values, last])[rows]

        return replace(
            self,
            means=taken(self.means, np.nan),
            deviations=taken(self.deviations, np.nan),
            probability=taken(self.probability, np.nan),
            front=taken(self.front, False),
        )


def expect(run: Run) -> Expected | None:
    """Estimate what a run's networks are worth, along all axes of its page.

    Args:
        run: any.

    Returns:
        ``None`` where there are no estimates.
    """
    if run.why_no_estimates is not None:
        return None
    found = run.estimated(run.axes)
    row = {one.id: i for i, one in enumerate(run.networks)}
    rows = [row[one.id] for one in found.networks]
    signs = np.array([1.0 if axis.maximize else -1.0 for axis in run.axes])
    means = np.full((len(row), len(signs)), np.nan)
    deviations, probability = means.copy(), np.full(len(row), np.nan)
    front = np.zeros(len(row), bool)
    means[rows] = found.means * signs
    deviations[rows] = found.deviations
    probability[rows] = found.front_probability
    front[rows] = is_pareto_efficient(found.means)
    return Expected(
        means,
        deviations,
        probability,
        front,
        run.estimated_hypervolume(),
        likely=int((found.front_probability >= LIKELY).sum()),
        observed=int(run.trade_offs.sum()),
        kept=float(np.nansum(probability[run.trade_offs])),
    )


def expected_content(expected: Expected | None) -> dict[str, Any] | None:
    """Put estimates into JSON's terms, column by column, in few bytes.

    Args:
        expected: of the run.
    """
    if expected is None:
        return None
    pairs = list(zip(expected.means.T, expected.deviations.T, strict=True))
    return {
        "means": [[*_means(*pair)] for pair in pairs],
        "deviations": [[*_rounded(deviations)] for _, deviations in pairs],
        "probability": [
            None if p != p else round(p, 3) for p in expected.probability.tolist()
        ],
        "front": np.flatnonzero(expected.front).tolist(),
    }


def _means(means: Floats, deviations: Floats) -> Iterator[float | str | None]:
    """Round what is not known exactly."""
    pairs = zip(means.tolist(), deviations.tolist(), strict=True)
    for mean, deviation in pairs:
        if not np.isfinite(mean):
            yield None if mean != mean else str(mean)
        else:
            yield mean if not deviation else float(f"{mean:.6g}")


def _rounded(values: Floats) -> Iterator[float | None]:
    for value in values.tolist():
        yield float(f"{value:.3g}") if np.isfinite(value) else None
