"""How sure a run's numbers are: what its networks are worth, and who is on the front.

One training of a network is one draw: with another seed its numbers differ, often by
more than good networks differ among each other. A model of all trainings of a run
(:mod:`xnas.results.trainings_model`) tells what each is worth on average, and how sure
that is.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import moocore
import numpy as np
from numpy.typing import NDArray

from xnas.distances import Table
from xnas.drawing.description import Description
from xnas.errors import UsageError
from xnas.records import Evaluation
from xnas.results.features import distances_among
from xnas.results.networks import Network, networks_of, points_of
from xnas.results.trainings_model import TrainingsModel
from xnas.surrogate import one_thread

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
    exact: Collection[int] = (),
) -> Estimates:
    """Estimate what the networks of a run are worth.

    Args:
        evaluations: of the run, failures among them.
        n_objectives: of each.
        description: of the search space, as it was recorded.
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
    genotypes = [one.mean.genotype for one in networks]
    with one_thread():
        every = list(dict.fromkeys(one.genotype for one in evaluations))
        distances = distances_among(description, every)
        model = TrainingsModel(evaluations, n_objectives, distances, exact=exact)
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
    model: TrainingsModel, table: Table, cross: Floats, fixed: list[int], z: Floats
) -> Floats:
    """Return how often each network is on the front of values drawn together."""
    drawn = model.draw(table, cross, N_DRAWS)
    drawn[:, :, fixed] = z[:, fixed]
    fronts = [moocore.is_nondominated(values, maximise=True) for values in drawn]
    return np.asarray(np.mean(fronts, axis=0))


def _unscaled(model: TrainingsModel, z: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return means and deviations in the objectives' own units, by Gauss-Hermite."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    weights = weights / weights.sum()
    values = model.scale.back(z + nodes[:, None, None] * sd)
    means = np.tensordot(weights, values, axes=1)
    squares = np.tensordot(weights, (values - means) ** 2, axes=1)
    return means, np.sqrt(squares)
