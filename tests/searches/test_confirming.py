"""Laws of choosing the networks that are trained again."""

import numpy as np
import pytest

from tests.results.test_estimates import DESCRIPTION, SPACE, search, trained, worth
from xnas.distances import Distances
from xnas.records import Evaluation, failed
from xnas.searches.confirming import Membership, next_replicates
from xnas.searches.networks import Networks


def choose(rows, in_flight=(), count=1, exact=()):
    distances = Distances(Networks(SPACE).features_of, len(SPACE.variable_nodes))
    return next_replicates(rows, in_flight, count, 2, distances, exact=exact)


ROWS = search(0)


@pytest.mark.parametrize("n_in_flight", [1, 2, 5, 11])
def test_what_is_chosen_counts_as_in_flight(n_in_flight):
    chosen = choose(ROWS, count=12)
    # Else the law would hold without what is in flight, too.
    assert chosen[n_in_flight] != chosen[0]
    assert choose(ROWS, chosen[:n_in_flight]) == [chosen[n_in_flight]]


def test_the_order_of_what_is_in_flight_does_not_matter():
    in_flight = choose(ROWS, count=4)
    assert choose(ROWS, in_flight, 3) == choose(ROWS, in_flight[::-1], 3)


def test_many_at_once_are_shared_out_among_networks():
    chosen = choose(ROWS, count=32)
    assert len(chosen) == 32
    assert len(set(chosen)) > 4


def test_what_is_chosen_could_be_on_the_front():
    values = np.array([worth(one.genotype) for one in ROWS])
    rank = {
        one.genotype: np.all(values > worth(one.genotype), axis=1).sum() for one in ROWS
    }
    chosen = choose(ROWS, count=8)
    assert np.mean([rank[g] for g in chosen]) < np.mean([*rank.values()]) / 2


def test_a_network_of_which_a_training_failed_is_not_chosen_again():
    (first,) = choose(ROWS)
    row = next(one for one in ROWS if one.genotype == first)
    again = failed(Evaluation(64, first, replicate=1, objectives=(0.0, 0.0)), "nan")
    assert first not in choose([*ROWS, again], count=16)
    assert first not in choose([*(r for r in ROWS if r is not row), again], count=16)


def test_where_all_networks_failed_none_is_chosen():
    assert choose([failed(one, "nan") for one in ROWS], count=2) == []


def test_where_trainings_cannot_differ_nothing_is_trained_again():
    assert choose(ROWS, exact=[0, 1]) == []


def test_fewer_networks_than_estimates_need_are_not_trained_again():
    assert choose(ROWS[:11]) == []
    assert len(choose(ROWS[:12])) == 1


def test_what_is_in_flight_may_be_unknown():
    assert choose(ROWS, [(3, 3, 3, 3, 3, 4)]) == choose(ROWS)


def test_trainings_leave_less_in_doubt_than_when_shared_out_evenly():
    doubt = {"chosen": [], "evenly": []}
    for seed in range(4):
        rng = np.random.default_rng(100 + seed)
        for name, sums in doubt.items():
            rows = search(seed, count=40)
            for i in range(24):
                genotype = rows[i].genotype if name == "evenly" else choose(rows)[0]
                replicate = sum(one.genotype == genotype for one in rows)
                rows.append(trained(genotype, rng, len(rows), replicate))
            sums.append(_squared_error(rows))
    assert np.mean(doubt["chosen"]) < np.mean(doubt["evenly"])


def _squared_error(rows):
    """How far probabilities are from what is true."""
    from xnas.pareto import is_pareto_efficient
    from xnas.results.estimates import estimate

    found = estimate(rows, 2, DESCRIPTION)
    truth = np.array([worth(one.mean.genotype) for one in found.networks])
    return ((found.front_probability - is_pareto_efficient(truth)) ** 2).sum()


class TestMembership:
    RNG = np.random.default_rng(0)
    ROOT = RNG.standard_normal((2, 5, 5))
    COVARIANCES = ROOT @ ROOT.transpose(0, 2, 1)
    WITH_FRONT = COVARIANCES @ RNG.standard_normal((2, 5, 5))
    NOISES = np.array([0.5, 2.0])

    def make(self, noises=NOISES):
        return Membership(self.COVARIANCES, self.WITH_FRONT, noises)

    def test_a_value_takes_away_the_variance_that_it_explains(self):
        gain = sum(
            (self.WITH_FRONT[k, 3] ** 2).sum()
            / (self.COVARIANCES[k, 3, 3] + self.NOISES[k])
            for k in range(2)
        )
        assert self.make().gains[3] == pytest.approx(gain)

    def test_order_does_not_matter(self):
        one, other = self.make(), self.make()
        for position in (0, 3, 3, 1):
            one.observe(position)
        for position in (3, 1, 0, 3):
            other.observe(position)
        assert one.gains == pytest.approx(other.gains)

    def test_a_second_training_tells_less_than_the_first(self):
        membership = self.make()
        before = membership.gains[2]
        membership.observe(2)
        assert membership.gains[2] < before

    def test_without_noise_a_network_is_trained_once(self):
        membership = self.make(np.array([1e-12, 1e-12]))
        membership.observe(4)
        assert membership.gains[4] == pytest.approx(0, abs=1e-6)

    def test_what_is_given_stays_as_it_was(self):
        before = self.COVARIANCES.copy()
        self.make().observe(1)
        assert (before == self.COVARIANCES).all()
