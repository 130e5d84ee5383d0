"""What is believed of a run's networks: a Gaussian process for each objective."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import NamedTuple

import moocore
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from xnas.distances import NetworkDistances
from xnas.gaussian_process import (
    GaussianProcess,
    Hyperparameters,
    most_likely,
)
from xnas.records import Evaluation, Genotype

CHOOSING_ROWS = 400
"""Latest rows that decide about hyperparameters."""

MODEL_ROWS = 1_000
"""Most rows that a model rests on."""

REMEMBERED = 3_000
"""Networks of which a model remembers numbers for each row that it rests on."""

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
    first = [(values or [failure])[0] for values in trainings.values()]
    means = np.array(first, np.float64)
    counts = np.array([len(values) or 1 for values in trainings.values()], np.int64)
    for i, values in enumerate(trainings.values()):
        if len(values) > 1:
            means[i] = np.mean(values, axis=0)
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
    return most_likely(among, Scale(means)(means))


class Surrogate:
    """What is believed after so many evaluations.

    Asked of the same networks again, it gives the same numbers, and remembers what they
    take.

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
        chosen = spread_over_ranks(rank, MODEL_ROWS)
        self._distances = distances
        self._seen = distances.table([known.genotypes[i] for i in chosen])
        among = distances.between(self._seen, self._seen)
        self.processes = [
            GaussianProcess(among, column, one, known.counts[chosen])
            for column, one in zip(z[chosen].T, hyperparameters, strict=True)
        ]
        self._correlations, self._halves = _Memory(), _Memory()

    def hopes(self, genotypes: Sequence[Genotype]) -> Floats:
        """Return means, raised by the median deviation of some of the networks.

        Args:
            genotypes: of connected networks.

        Returns:
            (networks, objectives) float64, scaled.
        """
        of_all = self._correlated(genotypes)
        of_some = self._half_solved(genotypes[::12])
        return np.stack(
            [
                one.mean_of(correlation) + np.sqrt(np.median(one.variance_of(half)))
                for one, correlation, half in zip(
                    self.processes, of_all, of_some, strict=True
                )
            ],
            axis=1,
        )

    def drawn(self, genotypes: Sequence[Genotype], normal: Floats) -> Floats:
        """Draw scaled values of networks jointly.

        Args:
            genotypes: of connected networks.
            normal: (objectives, draws, networks) float64, independent standard normal
                numbers.

        Returns:
            (draws, networks, objectives) float64.
        """
        table = self._distances.table(genotypes)
        among = self._distances.between(table, table)
        drawn = [
            one.draw_of(correlation, half, among, numbers)
            for one, correlation, half, numbers in zip(
                self.processes,
                self._correlated(genotypes),
                self._half_solved(genotypes),
                normal,
                strict=True,
            )
        ]
        return np.stack(drawn, axis=2)

    def _correlated(self, genotypes: Sequence[Genotype]) -> list[Floats]:
        """Return correlations with what was seen, one array a process."""

        def correlate(lacking: Sequence[Genotype]) -> list[Floats]:
            cross = self._distances.between(self._distances.table(lacking), self._seen)
            return [one.correlation(cross) for one in self.processes]

        return self._correlations.of(genotypes, correlate)

    def _half_solved(self, genotypes: Sequence[Genotype]) -> list[Floats]:
        """Return what :meth:`GaussianProcess.half` does, one array a process."""

        def solve(lacking: Sequence[Genotype]) -> list[Floats]:
            return [
                one.half(correlation).T
                for one, correlation in zip(
                    self.processes, self._correlated(lacking), strict=True
                )
            ]

        return [half.T for half in self._halves.of(genotypes, solve)]


class _Memory:
    """Arrays whose rows are networks; only the rows not yet known are found."""

    def __init__(self) -> None:
        self._row: dict[Genotype, int] = {}
        self._arrays: list[Floats] = []

    def of(
        self,
        genotypes: Sequence[Genotype],
        find: Callable[[Sequence[Genotype]], list[Floats]],
    ) -> list[Floats]:
        """Return the rows of networks, found by ``find`` where they are lacking."""
        lacking = [one for one in genotypes if one not in self._row]
        if lacking:
            if len(self._row) > REMEMBERED:
                self._row.clear()
                lacking = list(genotypes)
            self._add(lacking, find(lacking))
        rows = [self._row[one] for one in genotypes]
        return [array[rows] for array in self._arrays]

    def _add(self, genotypes: Sequence[Genotype], found: list[Floats]) -> None:
        first = len(self._row)
        end = first + len(genotypes)
        if not self._arrays or end > len(self._arrays[0]):
            before = self._arrays or [one[:0] for one in found]
            self._arrays = [np.empty((2 * end, one.shape[1])) for one in found]
            for array, old in zip(self._arrays, before, strict=True):
                array[:first] = old[:first]
        for array, new in zip(self._arrays, found, strict=True):
            array[first:end] = new
        self._row.update(zip(genotypes, range(first, end), strict=True))


def spread_over_ranks(rank: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Choose the better half of as many rows from the top, the others evenly below.

    Args:
        rank: (rows,) int64, non-dominated ranks.
        count: how many, at most.

    Returns:
        Positions, ascending.
    """
    ranked = np.argsort(rank, kind="stable")
    if len(ranked) <= count:
        return np.sort(ranked)
    top, rest = ranked[: count // 2], np.sort(ranked[count // 2 :])
    evenly = rest[np.linspace(0, len(rest) - 1, count - len(top)).round().astype(int)]
    return np.sort(np.concatenate([top, evenly]))
