"""Gaussian processes over distances: scikit-learn's on a line, and laws."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from xnas.gaussian_process import (
    LENGTHS,
    NOISES,
    GaussianProcess,
    Hyperparameters,
    Mixture,
    grid,
    likelihoods,
    most_likely,
)

RNG = np.random.default_rng(0)
SEEN, ELSEWHERE = RNG.random(30) * 4, RNG.random(12) * 5
VALUES = np.sin(3 * SEEN) + RNG.normal(0, 0.1, 30)


def apart(some, others):
    return np.abs(some[:, None] - others)


def process(length=0.5, noise=0.1, values=VALUES):
    return GaussianProcess(apart(SEEN, SEEN), values, Hyperparameters(length, noise))


def test_means_and_covariances_are_scikit_learns():
    # exp(-d / l) on a line is the Matern kernel of smoothness 1/2.
    own = process()
    kernel = ConstantKernel(own.signal, "fixed") * Matern(0.5, "fixed", nu=0.5)
    theirs = GaussianProcessRegressor(kernel, alpha=own.noise, optimizer=None)
    theirs.fit(SEEN[:, None], VALUES - VALUES.mean())
    mean, covariance = theirs.predict(ELSEWHERE[:, None], return_cov=True)
    cross, among = apart(ELSEWHERE, SEEN), apart(ELSEWHERE, ELSEWHERE)
    assert own.mean(cross) == pytest.approx(mean + VALUES.mean())
    assert own.covariance(cross, among) == pytest.approx(covariance, abs=1e-12)
    assert own.variance(cross) == pytest.approx(covariance.diagonal(), abs=1e-12)


def test_the_signal_is_the_most_likely_one():
    own = process()
    theirs = GaussianProcessRegressor(
        ConstantKernel(1.0) * Matern(0.5, "fixed", nu=0.5), optimizer=None
    )
    centred = VALUES - VALUES.mean()

    def likelihood(signal):
        theirs.set_params(alpha=signal * 0.1).fit(SEEN[:, None], centred)
        return theirs.log_marginal_likelihood(np.log([signal]))

    best = likelihood(own.signal)
    assert best > likelihood(own.signal * 1.05)
    assert best > likelihood(own.signal / 1.05)


def test_without_noise_what_was_seen_is_certain():
    own = process(noise=0.0)
    assert own.mean(apart(SEEN, SEEN)) == pytest.approx(VALUES, abs=1e-5)
    assert own.variance(apart(SEEN, SEEN)) == pytest.approx(0, abs=1e-5)


def test_a_mean_of_n_values_tells_what_the_n_do():
    thrice = np.repeat(SEEN, 3)
    values = VALUES + RNG.normal(0, 0.1, (3, 30))
    chosen = Hyperparameters(0.5, 0.3)
    single = GaussianProcess(apart(thrice, thrice), values.T.ravel(), chosen)
    counts = np.full(30, 3)
    means = GaussianProcess(apart(SEEN, SEEN), values.mean(axis=0), chosen, counts)
    expected = single.mean(apart(ELSEWHERE, thrice))
    assert means.mean(apart(ELSEWHERE, SEEN)) == pytest.approx(expected)


def test_draws_have_the_mean_and_the_covariance():
    own = process()
    cross, among = apart(ELSEWHERE, SEEN), apart(ELSEWHERE, ELSEWHERE)
    normal = np.random.default_rng(1).standard_normal((20_000, 12))
    drawn = own.draw(cross, among, normal)
    assert drawn.mean(axis=0) == pytest.approx(own.mean(cross), abs=0.03)
    assert np.cov(drawn.T) == pytest.approx(own.covariance(cross, among), abs=0.03)


@pytest.mark.parametrize("seed", range(6))
def test_the_chosen_hyperparameters_make_the_values_most_likely(seed):
    rng = np.random.default_rng(seed)
    length, noise = rng.choice(LENGTHS), rng.choice(NOISES)
    points = rng.random(40) * 4
    made = np.exp(-apart(points, points) / length) + noise * np.eye(40)
    values = np.linalg.cholesky(made) @ rng.standard_normal(40)
    centred = values - values.mean()

    def likelihood(length, noise):
        kernel = np.exp(-apart(points, points) / length) + noise * np.eye(40)
        signal = centred @ np.linalg.solve(kernel, centred) / 40
        return multivariate_normal(cov=signal * kernel).logpdf(centred)

    grid = [(length, noise) for length in LENGTHS for noise in NOISES]
    best = max(grid, key=lambda pair: likelihood(*pair))
    # Beside another objective, whose choice is its own.
    both = np.stack([values, values[::-1]], axis=1)
    assert most_likely(apart(points, points), both)[0] == Hyperparameters(*best)


def test_values_that_do_not_differ_are_expected_everywhere():
    own = process(values=np.ones(30))
    assert own.mean(apart(ELSEWHERE, SEEN)) == pytest.approx(1)
    assert most_likely(apart(SEEN, SEEN), np.ones((30, 1)))[0].noise > 0


def test_noise_that_differs_is_that_of_the_kernel():
    spread = RNG.random((30, 1)) + 0.5
    found = likelihoods(apart(SEEN, SEEN), VALUES[:, None], spread=spread)
    row = 7
    one, centred = grid()[row], VALUES - VALUES.mean()
    kernel = np.exp(-apart(SEEN, SEEN) / one.length) + np.diag(one.noise * spread[:, 0])
    signal = centred @ np.linalg.solve(kernel, centred) / 30
    expected = -30 * np.log(signal) - np.linalg.slogdet(kernel)[1]
    assert found[row, 0] == pytest.approx(expected)


def test_noise_that_is_alike_is_no_noise_that_differs():
    both = np.stack([VALUES, VALUES**2], axis=1)
    alike = likelihoods(apart(SEEN, SEEN), both)
    assert likelihoods(
        apart(SEEN, SEEN), both, spread=np.ones((30, 2))
    ) == pytest.approx(alike)


class TestMixture:
    CROSS, AMONG = apart(ELSEWHERE, SEEN), apart(ELSEWHERE, ELSEWHERE)

    def test_of_one_process_alone_it_is_the_process(self):
        own, alone = process(), Mixture([process()], np.ones(1))
        for mine, its in zip(
            own.mean_and_variance(self.CROSS),
            alone.mean_and_variance(self.CROSS),
            strict=True,
        ):
            assert its == pytest.approx(mine)
        assert alone.covariance(self.CROSS, self.AMONG) == pytest.approx(
            own.covariance(self.CROSS, self.AMONG)
        )
        assert alone.noise == own.noise

    def test_draws_have_its_means_and_covariances(self):
        mixed = Mixture([process(0.25, 0.03), process(2.0, 3.0)], np.array([0.3, 0.7]))
        rng = np.random.default_rng(2)
        drawn = mixed.draw(
            self.CROSS,
            self.AMONG,
            rng.standard_normal((40_000, 12)),
            rng.random(40_000),
        )
        mean, variance = mixed.mean_and_variance(self.CROSS)
        covariance = mixed.covariance(self.CROSS, self.AMONG)
        assert drawn.mean(axis=0) == pytest.approx(mean, abs=0.02)
        assert np.cov(drawn.T) == pytest.approx(covariance, abs=0.03)
        assert covariance.diagonal() == pytest.approx(variance)
