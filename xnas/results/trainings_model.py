"""A model of all trainings of a run: what its networks are worth, and how sure that is.

Each training is what its network is worth and noise. Worths are a Gaussian process over
the distances between networks (:mod:`xnas.gaussian_process`).

- Objectives go together, in what networks are worth and in their noise, as much as is
  most likely: the model is of combinations of them, its parts, that do not.
- Noise is the same everywhere in the objectives' own units: where the scale draws
  values together, so it does noise. What a network is worth tells where that is, so
  that the model is made twice.
- A few trainings leave open how far networks tell of each other and how much is noise:
  all that the trainings do not rule out counts, as much as it is probable.
"""

from collections.abc import Collection, Sequence

import moocore
import numpy as np
from numpy.typing import NDArray

from xnas.distances import NetworkDistances, Table
from xnas.gaussian_process import GaussianProcess, Mixture, grid, likelihoods
from xnas.records import Evaluation, Genotype
from xnas.surrogate import (
    CHOOSING_ROWS,
    MODEL_ROWS,
    Known,
    Scale,
    known_networks,
    spread_over_ranks,
)

SHRINKAGES = (1.0, 0.5, 0.05)
"""By which correlations may be lowered; never by 0, since two objectives may be one."""

LOWEST_SPREAD = 1e-4
"""Of noise, as a part of that above the median, so that numbers stay computable."""

LEAST_PROBABLE = 0.02
"""Hyperparameters of less probability, beside the best, are left out."""

Floats = NDArray[np.float64]


