"""What every search obeys, in microseconds: no folder, no evaluator, no clock."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnas.errors import UsageError
from xnas.objectives import Objective
from xnas.records import Candidate, Evaluation, evaluated
from xnas.searches import SEARCHES, Networks, Search, find_search
from xnas.searches.mobo import MOBO
from xnas.searches.regularized_evolution import RegularizedEvolution
from xnas.space import nas_bench_201_search_space

SPACE = nas_bench_201_search_space((8, 8, 1), (10,), stack_size=1)
PAIR = (Objective("val_acc__last"), Objective("introspectability"))
CLASSES = sorted({*map(find_search, SEARCHES)}, key=lambda kind: kind.__name__)
QUICK = [kind for kind in CLASSES if kind is not MOBO]


def make(kind, seed=3, objectives=PAIR, **options):
    if kind is not MOBO:
        options = {"population_size": 8, **options}
    if kind is RegularizedEvolution:
        options.setdefault("sample_size", 3)
    return kind(Networks(SPACE), objectives, seed, **options)


def values(genotype, n_objectives=2):
    weights = np.arange(1, len(genotype) + 1)
    found = [sum(genotype), -float(weights @ genotype), genotype[0] - genotype[1]]
    return tuple(map(float, (found * 2)[:n_objectives]))


def evaluation(candidate, n_objectives=2):
    if sum(candidate.genotype) % 7 == 0:
        return Evaluation(
            candidate.id,
            candidate.genotype,
            candidate.parent_ids,
            candidate.generation,
            failure="F_nan",
        )
    return Evaluation(
        candidate.id,
        candidate.genotype,
        candidate.parent_ids,
        candidate.generation,
        objectives=values(candidate.genotype, n_objectives),
    )


def go(search, count, n_objectives=2):
    """Ask for one at a time and tell it at once."""
    told = []
    while len(told) < count:
        (candidate,) = search.ask(1)
        told.append(evaluation(candidate, n_objectives))
        search.tell(told[-1])
    return told


@pytest.fixture(params=CLASSES, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


def test_no_network_is_asked_for_twice_and_numbers_count_up(kind):
    told = go(make(kind), 60)
    forms = {SPACE.canonical_form(one.genotype) for one in told}
    assert len(forms) == 60
    assert [one.id for one in told] == list(range(60))


def test_equal_seeds_and_histories_ask_for_the_same(kind):
    assert go(make(kind), 40) == go(make(kind), 40)
    assert go(make(kind), 40) != go(make(kind, seed=4), 40)


@pytest.mark.parametrize("n_objectives", [1, 2, 3, 5])
def test_any_number_of_objectives_is_searched_for(kind, n_objectives):
    objectives = [Objective(f"m{k}") for k in range(n_objectives)]
    more = {}
    if kind is RegularizedEvolution and n_objectives > 1:
        more = {"weights": [1.0] * n_objectives}
    search = make(kind, objectives=objectives, **more)
    assert len(go(search, 40, n_objectives)) == 40


@settings(max_examples=25, deadline=None)
@given(size=st.integers(0, 30), lost=st.integers(0, 6), seed=st.integers(0, 2**31 - 1))
@pytest.mark.parametrize("name", QUICK, ids=lambda kind: kind.__name__)
def test_a_search_restored_anywhere_goes_on_as_if_it_had_not_ended(
    name, size, lost, seed
):
    whole = make(name, seed)
    told = go(whole, size)
    running = whole.ask(lost) if lost else []
    again = make(name, seed)
    again.restore(told, running)
    shuffled = random.Random(seed).sample(running, len(running))
    for search in (whole, again):
        for candidate in shuffled:
            search.tell(evaluation(candidate))
    assert go(whole, 20) == go(again, 20)


def test_replicates_neither_breed_nor_count_as_members(kind):
    once, twice = make(kind), make(kind)
    told = go(once, 16)
    for one in told:
        assert twice.ask(1)[0].id == one.id
        twice.tell(one)
    repeated = Evaluation(99, told[0].genotype, replicate=1, objectives=(9.0, 9.0))
    twice.tell(repeated)
    parents = {parent for one in go(twice, 20) for parent in one.parent_ids}
    assert 99 not in parents


def test_settings_are_the_options_and_plain(kind):
    search = make(kind)
    names = {option.name for option in kind.options}
    assert set(search.settings) == names
    assert kind is MOBO or search.settings["population_size"] == 8


@pytest.mark.parametrize("weights", [None, [1.0, 2.0]])
def test_weights_are_one_an_objective(weights):
    three = [Objective(name) for name in ("a", "b", "c")]
    with pytest.raises(ValueError, match="expected 3, one for each of a, b, c"):
        make(RegularizedEvolution, objectives=three, weights=weights)


def test_weights_that_make_all_networks_equal_are_refused():
    with pytest.raises(ValueError, match="weights are all 0"):
        make(RegularizedEvolution, objectives=PAIR, weights=[0.0, 0.0])


def test_weights_of_2021_are_the_default():
    assert make(RegularizedEvolution).weights == [0.5, 5.0]
    assert make(RegularizedEvolution, objectives=PAIR[:1]).weights == [0.5]


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "xnas.records.Candidate",
        "xnas.pareto.hypervolume",
        "xnas.searches.Search",
    ],
)
def test_what_is_no_search_is_refused_in_a_sentence(name):
    with pytest.raises(UsageError, match="the search is"):
        find_search(name)


def test_a_search_is_found_by_its_import_path():
    assert find_search("xnas.searches.nsga_ii.NSGAII") is find_search("nsga2")


class Alphabetical(Search):
    """The smallest search there is."""

    def ask(self, n):
        """Go through all genotypes in order."""
        genotypes = np.ndindex(*self.networks.n_choices)
        new = (g for g in genotypes if self.networks.is_new(g))
        return [self.new_candidate(g) for g, _ in zip(new, range(n), strict=False)]


def test_a_search_of_ones_own_needs_ask_alone():
    search = Alphabetical(Networks(SPACE), PAIR, 0)
    told = go(search, 5)
    again = Alphabetical(Networks(SPACE), PAIR, 0)
    again.restore(told[:3], [Candidate(3, told[3].genotype)])
    assert again.ask(1) == [Candidate(4, told[4].genotype)]


def test_what_is_told_decides_from_the_first_network_on_that_is_not_random(kind):
    search, other = make(kind), make(kind)
    asked, asked_by_other = [], []
    for _ in range(search.n_random + 12):
        (candidate,), (twin,) = search.ask(1), other.ask(1)
        asked.append(candidate.genotype)
        asked_by_other.append(twin.genotype)
        search.tell(evaluated(candidate, values(candidate.genotype)))
        other.tell(evaluated(twin, tuple(-v for v in values(twin.genotype))))
    first = search.n_random
    assert first > 0
    assert asked[:first] == asked_by_other[:first]
    assert asked[first:] != asked_by_other[first:]
