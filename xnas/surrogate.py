"""What is believed of a run's networks: a Gaussian process for each objective."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import NamedTuple

import moocore
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from xnas.distances import NetworkDistances, Table
from xnas.gaussian_process import (
    NOISES,
    Combination,
    GaussianProcess,
    Hyperparameters,
    most_likely,
)
from xnas.records import Evaluation, Genotype

CHOOSING_ROWS = 400
"""Latest rows that decide about hyperparameters."""

MODEL_ROWS = 1_000
"""Most rows that a model rests on."""

Floats = NDArray[np.float64]


def one_thread() -> AbstractContextManager[None]:
    """Have linear algebra computed by one thread meanwhile.

    Workers need the other processors, and the sums of several threads differ.
    """
    return _controller().limit(limits=1, user_api="blas")


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


class Scale:
    """A scale that the objectives of a run share.

    The median becomes 0, the 90th percentile 1.28, as of a standard normal
    distribution; what lies below the median is drawn up by a logarithm, since how bad
    a bad network is matters little.

    Args:
        values: (rows, objectives) float64, maximised, −inf where there is none.
    """

    def __init__(self, values: Floats) -> None:
        finite = np.where(np.isfinite(values), values, np.inf)
        lowest = finite.min(axis=0)
        self._lowest = np.where(np.isfinite(lowest), lowest, 0.0)
        values = self._finite(values)
        self._middle = np.median(values, axis=0)
        width = (np.quantile(values, 0.9, axis=0) - self._middle) / 1.28
        width = np.where(width > 0, width, values.std(axis=0))
        self._width = np.where(width > 0, width, 1.0)

    def _finite(self, values: Floats) -> Floats:
        return np.where(np.isfinite(values), values, self._lowest)

    def __call__(self, values: Floats) -> Floats:
        """Scale values.

        Args:
            values: (..., objectives) float64; −inf takes the lowest that was finite.

        Returns:
            (..., objectives) float64.
        """
        z = (self._finite(values) - self._middle) / self._width
        return np.where(z < 0, -np.log1p(-np.minimum(z, 0)), z)

    def slope(self, z: Floats) -> Floats:
        """Return how much narrower values lie on the scale than above the median.

        Args:
            z: (..., objectives) float64, scaled.

        Returns:
            (..., objectives) float64, 1 from the median on, less below.
        """
        return np.asarray(np.exp(np.minimum(z, 0)))

    def back(self, z: Floats) -> Floats:
        """Return values in the objectives' own units.

        Args:
            z: (..., objectives) float64, scaled.

        Returns:
            (..., objectives) float64.
        """
        z = np.where(z < 0, -np.expm1(-np.minimum(z, 0)), z)
        return np.asarray(self._middle + self._width * z)


class Known(NamedTuple):
    """Networks that were evaluated.

    Attributes:
        genotypes: of the networks.
        means: (networks, objectives) float64 over a network's trainings that did not
            fail, −inf where all of them did.
        counts: (networks,) int64, how many those are.
    """

    genotypes: list[Genotype]
    means: Floats
    counts: NDArray[np.int64]


def known_networks(evaluations: Sequence[Evaluation], n_objectives: int) -> Known:
    """Put the trainings of each network together.

    Args:
        evaluations: any number.
        n_objectives: of each.
    """
    failure = (-np.inf,) * n_objectives
    trainings: dict[Genotype, list[tuple[float, ...]]] = {}
    for one in evaluations:
        values = trainings.setdefault(one.genotype, [])
        if one.objectives is not None:
            values.append(one.objectives)
    means = np.array(
        [np.mean(values or [failure], axis=0) for values in trainings.values()]
    )
    counts = np.array([len(values) or 1 for values in trainings.values()], np.int64)
    return Known(list(trainings), means.reshape(-1, n_objectives), counts)


def chosen_hyperparameters(
    known: Known, distances: NetworkDistances
) -> list[Hyperparameters]:
    """Choose the most likely hyperparameters, one an objective.

    Args:
        known: of which the last :data:`CHOOSING_ROWS` count.
        distances: between networks.
    """
    table = distances.table(known.genotypes[-CHOOSING_ROWS:])
    among = distances.between(table, table)
    means = known.means[-CHOOSING_ROWS:]
    return [most_likely(among, column, NOISES) for column in Scale(means)(means).T]


class Surrogate:
    """What is believed after so many evaluations.

    Args:
        known: networks that were evaluated.
        distances: between networks.
        hyperparameters: one an objective.
        mixing: (objectives, objectives) float64; scaled values are what independent
            processes give, times this. ``None``: they are independent themselves.
        spread: (networks, objectives) float64, noise of a training of each network as
            a part of that of the processes; ``None`` for 1.

    Attributes:
        scale: of the objectives.
        rows: positions of the networks that the processes rest on.
        ranked: the networks, best first by non-dominated rank.
        front: (networks, objectives) float64, scaled means of those on the front.
        processes: one an objective, of scaled values.
    """

    def __init__(
        self,
        known: Known,
        distances: NetworkDistances,
        hyperparameters: Sequence[Hyperparameters],
        mixing: Floats | None = None,
        spread: Floats | None = None,
    ) -> None:
        self.scale = Scale(known.means)
        z = self.scale(known.means)
        rank = moocore.pareto_rank(z, maximise=True)
        order = np.argsort(rank, kind="stable")
        self.ranked = [known.genotypes[i] for i in order]
        self.front = z[rank == rank.min()]
        self.rows = chosen = _spread(order, MODEL_ROWS)
        self._distances = distances
        self._seen = distances.table([known.genotypes[i] for i in chosen])
        among = distances.between(self._seen, self._seen)
        values = z[chosen] if mixing is None else z[chosen] @ np.linalg.inv(mixing)
        counts: Floats = np.ones(values.shape) * known.counts[chosen][:, None]
        if spread is not None:
            counts = counts / spread[chosen]
        self._mixing = mixing
        self._parts = [
            GaussianProcess(among, column, one, n)
            for column, one, n in zip(values.T, hyperparameters, counts.T, strict=True)
        ]
        self.processes: Sequence[GaussianProcess | Combination] = (
            self._parts
            if mixing is None
            else [Combination(self._parts, weights) for weights in mixing.T]
        )

    def table(self, genotypes: Sequence[Genotype]) -> tuple[Table, Floats]:
        """Look networks up.

        Args:
            genotypes: of connected networks.

        Returns:
            Their features, and (networks, seen) float64 distances to what was seen.
        """
        table = self._distances.table(genotypes)
        return table, self._distances.between(table, self._seen)

    def believed(self, cross: Floats) -> tuple[Floats, Floats]:
        """Return means and standard deviations of networks' scaled values.

        Args:
            cross: as :meth:`table` gives it.

        Returns:
            (networks, objectives) float64 each.
        """
        found = [one.mean_and_variance(cross) for one in self._parts]
        means = np.stack([mean for mean, _ in found], axis=1)
        variances = np.stack([variance for _, variance in found], axis=1)
        if self._mixing is not None:
            means, variances = means @ self._mixing, variances @ self._mixing**2
        return means, np.sqrt(variances)

    def covariances(self, table: Table, cross: Floats) -> Floats:
        """Return how scaled values of networks vary together.

        Args:
            table: as :meth:`table` gives it.
            cross: likewise.

        Returns:
            (objectives, networks, networks) float64.
        """
        among = self._distances.between(table, table)
        return np.stack([one.covariance(cross, among) for one in self.processes])

    def draw(self, table: Table, cross: Floats, normal: Floats) -> Floats:
        """Draw scaled values of networks jointly.

        Args:
            table: as :meth:`table` gives it.
            cross: likewise.
            normal: (objectives, draws, networks) float64, independent standard normal
                numbers.

        Returns:
            (draws, networks, objectives) float64.
        """
        among = self._distances.between(table, table)
        drawn = [
            process.draw(cross, among, numbers)
            for process, numbers in zip(self._parts, normal, strict=True)
        ]
        values = np.stack(drawn, axis=2)
        return values if self._mixing is None else values @ self._mixing


def _spread(ranked: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Choose the better half of as many rows from the top, the others evenly below."""
    if len(ranked) <= count:
        return np.sort(ranked)
    top, rest = ranked[: count // 2], np.sort(ranked[count // 2 :])
    evenly = rest[np.linspace(0, len(rest) - 1, count - len(top)).round().astype(int)]
    return np.sort(np.concatenate([top, evenly]))
