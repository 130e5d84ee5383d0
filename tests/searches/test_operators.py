"""Survival and mating of NSGA-II."""

from types import SimpleNamespace

import numpy as np
import pytest
from free_networks import free_networks
from hypothesis import given, settings
from hypothesis import strategies as st
from pymoo.algorithms.moo.nsga2 import binary_tournament
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.survival.rank_and_crowding import RankAndCrowding

from xnas.records import Evaluation
from xnas.searches import mating
from xnas.searches.mating import mate
from xnas.searches.survival import finite_objectives, population_of, select_survivors
from xnas.searches.variation import VARIATIONS, one_edit, simulated_binary

CHOICES = [5] * 6
objective = st.one_of(st.just(-np.inf), st.floats(-1e3, 1e3))


def population(size, seed=0):
    rng = np.random.default_rng(seed)
    return [
        Evaluation(
            number,
            tuple(rng.integers(0, 5, size=6).tolist()),
            objectives=tuple(rng.random(2).tolist()),
        )
        for number in range(size)
    ]


def bred(parents, count, rng, is_new, variation=simulated_binary):
    return mate(parents, free_networks(CHOICES, is_new), count, rng, variation)


def dominates(a, b):
    return all(x >= y for x, y in zip(a, b, strict=True)) and a != b


@given(st.lists(st.tuples(objective, objective), min_size=1, max_size=20))
def test_minus_infinity_becomes_finite_and_stays_last(points):
    before = np.array(points, dtype=np.float64)
    copy = before.copy()
    after = finite_objectives(before)
    np.testing.assert_array_equal(before, copy)
    assert np.isfinite(after).all()
    for old, new in zip(before.T, after.T, strict=True):
        order = np.less.outer(old, old)
        np.testing.assert_array_equal(order, np.less.outer(new, new))


@given(
    points=st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30
    ),
    size=st.integers(1, 20),
)
def test_no_survivor_is_dominated_by_one_left_out(points, size):
    evaluated = [Evaluation(i, (i,), objectives=p) for i, p in enumerate(points)]
    kept = select_survivors(evaluated, size, np.random.default_rng(0))
    assert len(kept) == min(size, len(points))
    out = [one for one in evaluated if one not in kept]
    assert not any(dominates(o.objectives, k.objectives) for o in out for k in kept)


def test_failed_evaluations_do_not_survive():
    failed = Evaluation(9, (0,) * 6, failure="F_nan")
    kept = select_survivors([failed, *population(3)], 64, np.random.default_rng(0))
    assert kept == population(3)


def test_boundary_points_of_a_crowded_front_survive():
    line = [Evaluation(i, (i,), objectives=(i / 20, 1 - i / 20)) for i in range(21)]
    kept = select_survivors(line, 5, np.random.default_rng(0))
    assert {0, 20} <= {one.id for one in kept}


def test_offspring_are_new_different_and_know_their_parents():
    parents = population(16)
    old = {one.genotype for one in parents}
    children = bred(parents, 16, np.random.default_rng(3), lambda g: g not in old)
    assert len(children) == 16
    assert not old & set(children)
    ids = {one.id for one in parents}
    for genotype, parent_ids in children.items():
        assert all(0 <= choice < 5 for choice in genotype)
        assert 1 <= len(parent_ids) <= 2
        assert set(parent_ids) <= ids


def test_children_resemble_the_parents_they_name():
    parents = population(16)
    genotypes = {one.id: one.genotype for one in parents}
    children = bred(parents, 60, np.random.default_rng(5), lambda _: True)

    def shared(child, ids):
        return np.mean(
            [any(genotypes[i][k] == c for i in ids) for k, c in enumerate(child)]
        )

    own = np.mean([shared(child, ids) for child, ids in children.items()])
    others = list(children.values())[1:] + list(children.values())[:1]
    strangers = np.mean(
        [shared(child, ids) for child, ids in zip(children, others, strict=True)]
    )
    assert own > strangers + 0.15


def test_equal_generators_breed_equal_offspring():
    families = [
        bred(population(8), 8, np.random.default_rng(2), lambda _: True)
        for _ in range(2)
    ]
    assert families[0] == families[1]


def test_mating_does_not_favour_inner_choices():
    rng = np.random.default_rng(0)
    parents = population(64, seed=4)
    counts = np.zeros(5)
    for _ in range(40):
        children = bred(parents, 64, rng, lambda _: True)
        counts += np.bincount(np.ravel(list(children)), minlength=5)
    shares = counts / counts.sum()
    assert shares.min() > 0.13
    assert shares[[0, 4]].mean() == pytest.approx(shares[1:4].mean(), abs=0.06)


