"""Who mates with whom, until enough new children are there."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymoo.core.population import Population
from pymoo.operators.selection.tournament import TournamentSelection, compare
from pymoo.operators.survival.rank_and_crowding import RankAndCrowding

from xnas.records import Evaluation, Genotype
from xnas.searches.networks import Networks
from xnas.searches.survival import UNCONSTRAINED, population_of
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
    population = RankAndCrowding().do(
        UNCONSTRAINED, population_of(parents), random_state=rng
    )
    ids = [parents[i].id for i in population.get("index")]
    genotypes = population.get("X")
    tournament = TournamentSelection(func_comp=_comparison(population, rng))
    for _ in range(MATING_ROUNDS):
        matings = (count - len(children) + 1) // 2
        pairs = tournament.do(
            UNCONSTRAINED, population, matings, 2, to_pop=False, random_state=rng
        )
        for genotype, pair in variation(networks, genotypes, pairs, rng):
            if len(children) == count or not networks.is_new(genotype):
                continue
            form = networks.form_of(genotype)
            if form not in forms:
                forms.add(form)
                children[genotype] = tuple(sorted({ids[i] for i in pair}))
        if len(children) == count:
            break
    return children


def _comparison(
    population: Population, rng: np.random.Generator
) -> Callable[..., NDArray[np.int64]]:
    """Compare by dominance, then by crowding distance (Deb et al., section III-C)."""
    costs = population.get("F")
    crowding = population.get("crowding").tolist()
    no_worse = (costs[:, None] <= costs).all(axis=2)
    dominates = (no_worse & ~no_worse.T).tolist()

    def winners(_: Population, pairs: NDArray[np.int64], **__: Any) -> NDArray:
        found = []
        for a, b in pairs.tolist():
            if dominates[a][b] or dominates[b][a]:
                found.append(a if dominates[a][b] else b)
            else:
                found.append(
                    compare(
                        a,
                        crowding[a],
                        b,
                        crowding[b],
                        method="larger_is_better",
                        return_random_if_equal=True,
                        random_state=rng,
                    )
                )
        return np.array(found)

    return winners
