"""Which networks to train again, so that it is known which are on the front.

One training of a network is one draw, and which networks are on the front of what they
are worth is known by probabilities p alone (:mod:`xnas.results.estimates`). The next
training goes to the network whose further value is expected to leave the least of
Σ p (1 − p). This is optimal computing budget allocation with membership of the front as
what is looked for (Lee, Chew, Teng and Goldsman, *Finding the non-dominated Pareto set
for multi-objective simulation models*, IIE Transactions 42(9), 2010), one step ahead.
"""

from collections import Counter
from collections.abc import Sequence

import moocore
import numpy as np
from numpy.typing import NDArray

from xnas.distances import Distances
from xnas.records import Evaluation, Genotype
from xnas.results.estimates import fitted, hopeful_networks
from xnas.results.networks import networks_of
from xnas.surrogate import Surrogate, one_thread

N_DRAWS = 1_000
"""Of the values of all networks, from which it is counted who is on the front."""

DIGITS = 9
"""To which gains are rounded, so that rounding errors decide nothing."""

Floats = NDArray[np.float64]


def next_replicates(
    evaluations: Sequence[Evaluation],
    in_flight: Sequence[Genotype],
    count: int,
    n_objectives: int,
    distances: Distances,
) -> list[Genotype]:
    """Choose the networks that are trained again next.

    What is in flight counts as trained, with a value that is not known yet; so does
    what is chosen before. A network of which a training failed is not chosen.

    Args:
        evaluations: of the run so far, in the order of their rows.
        in_flight: networks in training, one entry a training.
        count: how many to choose.
        n_objectives: of each evaluation.
        distances: between networks.

    Returns:
        Genotypes, one as often as it is to be trained; none where all networks failed.
    """
    broken = {one.genotype for one in evaluations if one.objectives is None}
    networks = [one.mean.genotype for one in networks_of(evaluations)]
    networks = [genotype for genotype in networks if genotype not in broken]
    if not networks:
        return []
    with one_thread():
        model = fitted(evaluations, n_objectives, distances)
        positions, membership = _membership(model, networks)
        for genotype, n_trainings in Counter(in_flight).items():
            if genotype in positions:
                for _ in range(n_trainings):
                    membership.observe(positions[genotype])
        chosen = []
        for _ in range(count):
            best = membership.most_telling()
            membership.observe(best)
            chosen.append(best)
    names = {position: genotype for genotype, position in positions.items()}
    return [names[position] for position in chosen]


class Membership:
    """What values of networks tell of who is on the front.

    The probability of being on the front, given a further value y of a network, is
    taken as linear in y. Σ p (1 − p) is then expected to lose the variance that y
    explains, Σ cov(y, on the front)² / var y, and a value that is not known yet lowers
    covariances as it does in a Gaussian process.

    Args:
        covariances: (objectives, networks, networks) float64 of what networks are
            worth.
        with_front: (objectives, networks, networks) float64, covariance of what the
            first is worth and whether the second is on the front.
        noises: (objectives,) float64, variances of one training.
    """

    def __init__(self, covariances: Floats, with_front: Floats, noises: Floats) -> None:
        self._covariances = covariances.copy()
        self._with_front = with_front.copy()
        self._noises = np.asarray(noises)

    @property
    def gains(self) -> Floats:
        """(networks,) float64, how much of Σ p (1 − p) a training is to take away."""
        spread = np.diagonal(self._covariances, axis1=1, axis2=2)
        explained = (self._with_front**2).sum(axis=2)
        return np.asarray((explained / (spread + self._noises[:, None])).sum(axis=0))

    def most_telling(self) -> int:
        """Return the position of the network whose training takes away most."""
        return int(np.argmax(np.round(self.gains, DIGITS)))

    def observe(self, position: int) -> None:
        """Count a network as trained once more, with a value not known yet.

        Args:
            position: of the network.
        """
        for k, noise in enumerate(self._noises):
            column = self._covariances[k, :, position].copy()
            share = column / (column[position] + noise)
            self._with_front[k] -= np.outer(share, self._with_front[k, position])
            self._covariances[k] -= np.outer(share, column)


def _membership(
    model: Surrogate, networks: Sequence[Genotype]
) -> tuple[dict[Genotype, int], Membership]:
    """Draw the values of the networks that could be on the front, and look who is.

    Returns:
        Positions of those networks, and what their values tell.
    """
    table, cross = model.table(networks)
    z = np.stack([one.mean(cross) for one in model.processes], axis=1)
    variances = np.stack([one.variance(cross) for one in model.processes], axis=1)
    hopeful = hopeful_networks(z, np.sqrt(variances))
    table, cross = table.rows(hopeful), cross[hopeful]
    shape = (len(model.processes), N_DRAWS // 2, len(hopeful))
    # Fixed: the same rows have the same successor.
    normal = np.random.default_rng(0).standard_normal(shape)
    drawn = model.draw(table, cross, np.concatenate([normal, -normal], axis=1))
    fronts = np.array(
        [moocore.is_nondominated(values, maximise=True) for values in drawn]
    )
    deviations = drawn - z[hopeful]
    with_front = np.einsum("dik,dj->kij", deviations, fronts - fronts.mean(axis=0))
    membership = Membership(
        model.covariances(table, cross),
        with_front / N_DRAWS,
        np.array([one.noise for one in model.processes]),
    )
    return {networks[i]: k for k, i in enumerate(hopeful)}, membership
