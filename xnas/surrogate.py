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
    known: Known, distances: NetworkDistances, repeated: Sequence[Floats] = ()
) -> list[Hyperparameters]:
    """Choose the most likely hyperparameters, one an objective.

    Args:
        known: of which the last :data:`CHOOSING_ROWS` count.
        distances: between networks.
        repeated: (trainings, objectives) float64 of each network that was trained more
            than once.
    """
    table = distances.table(known.genotypes[-CHOOSING_ROWS:])
    among = distances.between(table, table)
    means = known.means[-CHOOSING_ROWS:]
    scale = Scale(means)
    spread = [((z - z.mean(axis=0)) ** 2).sum(axis=0) for z in map(scale, repeated)]
    squares = np.sum(spread, axis=0) if spread else np.zeros(means.shape[1])
    degrees = sum(len(values) - 1 for values in repeated)
    return [
        most_likely(among, column, NOISES, (float(square), degrees))
        for column, square in zip(scale(means).T, squares, strict=True)
    ]


class Surrogate:
    """What is believed after so many evaluations.

    Args:
        known: networks that were evaluated.
        distances: between networks.
        hyperparameters: one an objective.

    Attributes:
        scale: of the objectives.
        ranked: the networks, best first by non-dominated rank.
        front: (networks, objectives) float64, scaled means of those on the front.
        processes: one an objective, of scaled values.
    """

    def __init__(
        self,
        known: Known,
        distances: NetworkDistances,
        hyperparameters: Sequence[Hyperparameters],
    ) -> None:
        self.scale = Scale(known.means)
        z = self.scale(known.means)
        rank = moocore.pareto_rank(z, maximise=True)
        order = np.argsort(rank, kind="stable")
        self.ranked = [known.genotypes[i] for i in order]
        self.front = z[rank == rank.min()]
        chosen = _spread(order, MODEL_ROWS)
        self._distances = distances
        self._seen = distances.table([known.genotypes[i] for i in chosen])
        among = distances.between(self._seen, self._seen)
        self.processes = [
            GaussianProcess(among, column, one, known.counts[chosen])
            for column, one in zip(z[chosen].T, hyperparameters, strict=True)
        ]

    def table(self, genotypes: Sequence[Genotype]) -> tuple[Table, Floats]:
        """Look networks up.

        Args:
            genotypes: of connected networks.

        Returns:
            Their features, and (networks, seen) float64 distances to what was seen.
        """
        table = self._distances.table(genotypes)
        return table, self._distances.between(table, self._seen)

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
            for process, numbers in zip(self.processes, normal, strict=True)
        ]
        return np.stack(drawn, axis=2)


def _spread(ranked: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Choose the better half of as many rows from the top, the others evenly below."""
    if len(ranked) <= count:
        return np.sort(ranked)
    top, rest = ranked[: count // 2], np.sort(ranked[count // 2 :])
    evenly = rest[np.linspace(0, len(rest) - 1, count - len(top)).round().astype(int)]
    return np.sort(np.concatenate([top, evenly]))
