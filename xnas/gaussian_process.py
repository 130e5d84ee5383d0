"""Gaussian processes over points of which nothing is known but their distances.

Rasmussen and Williams, *Gaussian Processes for Machine Learning*, 2006, chapters 2 and
5. The kernel is s² exp(−d / l), and independent noise of variance s² η lies on each
value; a mean of n values has the n-th part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, eigh, solve_triangular

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


def most_likely(
    distances: Floats,
    values: Floats,
    noises: tuple[float, ...] = NOISES,
    repeated: tuple[float, int] = (0.0, 0),
    spread: Floats | None = None,
) -> Hyperparameters:
    """Choose the hyperparameters of the largest marginal likelihood.

    The signal's variance is the one that makes it largest, s² = vᵀ(R + ηI)⁻¹v / n, so
    that its logarithm is −(n log s² + log|R + ηI|) / 2 up to a constant (eq. 5.8); one
    eigendecomposition serves all noises of a length. Noise that differs is made alike
    by scaling rows and columns.

    Args:
        distances: (points, points) float64.
        values: (points,) float64.
        noises: among which to choose; the first of equals wins.
        repeated: of values seen more than once, the sum of squared deviations from
            their means, and its degrees of freedom; they tell of noise alone.
        spread: (points,) float64, noise of each value as a part of η; ``None`` for 1.
    """
    centred = values - values.mean()
    roots = np.ones(len(values)) if spread is None else np.sqrt(spread)
    best, chosen = -np.inf, Hyperparameters(LENGTHS[0], noises[0])
    if not centred.any():
        return chosen
    for length in LENGTHS:
        kernel = np.exp(-distances / length) / np.outer(roots, roots)
        eigenvalues, vectors = eigh(kernel)
        squares = (vectors.T @ (centred / roots)) ** 2
        for noise in noises:
            spectrum = np.maximum(eigenvalues, 0) + max(noise, 1e-9)
            signal = (squares / spectrum).mean()
            likelihood = -np.log(signal) * len(values) - np.log(spectrum).sum()
            variance = signal * max(noise, 1e-9)
            likelihood -= repeated[1] * np.log(variance) + repeated[0] / variance
            if likelihood > best:
                best, chosen = likelihood, Hyperparameters(length, noise)
    return chosen


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
        self._root = cholesky(kernel, lower=True, overwrite_a=True, check_finite=False)
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
        return np.asarray(self._mean + self.correlation(cross) @ self._weights)

    def variance(self, cross: Floats) -> Floats:
        """Return the variances of the values of points, without noise (eq. 2.26).

        Args:
            cross: as for :meth:`mean`.

        Returns:
            (points,) float64, 0 or more.
        """
        half = self._half(self.correlation(cross).T)
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
        half = self._half(self.correlation(cross).T)
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
        covariance = self.covariance(cross, among)
        covariance[np.diag_indices_from(covariance)] += 1e-6 * self.signal
        root = cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
        return np.asarray(self.mean(cross) + normal @ root.T)


class Combination:
    """A weighted sum of independent Gaussian processes.

    Args:
        parts: the processes.
        weights: (parts,) float64.

    Attributes:
        noise: variance of a single value around what the network is worth.
    """

    def __init__(self, parts: Sequence[GaussianProcess], weights: Floats) -> None:
        self._parts = list(zip(weights, parts, strict=True))
        self.noise = float(sum(w**2 * one.noise for w, one in self._parts))

    def mean(self, cross: Floats) -> Floats:
        """As :meth:`GaussianProcess.mean`."""
        return np.asarray(sum(w * one.mean(cross) for w, one in self._parts))

    def variance(self, cross: Floats) -> Floats:
        """As :meth:`GaussianProcess.variance`."""
        return np.asarray(sum(w**2 * one.variance(cross) for w, one in self._parts))

    def covariance(self, cross: Floats, among: Floats) -> Floats:
        """As :meth:`GaussianProcess.covariance`."""
        found = (w**2 * one.covariance(cross, among) for w, one in self._parts)
        return np.asarray(sum(found))
