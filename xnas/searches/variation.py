"""How children differ from their parents; each way is one small unit."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from pymoo.operators.crossover.sbx import cross_sbx
from pymoo.operators.mutation.pm import mut_pm

from xnas.records import Genotype
from xnas.searches.networks import DRAWS_PER_CANDIDATE, Networks

CROSSOVER_PROBABILITY = 0.9
ETA = 3.0
"""Distribution index of crossover and mutation."""

Children = Iterator[tuple[Genotype, NDArray[np.int64]]]
"""Genotypes, each with the positions of its parents in the population."""


Variation = Callable[
    [Networks, NDArray[np.float64], NDArray[np.int64], np.random.Generator], Children
]
"""Makes two children a pair, lazily.

It is given the networks of the space; (parents, nodes) float64 genotypes of the
population; (matings, 2) int64 positions of the pairs in it; and a source of randomness.
"""


def simulated_binary(
    networks: Networks,
    genotypes: NDArray[np.float64],
    pairs: NDArray[np.int64],
    rng: np.random.Generator,
) -> Children:
    """Simulated binary crossover, then polynomial mutation, as in 2021.

    Deb and Agrawal, *Simulated Binary Crossover for Continuous Search Space*, Complex
    Systems 9, 1995. Choices are bred as reals and rounded: neighbouring operations
    count as alike. On bounds ±0.5 the first and last choice are as likely as others.
    """
    matings, nodes = len(pairs), genotypes.shape[1]
    lowest = np.full(nodes, -0.5)
    highest = np.asarray(networks.n_choices) - 0.5
    parents = genotypes[pairs.T]
    children = parents.copy()
    # pymoo's functions, in the order of draws that its classes have: they would make
    # an object of every child.
    mates = rng.random(matings) < CROSSOVER_PROBABILITY
    if mates.any():
        rng.random((matings, 1))  # whether children change places, as they always may
        half = np.full((matings, 1), 0.5)
        eta = np.full((matings, 1), ETA)
        crossed = cross_sbx(parents, lowest, highest, eta, half, half, random_state=rng)
        children[:, mates] = crossed[:, mates]
    children = children.reshape(-1, nodes)
    chance, etas = np.full(len(children), 1 / nodes), np.full(len(children), ETA)
    children = mut_pm(children, lowest, highest, etas, chance, False, random_state=rng)
    rng.random(len(children))  # whether a child mutates at all, as all do
    choices = np.clip(np.rint(children), 0, highest)
    # The first child of every mating comes before the second of any.
    for child, row in enumerate(choices.astype(int).tolist()):
        yield tuple(row), pairs[child % matings]


def one_edit(
    networks: Networks,
    genotypes: NDArray[np.float64],
    pairs: NDArray[np.int64],
    rng: np.random.Generator,
) -> Children:
    """Give one node that is in use another of its operations, all as likely.

    No crossover, and no order among operations: each child has one parent.
    """
    for parent in pairs.T.reshape(-1):
        genotype = tuple(map(int, genotypes[parent]))
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
        if networks.function_of(child) not in (None, own):
            return child
    return None
