"""How sure a run's numbers are: what its networks are worth, and who is on the front.

One training of a network is one draw: with another seed its numbers differ, often by
more than good networks differ among each other. A model of all trainings of a run
(:mod:`xnas.surrogate`) tells what each is worth on average, and how sure that is.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import moocore
import numpy as np
from numpy.typing import NDArray

from xnas.distances import NetworkDistances, Table
from xnas.drawing.description import Description
from xnas.errors import UsageError
from xnas.gaussian_process import NOISES, Hyperparameters, most_likely
from xnas.pareto import is_pareto_efficient
from xnas.records import Evaluation, Genotype
from xnas.results.features import distances_among
from xnas.results.networks import Network, networks_of, points_of
from xnas.surrogate import (
    CHOOSING_ROWS,
    Known,
    Scale,
    Surrogate,
    known_networks,
    one_thread,
)

SHRINKAGE = 0.05
"""By which correlations are lowered, since objectives may be the same one twice."""

LOWEST_SPREAD = 1e-4
"""Of noise, as a part of that above the median, so that numbers stay computable."""

FEWEST_NETWORKS = 12
"""Fewer tell nothing about how networks differ."""

N_DRAWN = 400
"""Networks whose values are drawn together: those that could be on the front."""

N_DRAWS = 2_000
N_DEVIATIONS = 2.0
"""How much better than expected a network may be to be drawn."""

Floats = NDArray[np.float64]


class Estimates(NamedTuple):
    """What is believed of networks.

    Attributes:
        networks: those of which at least one training did not fail, in order of id.
        means: (networks, objectives) float64, stored values.
        deviations: (networks, objectives) float64, standard deviations of what is not
            known about the means; a further training differs by more.
        front_probability: (networks,) float64 of being on the front of the means.
    """

    networks: tuple[Network, ...]
    means: Floats
    deviations: Floats
    front_probability: Floats


def estimate(
    evaluations: Sequence[Evaluation],
    n_objectives: int,
    description: Description,
    *,
    is_noisy: bool = True,
    exact: Collection[int] = (),
) -> Estimates:
    """Estimate what the networks of a run are worth.

    Args:
        evaluations: of the run, failures among them.
        n_objectives: of each.
        description: of the search space, as it was recorded.
        is_noisy: whether another training of a network gives other values.
        exact: positions of objectives in which it never does.

    Raises:
        UsageError: there are too few networks, or the space is not that of all.
        LinAlgError: values differ by too much to compute with.
    """
    networks = tuple(n for n in networks_of(evaluations) if n.objectives is not None)
    if len(networks) < FEWEST_NETWORKS:
        raise UsageError(
            f"{len(networks)} networks did not fail, expected {FEWEST_NETWORKS} or "
            "more to estimate what they are worth"
        )
    observed = points_of(networks, n_objectives)
    if not is_noisy:
        efficient = is_pareto_efficient(observed).astype(np.float64)
        return Estimates(networks, observed, np.zeros_like(observed), efficient)
    genotypes = [one.mean.genotype for one in networks]
    with one_thread():
        every = list(dict.fromkeys(one.genotype for one in evaluations))
        distances = distances_among(description, every)
        model = fitted(evaluations, n_objectives, distances, exact=exact)
        table, cross = model.table(genotypes)
        z, sd = model.believed(cross)
        # Of an objective without any value nothing is believed either.
        unknown = np.flatnonzero(~np.isfinite(observed).any(axis=0))
        fixed = sorted({*exact, *unknown.tolist()})
        z[:, fixed], sd[:, fixed] = model.scale(observed)[:, fixed], 0.0
        probability = np.zeros(len(networks))
        hopeful = hopeful_networks(z, sd)
        probability[hopeful] = _front_probability(
            model, table.rows(hopeful), cross[hopeful], fixed, z[hopeful]
        )
        means, deviations = _unscaled(model, z, sd)
    means[:, fixed], deviations[:, fixed] = observed[:, fixed], 0.0
    return Estimates(networks, means, deviations, probability)


def fitted(
    evaluations: Sequence[Evaluation],
    n_objectives: int,
    distances: NetworkDistances,
    *,
    exact: Collection[int] = (),
) -> Surrogate:
    """Make a model of all trainings of a run.

    Objectives go together, in what networks are worth and in their noise; the model is
    of combinations of them that do not. Noise is taken to be the same everywhere in
    the objectives' own units: where the scale draws values together, so it does noise.
    What a network is worth tells where that is, so that the model is made twice.

    Args:
        evaluations: of the run, failures among them.
        n_objectives: of each.
        distances: between networks.
        exact: positions of objectives without noise.
    """
    known = known_networks(evaluations, n_objectives)
    mixing = _mixing(Scale(known.means)(known.means), exact)
    repeated = _repeated(evaluations, known)
    spread = np.ones(known.means.shape)
    chosen = _chosen(known, distances, mixing, repeated, spread)
    model = Surrogate(known, distances, chosen, mixing, spread)
    last = np.arange(len(spread))[-CHOOSING_ROWS:]
    rows = np.unique([*model.rows, *last, *repeated])
    _, cross = model.table([known.genotypes[i] for i in rows])
    slopes, parts = model.scale.slope(model.believed(cross)[0]), np.linalg.inv(mixing)
    found = slopes**2 @ (parts**2 / (parts**2).sum(axis=0))
    spread[rows] = np.maximum(found, LOWEST_SPREAD)
    chosen = _chosen(known, distances, mixing, repeated, spread)
    return Surrogate(known, distances, chosen, mixing, spread)


def _mixing(z: Floats, exact: Collection[int]) -> Floats:
    """Return the symmetric root of the correlations of scaled values."""
    deviations = z.std(axis=0)
    deviations[deviations == 0] = 1.0
    z = (z - z.mean(axis=0)) / deviations
    correlations = (1 - SHRINKAGE) * z.T @ z / len(z)
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


def _chosen(
    known: Known,
    distances: NetworkDistances,
    mixing: Floats,
    repeated: Mapping[int, Floats],
    spread: Floats,
) -> list[Hyperparameters]:
    """Choose the most likely hyperparameters of each independent part."""
    last = slice(-CHOOSING_ROWS, None)
    table = distances.table(known.genotypes[last])
    among = distances.between(table, table)
    scale, parts = Scale(known.means), np.linalg.inv(mixing)
    squares = np.zeros(len(mixing))
    for i, values in repeated.items():
        z = scale(values) @ parts
        squares += ((z - z.mean(axis=0)) ** 2).sum(axis=0) / spread[i]
    degrees = sum(len(values) - 1 for values in repeated.values())
    values = scale(known.means[last]) @ parts
    noises = spread[last] / known.counts[last][:, None]
    return [
        most_likely(among, column, NOISES, (float(square), degrees), noise)
        for column, square, noise in zip(values.T, squares, noises.T, strict=True)
    ]


def hopeful_networks(z: Floats, sd: Floats) -> NDArray[np.int64]:
    """Return the positions of the networks that could be on the front.

    Args:
        z: (networks, objectives) float64, what they are expected to be worth.
        sd: likewise, standard deviations.

    Returns:
        (networks,) int64, ascending, :data:`N_DRAWN` at most.
    """
    rank = moocore.pareto_rank(z + N_DEVIATIONS * sd, maximise=True)
    return np.sort(np.argsort(rank, kind="stable")[:N_DRAWN])


def _front_probability(
    model: Surrogate, table: Table, cross: Floats, fixed: list[int], z: Floats
) -> Floats:
    """Return how often each network is on the front of values drawn together."""
    shape = (len(model.processes), N_DRAWS // 2, len(cross))
    # Fixed: the same run has the same estimates.
    normal = np.random.default_rng(0).standard_normal(shape)
    drawn = model.draw(table, cross, np.concatenate([normal, -normal], axis=1))
    drawn[:, :, fixed] = z[:, fixed]
    fronts = [moocore.is_nondominated(values, maximise=True) for values in drawn]
    return np.asarray(np.mean(fronts, axis=0))


def _unscaled(model: Surrogate, z: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return means and deviations in the objectives' own units, by Gauss-Hermite."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    weights = weights / weights.sum()
    values = model.scale.back(z + nodes[:, None, None] * sd)
    means = np.tensordot(weights, values, axes=1)
    squares = np.tensordot(weights, (values - means) ** 2, axes=1)
    return means, np.sqrt(squares)