def test_mating_stops_when_nothing_new_turns_up():
    assert bred(population(8), 8, np.random.default_rng(0), lambda _: False) == {}


def test_one_parent_alone_begets_nobody():
    assert bred(population(1), 8, np.random.default_rng(0), lambda _: True) == {}


@pytest.mark.parametrize("variation", VARIATIONS.values())
def test_every_variation_breeds_new_children_with_known_parents(variation):
    parents = population(16)
    old = {one.genotype for one in parents}
    children = bred(
        parents, 12, np.random.default_rng(1), lambda g: g not in old, variation
    )
    assert len(children) == 12
    assert not old & set(children)
    ids = {one.id for one in parents}
    assert all(set(names) <= ids for names in children.values())


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), matings=st.integers(1, 9))
def test_children_are_those_of_pymoos_classes(seed, matings):
    """Functions spare the objects that the classes make; draws and results agree."""
    setup = np.random.default_rng(seed)
    genotypes = setup.integers(0, 5, size=(12, 6)).astype(float)
    pairs = setup.integers(0, 12, size=(matings, 2))
    upper = np.array(CHOICES) - 0.5
    problem = Problem(n_var=6, n_obj=1, xl=np.full(6, -0.5), xu=upper)
    rng = np.random.default_rng(seed)
    children = SBX(prob=0.9, eta=3.0).do(
        problem, Population.new("X", genotypes), pairs, random_state=rng
    )
    children = PM(prob=1.0, eta=3.0, prob_var=1 / 6).do(
        problem, children, random_state=rng
    )
    expected = np.clip(np.rint(children.get("X")), 0, upper).astype(int)
    ours = np.random.default_rng(seed)
    found = list(simulated_binary(free_networks(CHOICES), genotypes, pairs, ours))
    assert [child for child, _ in found] == list(map(tuple, expected.tolist()))
    assert ours.random() == rng.random()


@settings(max_examples=40, deadline=None)
@given(
    points=st.lists(st.tuples(objective, objective), min_size=4, max_size=12),
    seed=st.integers(0, 2**31 - 1),
)
def test_tournaments_are_those_of_pymoo(points, seed):
    parents = [Evaluation(i, (i,) * 6, objectives=p) for i, p in enumerate(points)]
    rng = np.random.default_rng(seed)
    population = RankAndCrowding().do(
        Problem(n_var=1, n_obj=1), population_of(parents), random_state=rng
    )
    pairs = rng.integers(0, len(points), size=(30, 2))
    rules = {"tournament_type": "comp_by_dom_and_crowding"}
    states = [np.random.default_rng(seed) for _ in range(2)]
    expected = binary_tournament(
        population, pairs, SimpleNamespace(**rules, random_state=states[0])
    )
    found = mating._comparison(population, states[1])(population, pairs)
    assert found.tolist() == expected.astype(int).ravel().tolist()
    assert states[0].random() == states[1].random()


def test_one_edit_changes_one_choice_of_one_parent():
    parents = population(16)
    genotypes = {one.id: one.genotype for one in parents}
    rng = np.random.default_rng(4)
    children = bred(parents, 40, rng, lambda _: True, one_edit)
    for child, (parent,) in children.items():
        assert np.not_equal(child, genotypes[parent]).sum() == 1


def test_one_edit_knows_no_order_of_operations():
    """From choice 0, the far choices come up as often as the near one."""
    parents = [
        Evaluation(i, (0,) * 6, objectives=(i / 20, 1 - i / 20)) for i in range(8)
    ]
    counts = np.zeros(5)
    for seed in range(120):
        children = bred(
            parents, 8, np.random.default_rng(seed), lambda _: True, one_edit
        )
        for child in children:
            counts[max(child)] += 1
    shares = counts[1:] / counts[1:].sum()
    assert shares == pytest.approx([0.25] * 4, abs=0.06)


def test_one_edit_of_a_node_that_is_not_in_use_is_drawn_again():
    networks = free_networks(CHOICES)
    # What the last three nodes choose makes no difference to the network.
    networks._space.canonical_form = lambda genotype: genotype[:3]
    children = mate(population(8), networks, 30, np.random.default_rng(0), one_edit)
    own = {one.id: one.genotype for one in population(8)}
    for child, (parent,) in children.items():
        assert child[:3] != own[parent][:3]
