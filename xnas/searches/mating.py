"""Who mates with whom, until enough new children are there."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.moo.nsga2 import binary_tournament
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.operators.selection.tournament import TournamentSelection
from pymoo.operators.survival.rank_and_crowding import RankAndCrowding

from xnas.records import Evaluation, Genotype
from xnas.searches.networks import Networks
from xnas.searches.survival import integer_problem, population_of
from xnas.searches.variation import Variation

MATING_ROUNDS = 100
"""Rounds of mating after which a generation is filled up at random."""


def mate(
    parents: Sequence[Evaluation],
    networks: Networks,
    count: int,
    rng: np.random.Generator,
    variation: Variation,
) -> dict[Genotype, tuple[int, ...]]:
    """Breed new networks of parents that win binary tournaments.

    Args:
        parents: the population, none of it failed.
        networks: of the space.
        count: how many children to breed.
        rng: source of randomness.
        variation: makes children of parents.

    Returns:
        Genotype to the ids of its parents; fewer than ``count`` if
        :data:`MATING_ROUNDS` rounds did not find more.
    """
    children: dict[Genotype, tuple[int, ...]] = {}
    if len(parents) < 2:
        return children
    forms = set()
    problem = integer_problem(networks.n_choices)
    population = RankAndCrowding().do(problem, population_of(parents), random_state=rng)
    ids = [parents[i].id for i in population.get("index")]
    for _ in range(MATING_ROUNDS):
        pairs = _select(problem, population, count - len(children), rng)
        for genotype, pair in variation(networks, population, pairs, rng):
            if len(children) == count or not networks.is_new(genotype):
                continue
            form = networks.form_of(genotype)
            if form not in forms:
                forms.add(form)
                children[genotype] = tuple(sorted({ids[i] for i in pair}))
        if len(children) == count:
            break
    return children


def _select(
    problem: Problem, population: Population, count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Pick (matings, 2) parents by dominance, then by crowding distance."""
    rules = SimpleNamespace(
        tournament_type="comp_by_dom_and_crowding", random_state=rng
    )
    return TournamentSelection(func_comp=binary_tournament).do(
        problem,
        population,
        (count + 1) // 2,
        n_parents=2,
        to_pop=False,
        algorithm=rules,
        random_state=rng,
    )
