"""How children differ from their parents; each way is one small unit."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pymoo.core.population import Population
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM

from xnas.records import Genotype
from xnas.searches.networks import DRAWS_PER_CANDIDATE, Networks
from xnas.searches.survival import integer_problem

CROSSOVER_PROBABILITY = 0.9
ETA = 3.0
"""Distribution index of crossover and mutation."""

Children = Iterator[tuple[Genotype, NDArray[np.int64]]]
"""Genotypes, each with the positions of its parents in the population."""


class Variation(Protocol):
    """Makes children of pairs of parents."""

    def __call__(
        self,
        networks: Networks,
        population: Population,
        pairs: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Children:
        """Make two children a pair, lazily.

        Args:
            networks: of the space.
            population: the parents, their genotypes as reals.
            pairs: (matings, 2) int64 positions in the population.
            rng: source of randomness.
        """


def simulated_binary(
    networks: Networks,
    population: Population,
    pairs: NDArray[np.int64],
    rng: np.random.Generator,
) -> Children:
    """Simulated binary crossover, then polynomial mutation, as in 2021.

    Deb and Agrawal, *Simulated Binary Crossover for Continuous Search Space*, Complex
    Systems 9, 1995. Choices are bred as reals and rounded: neighbouring operations
    count as alike.
    """
    problem = integer_problem(networks.n_choices)
    crossover = SBX(prob=CROSSOVER_PROBABILITY, eta=ETA)
    mutation = PM(prob=1.0, eta=ETA, prob_var=1 / problem.n_var)
    children = crossover.do(problem, population, pairs, random_state=rng)
    children = mutation.do(problem, children, random_state=rng)
    choices = np.clip(np.rint(children.get("X")), 0, problem.xu - 0.5)
    # pymoo lists the first child of every mating, then the second of every mating.
    for child, row in enumerate(choices.astype(int).tolist()):
        yield tuple(row), pairs[child % len(pairs)]


def one_edit(
    networks: Networks,
    population: Population,
    pairs: NDArray[np.int64],
    rng: np.random.Generator,
) -> Children:
    """Give one node that is in use another of its operations, all as likely.

    No crossover, and no order among operations: each child has one parent.
    """
    for parent in pairs.T.reshape(-1):
        genotype = tuple(int(choice) for choice in population[parent].X)
        child = edited(genotype, networks, rng)
        if child is not None:
            yield child, np.array([parent])


VARIATIONS: dict[str, Variation] = {"sbx": simulated_binary, "one-edit": one_edit}
"""By the names that ``--variation`` takes."""


def mutated(
    genotype: Genotype, n_choices: list[int], rng: np.random.Generator
) -> Genotype:
    """Give one variable node another of its choices.

    Args:
        genotype: one choice a variable node.
        n_choices: number of choices of each; at least one has two.
        rng: source of randomness.
    """
    variable = [i for i, n in enumerate(n_choices) if n > 1]
    node = int(rng.choice(variable))
    step = int(rng.integers(1, n_choices[node]))
    child = list(genotype)
    child[node] = (child[node] + step) % n_choices[node]
    return tuple(child)


def edited(
    genotype: Genotype, networks: Networks, rng: np.random.Generator
) -> Genotype | None:
    """Mutate a genotype so that its network becomes another connected one.

    Args:
        genotype: a connected one.
        networks: of the space.
        rng: source of randomness.

    Returns:
        ``None`` if :data:`~xnas.searches.networks.DRAWS_PER_CANDIDATE` draws found
        none. A node that is not in use changes nothing, and is drawn again.
    """
    own = networks.function_of(genotype)
    for _ in range(DRAWS_PER_CANDIDATE):
        child = mutated(genotype, networks.n_choices, rng)
        if networks.is_connected(child) and networks.function_of(child) != own:
            return child
    return None
