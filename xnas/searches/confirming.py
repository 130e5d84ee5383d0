"""Which networks to train again, so that it is known which are on the front.

One training of a network is one draw, and which networks are on the front of what they
are worth is known by probabilities p alone (:mod:`xnas.results.estimates`). The next
training goes to the network whose further value is expected to leave the least of
Σ p (1 − p). This is optimal computing budget allocation with membership of the front as
what is looked for (Lee, Chew, Teng and Goldsman, *Finding the non-dominated Pareto set
for multi-objective simulation models*, IIE Transactions 42(9), 2010), one step ahead.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import moocore
import numpy as np
from numpy.typing import NDArray

from xnas.distances import Distances
from xnas.objectives import COUNTED
from xnas.records import Candidate, Evaluation, Genotype
from xnas.results.estimates import FEWEST_NETWORKS, hopeful_networks
from xnas.results.networks import Network, networks_of, points_of
from xnas.results.trainings_model import TrainingsModel
from xnas.searches.base import Search
from xnas.surrogate import one_thread

N_DRAWS = 1_000
"""Of the values of all networks, from which it is counted who is on the front."""

DIGITS = 9
"""To which gains are rounded, so that rounding errors decide nothing."""

Floats = NDArray[np.float64]


class Confirming(Search):
    """Asks for further trainings of networks that were trained already.

    What is asked for follows from the rows so far and what is in flight. A candidate
    has the generation and the parents of its network's first training.

    Args:
        *args: see :class:`~xnas.searches.base.Search`.
        ids: numbers of its candidates.
        **kwargs: as ``args``.
    """

    def __init__(self, *args: Any, ids: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ids = list(ids)
        self._rows: list[Evaluation] = []
        self._in_flight: dict[int, Candidate] = {}
        self._distances = Distances(
            self.networks.features_of, len(self.networks.n_choices)
        )

    def restore(
        self, evaluations: Sequence[Evaluation], started: Sequence[Candidate]
    ) -> None:
        """Know all rows of the run, and what of this was handed out besides."""
        super().restore(evaluations, started)
        self._in_flight = {one.id: one for one in started}
        used = {one.id for one in [*evaluations, *started]}
        self._ids = [number for number in self._ids if number not in used]

    def tell(self, evaluation: Evaluation) -> None:
        """Learn from an evaluation."""
        super().tell(evaluation)
        self._rows.append(evaluation)
        self._in_flight.pop(evaluation.id, None)

    def ask(self, n: int) -> list[Candidate]:
        """Name the networks whose further training tells most."""
        in_flight = [one.genotype for one in self._in_flight.values()]
        count, size = min(n, len(self._ids)), len(self.objectives)
        if not count:
            return []
        exact = [i for i, one in enumerate(self.objectives) if one.name in COUNTED]
        chosen = next_replicates(
            self._rows, in_flight, count, size, self._distances, exact=exact
        )
        return [self._again(genotype) for genotype in chosen]

    def _again(self, genotype: Genotype) -> Candidate:
        known = [*self._rows, *self._in_flight.values()]
        before = [one for one in known if one.genotype == genotype]
        candidate = Candidate(
            self._ids.pop(0),
            genotype,
            before[0].parent_ids,
            before[0].generation,
            replicate=1 + max(one.replicate for one in before),
        )
        self._in_flight[candidate.id] = candidate
        return candidate


def next_replicates(
    evaluations: Sequence[Evaluation],
    in_flight: Sequence[Genotype],
    count: int,
    n_objectives: int,
    distances: Distances,
    *,
    exact: Collection[int] = (),
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
        exact: positions of objectives that are the same in all trainings of a network.

    Returns:
        Genotypes, one as often as it is to be trained; none where fewer than
        :data:`~xnas.results.estimates.FEWEST_NETWORKS` networks did not fail, a
        training of each did, or it is certain which are on the front.
    """
    broken = {one.genotype for one in evaluations if one.objectives is None}
    known = [one for one in networks_of(evaluations) if one.objectives is not None]
    networks = [one for one in known if one.mean.genotype not in broken]
    if len(known) < FEWEST_NETWORKS or not networks:
        return []
    with one_thread():
        model = TrainingsModel(evaluations, n_objectives, distances, exact=exact)
        positions, membership = _membership(model, known, list(exact))
        for genotype, n_trainings in Counter(in_flight).items():
            if genotype in positions:
                for _ in range(n_trainings):
                    membership.observe(positions[genotype])
        free = [g for g in positions if g not in broken]
        chosen: list[Genotype] = []
        while free and len(chosen) < count:
            gains = membership.gains[[positions[genotype] for genotype in free]]
            gains = np.round(gains, DIGITS)
            if not gains.any():
                break
            best = free[int(np.argmax(gains))]
            membership.observe(positions[best])
            chosen.append(best)
    return chosen


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
    model: TrainingsModel, known: Sequence[Network], exact: list[int]
) -> tuple[dict[Genotype, int], Membership]:
    """Draw the values of the networks that could be on the front, and look who is.

    Returns:
        Positions of those networks, and what their values tell.
    """
    networks = [one.mean.genotype for one in known]
    table, cross = model.table(networks)
    z, sd = model.believed(cross)
    observed = points_of(known, z.shape[1])
    z[:, exact], sd[:, exact] = model.scale(observed)[:, exact], 0.0
    hopeful = hopeful_networks(z, sd)
    table, cross, z = table.rows(hopeful), cross[hopeful], z[hopeful]
    drawn = model.draw(table, cross, N_DRAWS)
    drawn[:, :, exact] = z[:, exact]
    fronts = np.array(
        [moocore.is_nondominated(values, maximise=True) for values in drawn]
    )
    on_front = fronts - fronts.mean(axis=0)
    with_front = np.stack([one.T @ on_front for one in (drawn - z).transpose(2, 0, 1)])
    covariances = model.covariances(table, cross)
    covariances[exact] = 0.0
    positions = {networks[i]: k for k, i in enumerate(hopeful)}
    return positions, Membership(covariances, with_front / N_DRAWS, model.noises)
