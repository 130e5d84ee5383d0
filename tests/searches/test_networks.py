"""Random drawing and fronts of evaluations."""

import numpy as np
import pytest
from free_networks import free_networks
from hypothesis import given
from hypothesis import strategies as st

from xnas.records import Evaluation
from xnas.results.networks import front_of


def outcome(number, *objectives):
    failure = None if objectives else "F_nan"
    return Evaluation(number, (number,), objectives=objectives or None, failure=failure)


def draw(n_choices, count, rng, is_new=lambda _: True, excluded=()):
    return free_networks(n_choices, is_new).draw(count, rng, excluded)


@given(
    n_choices=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    count=st.integers(0, 40),
    seed=st.integers(0, 2**31 - 1),
)
def test_drawn_genotypes_are_different_new_and_within_their_choices(
    n_choices, count, seed
):
    def is_new(genotype):
        return sum(genotype) % 2 == 0

    drawn = draw(n_choices, count, np.random.default_rng(seed), is_new)
    exist = sum(is_new(g) for g in np.ndindex(*n_choices))
    assert len(drawn) == len(set(drawn)) == min(count, exist)
    for genotype in drawn:
        assert is_new(genotype)
        assert all(0 <= c < n for c, n in zip(genotype, n_choices, strict=True))


def test_the_last_genotype_of_a_space_is_found():
    wanted = (4, 3, 2, 1, 0, 4)
    drawn = draw([5] * 6, 3, np.random.default_rng(0), lambda g: g == wanted)
    assert drawn == [wanted]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_excluded_is_drawn_around_as_what_is_not_new(seed):
    # One at a time or several at once, a replayed search must draw the same.
    left = {(k, k, k, 0, 0, 0) for k in range(5)}
    excluded = {(0,) * 6, (3, 3, 3, 0, 0, 0)}
    ways = [
        draw(
            [5] * 6,
            1,
            np.random.default_rng(seed),
            left.__contains__,
            excluded=excluded,
        ),
        draw([5] * 6, 1, np.random.default_rng(seed), (left - excluded).__contains__),
    ]
    assert ways[0] == ways[1]
    assert ways[0]


def test_equal_generators_draw_equal_genotypes():
    draws = [
        draw([5] * 6, 20, np.random.default_rng(7), lambda _: True) for _ in range(2)
    ]
    assert draws[0] == draws[1]


def test_first_and_last_choices_are_drawn_as_often_as_others():
    drawn = draw([5] * 8, 4000, np.random.default_rng(1), lambda _: True)
    shares = np.bincount(np.ravel(drawn)) / (8 * 4000)
    assert shares == pytest.approx([0.2] * 5, abs=0.01)


def test_a_front_leaves_out_failed_and_dominated_evaluations():
    best, other = outcome(0, 1.0, 0.0), outcome(1, 0.0, 1.0)
    worse, failed = outcome(2, 0.0, 0.5), outcome(3)
    assert front_of([failed, worse, best, other]) == [best, other]


def test_a_front_may_be_empty():
    assert front_of([]) == front_of([outcome(0)]) == []


def test_minus_infinity_can_stand_on_a_front():
    accurate, balanced = outcome(0, 1.0, -np.inf), outcome(1, 0.5, 0.5)
    assert front_of([accurate, balanced]) == [accurate, balanced]


def needles(n_nodes, n_needles, n_ops=4):
    """Make networks of which few are connected: all choices but the first are 0."""

    def is_connected(genotype):
        return not any(genotype[1:]) and genotype[0] < n_needles

    networks = free_networks([n_ops] * n_nodes, is_connected)
    networks._space.are_connected = lambda many: (
        (many[:, 1:] == 0).all(axis=1) & (many[:, 0] < n_needles)
    )
    return networks


def drawn_to_the_last(networks):
    found = []
    for seed in range(99):
        drawn = networks.draw(1, np.random.default_rng(seed))
        if not drawn:
            return found
        found += drawn
        networks.forbid(drawn)


@pytest.mark.parametrize("n_nodes", [6, 9])  # 4,096 and 262,144 genotypes
def test_a_space_is_exhausted_once_all_of_it_was_looked_through(n_nodes):
    networks = needles(n_nodes, 3)
    assert len(drawn_to_the_last(networks)) == 3
    assert networks.exhausted
    assert networks.why_no_more() == (
        "every network of the search space has been evaluated"
    )


def test_a_space_too_large_to_list_is_not_called_exhausted():
    networks = needles(15, 3)  # 1,073,741,824 genotypes
    assert drawn_to_the_last(networks) == []
    assert not networks.exhausted
    assert networks.why_no_more() == "found no new network in 1,000,100 draws"


def test_a_space_of_many_equal_networks_is_given_up_after_a_bounded_search(
    monkeypatch,
):
    monkeypatch.setattr("xnas.searches.networks.MOST_COMPARED", 500)
    networks = free_networks([4] * 9)
    networks._space.canonical_form = lambda genotype: genotype[0]
    networks._space.are_connected = lambda many: np.ones(len(many), bool)
    assert len(drawn_to_the_last(networks)) == 4
    assert not networks.exhausted
    assert networks.why_no_more() == "found no new network in 600 draws"


def test_what_further_draws_find_follows_from_the_seed():
    found = [
        needles(9, 4).draw(2, np.random.default_rng(seed)) for seed in (5, 5, 6, 7, 8)
    ]
    assert found[0] == found[1]
    assert all(len(set(one)) == 2 for one in found)
    assert len({tuple(one) for one in found}) > 1