class TrainingsModel:
    """What all trainings of a run tell of networks.

    Args:
        evaluations: of the run, failures among them.
        n_objectives: of each.
        distances: between networks.
        exact: positions of objectives that are the same in all trainings of a network.

    Attributes:
        scale: of the objectives.
        noises: (objectives,) float64, variances of one training's scaled values above
            the median.
    """

    def __init__(
        self,
        evaluations: Sequence[Evaluation],
        n_objectives: int,
        distances: NetworkDistances,
        *,
        exact: Collection[int] = (),
    ) -> None:
        known = known_networks(evaluations, n_objectives)
        self._distances = distances
        self.scale = Scale(known.means)
        last = distances.table(known.genotypes[-CHOOSING_ROWS:])
        self._among_last = distances.between(last, last)
        repeated, spread = _repeated(evaluations, known), np.ones(known.means.shape)
        self._mixing = max(
            (_mixing(self.scale(known.means), exact, one) for one in SHRINKAGES),
            key=lambda mixing: self._likelihood(mixing, known, repeated),
        )
        rank = moocore.pareto_rank(self.scale(known.means), maximise=True)
        rows = spread_over_ranks(rank, MODEL_ROWS)
        self._seen = distances.table([known.genotypes[i] for i in rows])
        self._among_seen = distances.between(self._seen, self._seen)
        self._fit(known, rows, repeated, spread, is_last=False)
        of = np.unique([*rows, *range(len(spread))[-CHOOSING_ROWS:], *repeated])
        _, cross = self.table([known.genotypes[i] for i in of])
        slopes, weights = self.scale.slope(self.believed(cross)[0]), self._unmixing**2
        found = slopes**2 @ (weights / weights.sum(axis=0))
        spread[of] = np.maximum(found, LOWEST_SPREAD)
        self._fit(known, rows, repeated, spread, is_last=True)

    @property
    def _unmixing(self) -> Floats:
        return np.asarray(np.linalg.inv(self._mixing))

    def _fit(
        self,
        known: Known,
        rows: NDArray[np.int64],
        repeated: dict[int, Floats],
        spread: Floats,
        *,
        is_last: bool,
    ) -> None:
        found = self._likelihoods(self._mixing, known, repeated, spread)
        probable = np.exp((found - found.max(axis=0)) / 2)
        probable /= probable.sum(axis=0)
        values = self.scale(known.means[rows]) @ self._unmixing
        counts = known.counts[rows][:, None] / spread[rows]
        self._parts = []
        for column, count, weights in zip(values.T, counts.T, probable.T, strict=True):
            weights = np.where(weights >= LEAST_PROBABLE, weights, 0.0)
            # Many rows leave little open, and take long.
            if not is_last or len(known.means) > MODEL_ROWS:
                weights = np.eye(len(weights))[weights.argmax()]
            chosen = np.flatnonzero(weights)
            processes = [
                GaussianProcess(self._among_seen, column, grid()[k], count)
                for k in chosen
            ]
            of = weights[chosen] / weights[chosen].sum()
            self._parts.append(Mixture(processes, of))
        self.noises = np.array([one.noise for one in self._parts]) @ self._mixing**2

    def _likelihood(
        self, mixing: Floats, known: Known, repeated: dict[int, Floats]
    ) -> float:
        """Return twice the logarithm of the likelihood of a mixing."""
        found = self._likelihoods(mixing, known, repeated, np.ones(known.means.shape))
        n_values = len(known.means[-CHOOSING_ROWS:])
        n_values += sum(len(values) - 1 for values in repeated.values())
        _, volume = np.linalg.slogdet(mixing)
        return float(found.max(axis=0).sum() - 2 * n_values * volume)

    def _likelihoods(
        self,
        mixing: Floats,
        known: Known,
        repeated: dict[int, Floats],
        spread: Floats,
    ) -> Floats:
        """Return (hyperparameters, parts) float64, twice logarithms of likelihoods."""
        last, unmixing = slice(-CHOOSING_ROWS, None), np.linalg.inv(mixing)
        squares = np.zeros(len(mixing))
        for i, values in repeated.items():
            z = self.scale(values) @ unmixing
            squares += ((z - z.mean(axis=0)) ** 2).sum(axis=0) / spread[i]
        degrees = sum(len(values) - 1 for values in repeated.values())
        return likelihoods(
            self._among_last,
            self.scale(known.means[last]) @ unmixing,
            repeated=[(float(square), degrees) for square in squares],
            spread=spread[last] / known.counts[last][:, None],
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
        """Return means and standard deviations of what networks are worth, scaled.

        Args:
            cross: as :meth:`table` gives it.

        Returns:
            (networks, objectives) float64 each.
        """
        found = [one.mean_and_variance(cross) for one in self._parts]
        means, variances = (np.stack(one, axis=1) for one in zip(*found, strict=True))
        return means @ self._mixing, np.sqrt(variances @ self._mixing**2)

    def covariances(self, table: Table, cross: Floats) -> Floats:
        """Return how scaled values of networks vary together.

        Args:
            table: as :meth:`table` gives it.
            cross: likewise.

        Returns:
            (objectives, networks, networks) float64.
        """
        among = self._distances.between(table, table)
        parts = np.stack([one.covariance(cross, among) for one in self._parts])
        return np.tensordot(self._mixing.T**2, parts, axes=1)

    def draw(self, table: Table, cross: Floats, count: int) -> Floats:
        """Draw scaled values of networks jointly; the same model draws the same.

        Args:
            table: as :meth:`table` gives it.
            cross: likewise.
            count: how many draws, an even number: every other one mirrors another.

        Returns:
            (draws, networks, objectives) float64.
        """
        rng = np.random.default_rng(0)
        among = self._distances.between(table, table)
        normal = rng.standard_normal((len(self._parts), count // 2, len(cross)))
        uniform = rng.random((len(self._parts), count // 2))
        drawn = [
            part.draw(
                cross,
                among,
                np.concatenate([numbers, -numbers]),
                np.concatenate([which, which]),
            )
            for part, numbers, which in zip(self._parts, normal, uniform, strict=True)
        ]
        return np.stack(drawn, axis=2) @ self._mixing


def _mixing(z: Floats, exact: Collection[int], shrinkage: float) -> Floats:
    """Return the symmetric root of the correlations of scaled values, times deviations.

    Values are what parts give, times this; an exact objective is a part of its own.
    """
    deviations = z.std(axis=0)
    deviations[deviations == 0] = 1.0
    z = (z - z.mean(axis=0)) / deviations
    correlations = (1 - shrinkage) * z.T @ z / len(z)
    correlations[list(exact)] = 0.0
    correlations[:, list(exact)] = 0.0
    np.fill_diagonal(correlations, 1.0)
    values, vectors = np.linalg.eigh(correlations)
    return np.asarray(vectors * np.sqrt(values) @ vectors.T * deviations)


def _repeated(evaluations: Sequence[Evaluation], known: Known) -> dict[int, Floats]:
    """Return, by position, the values of the networks that were trained again."""
    values: dict[Genotype, list[tuple[float, ...]]] = {}
    for one in evaluations:
        if one.objectives is not None:
            values.setdefault(one.genotype, []).append(one.objectives)
    return {
        i: np.array(values[genotype])
        for i, genotype in enumerate(known.genotypes)
        if known.counts[i] > 1
    }
