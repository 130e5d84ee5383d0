"""The smallest and the largest network of a space, as far as a few builds tell.

And a few random ones.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from xnas.space.checks import SpaceError
from xnas.space.graph import KSearchSpace

Genotype = tuple[int, ...]

RANDOM_NETWORKS = 8

TRIES = 100
"""Draws for each random network that is wanted, most of which may lead nowhere."""


class Sized(NamedTuple):
    """A network and its number of parameters."""

    n_parameters: int
    genotype: Genotype


class Extremes(NamedTuple):
    """The smallest and largest network found, and among how many."""

    smallest: Sized
    largest: Sized
    n_tried: int


def random_networks(space: KSearchSpace, count: int, seed: int) -> list[Genotype]:
    """Draw networks that lead from input to output.

    Args:
        space: the search space.
        count: how many.
        seed: of the draw.

    Returns:
        Different ones; fewer where hardly any others are found.
    """
    rng = np.random.default_rng(seed)
    highest = [high for _, high in space.choices()]
    found: dict[Genotype, None] = {}
    for _ in range(TRIES * count):
        genotype = tuple(int(rng.integers(high + 1)) for high in highest)
        if len(found) < count and space.is_connected(genotype):
            found[genotype] = None
    return list(found)


def find_extremes(space: KSearchSpace, *, seconds: float, seed: int = 0) -> Extremes:
    """Find networks of few and of many parameters.

    Networks that choose alike everywhere come first, then random ones; after that one
    choice at a time is changed in the best of them until nothing improves.

    Args:
        space: the search space.
        seconds: to stop after; one network at least is built.
        seed: of the random networks.

    Returns:
        The smallest and the largest.

    Raises:
        SpaceError: no network of those tried leads from input to output, or one cannot
            be built.
    """
    search = _Search(space, time.perf_counter() + seconds)
    highest = [high for _, high in space.choices()]
    for genotype in _starts(highest, seed):
        search.add(genotype)
    if not search.sized:
        raise SpaceError(
            "no network tried leads from an input to the output, expected some: "
            "connect the nodes, or give them operations other than Zero"
        )
    for pick in (max, min):
        search.climb(pick, highest)
    return Extremes(min(search.sized), max(search.sized), len(search.sized))


def _starts(highest: list[int], seed: int) -> Iterator[Genotype]:
    for choice in range(max(highest, default=0) + 1):
        yield tuple(min(choice, high) for high in highest)
    rng = np.random.default_rng(seed)
    for _ in range(RANDOM_NETWORKS):
        yield tuple(int(rng.integers(high + 1)) for high in highest)


class _Search:
    """Builds networks, each once, until the time is over."""

    def __init__(self, space: KSearchSpace, deadline: float) -> None:
        self._space = space
        self._deadline = deadline
        self._seen: set[Genotype] = set()
        self.sized: list[Sized] = []

    def add(self, genotype: Genotype) -> None:
        late = self.sized and time.perf_counter() > self._deadline
        if late or genotype in self._seen:
            return
        self._seen.add(genotype)
        if self._space.is_connected(genotype):
            self._space.set_ops(genotype)
            n_parameters = self._space.create_model().count_params()
            self.sized.append(Sized(n_parameters, genotype))

    def climb(self, pick: Callable[..., Sized], highest: list[int]) -> None:
        """Change one choice at a time as long as that leads further."""
        best = None
        while best != pick(self.sized):
            best = pick(self.sized)
            for node, high in enumerate(highest):
                for choice in range(high + 1):
                    changed = list(pick(self.sized).genotype)
                    changed[node] = choice
                    self.add(tuple(changed))
