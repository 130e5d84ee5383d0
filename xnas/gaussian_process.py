"""Gaussian processes over points of which nothing is known but their distances.

Rasmussen and Williams, *Gaussian Processes for Machine Learning*, 2006, chapters 2 and
5. The kernel is s² exp(−d / l), and independent noise of variance s² η lies on each
value; a mean of n values has the n-th part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

LENGTHS = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0)
NOISES = (0.03, 0.1, 0.3, 1.0, 3.0)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hyperparameters:
    """What a kernel is like.

    Attributes:
        length: l, in units of the distances.
        noise: η, variance of the noise in units of the signal's.
    """

    length: float
    noise: float


def likelihoods(
    distances: Floats,
    values: Floats,
    noises: tuple[float, ...] = NOISES,
    repeated: Sequence[tuple[float, int]] = (),
    spread: Floats | None = None,
) -> Floats:
    """Compute twice the logarithm of the marginal likelihood of hyperparameters.

    The signal's variance is the one that makes it largest, s² = vᵀ(R + ηI)⁻¹v / n, so
    that it is −n log s² − log|R + ηI| up to a constant (eq. 5.8).

    Args:
        distances: (points, points) float64.
        values: (points, objectives) float64.
        noises: among which to choose.
        repeated: one an objective, of values seen more than once: the sum of squared
            deviations from their means, and its degrees of freedom; they tell of noise
            alone.
        spread: (points, objectives) float64, noise of each value as a part of η;
            ``None`` for 1.

    Returns:
        (lengths · noises, objectives) float64, in the order of :func:`grid`; 0 for an
        objective whose values are all the same.
    """
    centred = values - values.mean(axis=0)
    varying = np.flatnonzero(centred.any(axis=0))
    found = np.zeros((len(LENGTHS) * len(noises), values.shape[1]))
    squares, degrees = np.transpose(repeated) if len(repeated) else np.zeros((2, 1))
    # Objectives of the same noise share a decomposition.
    groups = [varying] if spread is None else varying[:, None]
    correlations = {length: np.exp(-distances / length) for length in LENGTHS}
    for row, one in enumerate(grid(noises)):
        noise = max(one.noise, 1e-9)
        for group in groups:
            kernel = correlations[one.length].copy()
            kernel[np.diag_indices_from(kernel)] += (
                noise if spread is None else noise * spread[:, group[0]]
            )
            root = _root(kernel)
            half = solve_triangular(
                root, centred[:, group], lower=True, check_finite=False
            )
            signal = np.maximum((half**2).mean(axis=0), np.finfo(np.float64).tiny)
            likelihood = -np.log(signal) * len(values)
            likelihood -= 2 * np.log(root.diagonal()).sum()
            if len(repeated):
                variance = signal * noise
                likelihood -= degrees[group] * np.log(variance)
                likelihood -= squares[group] / variance
            found[row, group] = likelihood
    return found


def grid(noises: tuple[float, ...] = NOISES) -> list[Hyperparameters]:
    """Return the hyperparameters among which is chosen."""
    return [Hyperparameters(*one) for one in product(LENGTHS, noises)]


def most_likely(
    distances: Floats,
    values: Floats,
    noises: tuple[float, ...] = NOISES,
) -> list[Hyperparameters]:
    """Choose the hyperparameters of the largest marginal likelihood.

    Args:
        distances: (points, points) float64.
        values: (points, objectives) float64; each objective gets its own choice.
        noises: among which to choose; the first of equals wins.
    """
    best = likelihoods(distances, values, noises).argmax(axis=0)
    return [grid(noises)[k] for k in best]


def _root(symmetric: Floats) -> Floats:
    """Return L of L Lᵀ; the matrix is lost.

    It is handed over transposed, which is how LAPACK stores it: that spares a copy.
    """
    return np.asarray(
        cholesky(symmetric.T, lower=True, overwrite_a=True, check_finite=False)
    )


class GaussianProcess:
    """What is known of values everywhere after some of them were seen.

    Args:
        distances: (points, points) float64 among the points seen.
        values: (points,) float64, each a mean of ``counts`` values.
        hyperparameters: of the kernel.
        counts: (points,) positive numbers, not necessarily whole ones: noise as low as
            that of a mean of so many; ``None`` for 1 each.

    Attributes:
        signal: s².
        noise: s² η, variance of a single value around what the network is worth.
    """

    def __init__(
        self,
        distances: Floats,
        values: Floats,
        hyperparameters: Hyperparameters,
        counts: NDArray[np.int64] | Floats | None = None,
    ) -> None:
        self.hyperparameters = hyperparameters
        spread = np.ones(len(values)) if counts is None else 1 / counts
        kernel = self.correlation(distances)
        kernel[np.diag_indices_from(kernel)] += (
            max(hyperparameters.noise, 1e-9) * spread
        )
        self._root = _root(kernel)
        self._mean = values.mean()
        residuals = self._half(values - self._mean)
        self._weights = solve_triangular(
            self._root, residuals, lower=True, trans="T", check_finite=False
        )
        self.signal = float(residuals @ residuals / len(values)) or 1e-12
        self.noise = self.signal * hyperparameters.noise

    def correlation(self, distances: Floats) -> Floats:
        """Return exp(−d / l)."""
        scaled = distances / -self.hyperparameters.length
        return np.asarray(np.exp(scaled, out=scaled))

    def half(self, correlation: Floats) -> Floats:
        """Solve half of the equations of variances and covariances.

        Args:
            correlation: (points, seen) float64, with the points seen.

        Returns:
            (seen, points) float64, L⁻¹ k of algorithm 2.1.
        """
        return self._half(correlation.T)

    def _half(self, right: Floats) -> Floats:
        return np.asarray(
            solve_triangular(self._root, right, lower=True, check_finite=False)
        )

    def mean(self, cross: Floats) -> Floats:
        """Return the expected values of points (eq. 2.25).

        Args:
            cross: (points, seen) float64, distances to the points seen.

        Returns:
            (points,) float64.
        """
        return self.mean_of(self.correlation(cross))

    def mean_of(self, correlation: Floats) -> Floats:
        """Return the same from correlations, as :meth:`half` takes them."""
        return np.asarray(self._mean + correlation @ self._weights)

    def variance(self, cross: Floats) -> Floats:
        """Return the variances of the values of points, without noise (eq. 2.26).

        Args:
            cross: as for :meth:`mean`.

        Returns:
            (points,) float64, 0 or more.
        """
        return self.variance_of(self.half(self.correlation(cross)))

    def variance_of(self, half: Floats) -> Floats:
        """Return the same from what :meth:`half` returns."""
        return np.asarray(self.signal * np.maximum(0, 1 - (half**2).sum(axis=0)))

    def mean_and_variance(self, cross: Floats) -> tuple[Floats, Floats]:
        """Return :meth:`mean` and :meth:`variance`, of many points faster than apart.

        Args:
            cross: as for :meth:`mean`.
        """
        correlation = self.correlation(cross)
        mean = self._mean + correlation @ self._weights
        half = solve_triangular(
            self._root, correlation.T, lower=True, overwrite_b=True, check_finite=False
        )
        explained = np.einsum("ij,ij->j", half, half)
        return mean, self.signal * np.maximum(0, 1 - explained)

    def covariance(self, cross: Floats, among: Floats) -> Floats:
        """Return the covariance of the values of points, without noise (eq. 2.26).

        Args:
            cross: as for :meth:`mean`.
            among: (points, points) float64, distances among the points.

        Returns:
            (points, points) float64.
        """
        return self.covariance_of(self.half(self.correlation(cross)), among)

    def covariance_of(self, half: Floats, among: Floats) -> Floats:
        """Return the same from what :meth:`half` returns."""
        return np.asarray(self.signal * (self.correlation(among) - half.T @ half))

    def draw(self, cross: Floats, among: Floats, normal: Floats) -> Floats:
        """Draw values of points jointly.

        Args:
            cross: as for :meth:`mean`.
            among: as for :meth:`covariance`.
            normal: (draws, points) float64, independent standard normal numbers.

        Returns:
            (draws, points) float64.
        """
        correlation = self.correlation(cross)
        return self.draw_of(correlation, self.half(correlation), among, normal)

    def draw_of(
        self, correlation: Floats, half: Floats, among: Floats, normal: Floats
    ) -> Floats:
        """Return the same from correlations and what :meth:`half` makes of them."""
        covariance = self.covariance_of(half, among)
        covariance[np.diag_indices_from(covariance)] += 1e-6 * self.signal
        root = _root(covariance)
        return np.asarray(self.mean_of(correlation) + normal @ root.T)


class Mixture:
    """Gaussian processes of several hyperparameters, any of which may be right.

    Args:
        processes: of the same values.
        weights: (processes,) float64, how probable each is; their sum is 1.

    Attributes:
        noise: variance of a single value around what the network is worth.
    """

    def __init__(self, processes: Sequence[GaussianProcess], weights: Floats) -> None:
        self._processes = list(processes)
        self._weights = weights
        self.noise = float(sum(self._weighted([one.noise for one in processes])))

    def _weighted(self, values: Sequence[Any]) -> list[Any]:
        return [w * one for w, one in zip(self._weights, values, strict=True)]

    def mean_and_variance(self, cross: Floats) -> tuple[Floats, Floats]:
        """As :meth:`GaussianProcess.mean_and_variance`."""
        found = [one.mean_and_variance(cross) for one in self._processes]
        means, variances = map(np.stack, zip(*found, strict=True))
        mean = self._weights @ means
        return mean, self._weights @ (variances + (means - mean) ** 2)

    def covariance(self, cross: Floats, among: Floats) -> Floats:
        """As :meth:`GaussianProcess.covariance`."""
        off = np.stack([one.mean(cross) for one in self._processes])
        off -= self._weights @ off
        inside = [one.covariance(cross, among) for one in self._processes]
        return np.asarray(sum(self._weighted(inside)) + off.T * self._weights @ off)

    def draw(
        self, cross: Floats, among: Floats, normal: Floats, uniform: Floats
    ) -> Floats:
        """Draw values of points jointly.

        Args:
            cross: as for :meth:`GaussianProcess.draw`.
            among: likewise.
            normal: likewise.
            uniform: (draws,) float64 from 0 to 1, which decide by which process.

        Returns:
            (draws, points) float64.
        """
        last = len(self._processes) - 1
        of = np.minimum(np.searchsorted(np.cumsum(self._weights), uniform), last)
        drawn = np.empty_like(normal)
        for k, process in enumerate(self._processes):
            drawn[of == k] = process.draw(cross, among, normal[of == k])
        return drawn
