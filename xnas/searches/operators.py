"""NSGA-II's operators, composed from pymoo's.

Deb et al., *A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II*, IEEE
Transactions on Evolutionary Computation 6(2), 2002.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.moo.nsga2 import binary_tournament
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.selection.tournament import TournamentSelection
from pymoo.operators.survival.rank_and_crowding import RankAndCrowding

from xnas.searches.candidates import Evaluated, Genotype

CROSSOVER_PROBABILITY = 0.9
ETA = 3.0
"""Distribution index of crossover and mutation."""

MATING_ROUNDS = 100
"""Rounds of mating after which a generation is filled up at random."""


def finite_objectives(objectives: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace −inf by the next value below an objective's lowest finite one.

    Sorting keeps such a point strictly last in that objective, and crowding
    distances, which divide by the range, stay finite.

    Args:
        objectives: (points, objectives) float64, maximised; not changed.

    Returns:
        (points, objectives) float64, all finite.
    """
    columns = []
    for column in objectives.T:
        finite = column[np.isfinite(column)]
        worst = np.nextafter(finite.min(), -np.inf) if finite.size else 0.0
        columns.append(np.where(np.isneginf(column), worst, column))
    return np.stack(columns, axis=1)


def select_survivors(
    evaluated: Sequence[Evaluated], size: int, rng: np.random.Generator
) -> list[Evaluated]:
    """Keep the best by non-dominated sorting, then by crowding distance.

    Args:
        evaluated: parents and offspring; failed ones are passed over.
        size: how many to keep.
        rng: breaks ties.

    Returns:
        Up to ``size`` of them.
    """
    sound = [one for one in evaluated if one.objectives is not None]
    if len(sound) <= size:
        return sound
    survivors = RankAndCrowding().do(
        _problem([1]), _population(sound), n_survive=size, random_state=rng
    )
    return [sound[i] for i in sorted(survivors.get("index"))]


def mate(
    parents: Sequence[Evaluated],
    n_choices: Sequence[int],
    count: int,
    rng: np.random.Generator,
    is_new: Callable[[Genotype], bool],
    form_of: Callable[[Genotype], Hashable] = tuple,
    excluded: Iterable[Genotype] = (),
) -> dict[Genotype, tuple[int, ...]]:
    """Breed new genotypes: tournament, simulated binary crossover, mutation.

    Integers are bred as reals within ±0.5 of the choices and rounded, so that the
    first and last choice are as likely as the others.

    Args:
        parents: the population, none of it failed.
        n_choices: number of choices of each variable node.
        count: how many offspring to breed.
        rng: source of randomness.
        is_new: whether a genotype may be evaluated.
        form_of: the same for genotypes that count as one network.
        excluded: genotypes whose networks are not to be bred either.

    Returns:
        Genotype to the ids of its parents; fewer than ``count`` if
        ``MATING_ROUNDS`` rounds did not find more.
    """
    offspring: dict[Genotype, tuple[int, ...]] = {}
    forms = set(map(form_of, excluded))
    if len(parents) < 2:
        return offspring
    problem = _problem(n_choices)
    population = RankAndCrowding().do(problem, _population(parents), random_state=rng)
    ids = [parents[i].id for i in population.get("index")]
    for _ in range(MATING_ROUNDS):
        pairs = _select(problem, population, count - len(offspring), rng)
        for genotype, pair in _breed(problem, population, pairs, rng):
            if len(offspring) == count or not is_new(genotype):
                continue
            if form_of(genotype) not in forms:
                forms.add(form_of(genotype))
                offspring[genotype] = tuple(sorted({ids[i] for i in pair}))
        if len(offspring) == count:
            break
    return offspring


def _select(
    problem: Problem, population: Population, count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Pick (matings, 2) parents by dominance, then by crowding distance."""
    rules = SimpleNamespace(
        tournament_type="comp_by_dom_and_crowding", random_state=rng
    )
    tournament = TournamentSelection(func_comp=binary_tournament)
    matings = (count + 1) // 2
    return tournament.do(
        problem,
        population,
        matings,
        n_parents=2,
        to_pop=False,
        algorithm=rules,
        random_state=rng,
    )


def _breed(
    problem: Problem,
    population: Population,
    pairs: NDArray[np.int64],
    rng: np.random.Generator,
) -> Iterator[tuple[Genotype, NDArray[np.int64]]]:
    crossover = SBX(prob=CROSSOVER_PROBABILITY, eta=ETA)
    mutation = PM(prob=1.0, eta=ETA, prob_var=1 / problem.n_var)
    children = crossover.do(problem, population, pairs, random_state=rng)
    children = mutation.do(problem, children, random_state=rng)
    choices = np.clip(np.rint(children.get("X")), 0, problem.xu - 0.5)
    # pymoo lists the first child of every mating, then the second of every mating.
    for child, row in enumerate(choices.astype(int)):
        yield tuple(row.tolist()), pairs[child % len(pairs)]


def _problem(n_choices: Sequence[int]) -> Problem:
    upper = np.asarray(n_choices, dtype=float) - 0.5
    return Problem(n_var=len(upper), n_obj=1, xl=np.full(len(upper), -0.5), xu=upper)


def _population(evaluated: Sequence[Evaluated]) -> Population:
    objectives = np.array([one.objectives for one in evaluated], dtype=np.float64)
    return Population.new(
        "X",
        np.array([one.candidate.genotype for one in evaluated], dtype=float),
        "F",
        -finite_objectives(objectives),
        "index",
        np.arange(len(evaluated)),
    )
