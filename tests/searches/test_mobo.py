"""Multi-objective Bayesian optimisation: its laws beside those of every search."""

import numpy as np
import pytest

from tests.searches.test_searches import PAIR, SPACE, evaluation, go, make
from xnas.distances import Distances
from xnas.objectives import Objective
from xnas.pareto import hypervolume
from xnas.records import evaluated
from xnas.searches import Networks, mobo
from xnas.searches.mobo import MOBO, START, _last_step


def search_for(function, count, seed=0, n_objectives=2):
    objectives = [Objective(f"m{k}") for k in range(n_objectives)]
    search = make(MOBO, seed, objectives)
    told = []
    for _ in range(count):
        (candidate,) = search.ask(1)
        told.append(evaluated(candidate, function(candidate.genotype)))
        search.tell(told[-1])
    return told


def smooth(genotype):
    """Two objectives that contradict each other, of features that add up."""
    heavy = sum(choice == 0 for choice in genotype)
    deep = sum((i + 1) * (choice == 1) for i, choice in enumerate(genotype))
    return heavy + 0.1 * (genotype[0] == 4), deep - 0.5 * heavy


def test_it_finds_more_of_a_front_than_drawing_at_random():
    told = [one.objectives for one in search_for(smooth, 50)]
    networks = Networks(SPACE)
    drawn = [smooth(g) for g in networks.draw(150, np.random.default_rng(0))]
    assert hypervolume(told, (-1, -4)) > hypervolume(drawn, (-1, -4))


@pytest.mark.parametrize(("size", "lost"), [(0, 3), (11, 4), (25, 6)])
def test_a_search_restored_goes_on_as_if_it_had_not_ended(size, lost):
    whole, again = make(MOBO), make(MOBO)
    told = go(whole, size)
    running = whole.ask(lost)
    again.restore(told, running)
    assert whole.ask(2) == again.ask(2)
    for search in (whole, again):
        for candidate in reversed(running):
            search.tell(evaluation(candidate))
    assert go(whole, 6) == go(again, 6)


@pytest.mark.parametrize("growth", [1.02, 2])
def test_what_is_prepared_is_proposed_as_if_it_had_not_been(growth, monkeypatch):
    monkeypatch.setattr(mobo, "GROWTH_OF_MODEL", growth)
    plain, ahead = make(MOBO), make(MOBO)
    running = []
    for number in range(40):
        asked = plain.ask(5 - len(running))
        assert ahead.ask(5 - len(running)) == asked
        running += asked
        if number % 5:
            ahead.prepare()
        for candidate in [running.pop(number % 3) for _ in range(1 + number % 2)]:
            plain.tell(evaluation(candidate))
            ahead.tell(evaluation(candidate))


def test_a_prepared_proposal_draws_no_pool(monkeypatch):
    monkeypatch.setattr(mobo, "GROWTH_OF_MODEL", 2)
    search = make(MOBO)
    go(search, 20)
    running = search.ask(2)
    search.prepare()
    search.tell(evaluation(running[0]))
    monkeypatch.setattr(search, "_pool", None)
    assert search.ask(1)


def test_objectives_in_another_unit_give_the_same_proposals():
    plain = search_for(smooth, 24)
    scaled = search_for(lambda g: (1e6 * smooth(g)[0] - 3, 1e-3 * smooth(g)[1]), 24)
    assert [one.genotype for one in plain] == [one.genotype for one in scaled]


def test_failures_and_minus_infinity_count_as_the_worst():
    def half_fails(genotype):
        if genotype[0] < 2:
            return "F_nan"
        return -np.inf if genotype[1] == 3 else float(genotype[1]), float(genotype[2])

    told = search_for(half_fails, 44)
    failures = [one.failure is not None for one in told]
    assert np.mean(failures[START:]) < np.mean(failures[:START])


def test_nothing_but_failures_goes_on():
    assert len(search_for(lambda genotype: "F_nan", 20)) == 20


def test_networks_in_flight_are_not_proposed_again_nor_all_alike():
    search = make(MOBO)
    go(search, 20)
    candidates = search.ask(12)
    forms = {SPACE.canonical_form(one.genotype) for one in candidates}
    assert len(forms) == 12


class TestDistances:
    NETWORKS = Networks(SPACE)
    DISTANCES = Distances(NETWORKS.features_of, 6)

    def between(self, some, others):
        return self.DISTANCES.between(
            self.DISTANCES.table(some), self.DISTANCES.table(others)
        )

    def test_they_are_a_metric(self):
        networks = Networks(SPACE).draw(40, np.random.default_rng(0))
        d = self.between(networks, networks)
        assert (d == d.T).all()
        assert (d[np.eye(40, dtype=bool)] == 0).all()
        assert (d[~np.eye(40, dtype=bool)] > 0).all()
        assert (d[:, None] <= d[:, :, None] + d[None] + 1e-12).all()

    def test_what_is_not_used_makes_no_difference(self):
        # Nothing leaves the third node: what arrives there does not matter.
        (d,) = self.between([(0, 1, 0, 2, 3, 3)], [(0, 4, 2, 2, 3, 3)])
        assert d == 0

    def test_a_table_alone_or_with_others_says_the_same(self):
        networks = Networks(SPACE).draw(6, np.random.default_rng(1))
        own = Distances(Networks(SPACE).features_of, 6)
        reverse = own.between(own.table(networks[::-1]), own.table(networks[::-1]))
        assert (self.between(networks, networks) == reverse[::-1, ::-1]).all()


def test_models_are_made_at_numbers_of_rows_that_follow_from_nothing_else():
    steps = [_last_step(count, 1.02) for count in range(8, 400)]
    assert steps == sorted(steps)
    assert all(_last_step(step, 1.02) == step for step in steps)
    assert all(n / 1.03 - 1 <= step <= n for n, step in enumerate(steps, start=8))


def test_settings_record_all_that_decides():
    assert make(MOBO, objectives=PAIR).settings == {}
