"""NSGA-II without generations: whenever a worker is free, it gets a child."""

from typing import Any

import numpy as np

from xnas.records import Evaluation, Genotype
from xnas.searches.base import checked_population_size
from xnas.searches.mating import mate
from xnas.searches.nsga_ii import POPULATION_SIZE, VARIATION, checked_variation
from xnas.searches.steady_state import SteadyStateSearch
from xnas.searches.survival import select_survivors
from xnas.searches.variation import VARIATIONS

CHILD, SURVIVAL = 0, 1
"""What a stream of random numbers is for."""


class AsynchronousNSGAII(SteadyStateSearch):
    """Steady-state NSGA-II: survivors are chosen anew at every evaluation that ends.

    As many networks as the population has members are drawn at random first.

    Args:
        *args: see :class:`~xnas.searches.base.Search`.
        population_size: of the population.
        variation: one of :data:`~xnas.searches.variation.VARIATIONS`.
        **kwargs: likewise.

    Raises:
        ValueError: an argument cannot be used.
    """

    options = (POPULATION_SIZE, VARIATION)

    def __init__(
        self,
        *args: Any,
        population_size: int = 64,
        variation: str = "sbx",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.population_size = checked_population_size(population_size)
        self.variation = checked_variation(variation)
        self._population: list[Evaluation] = []

    def tell(self, evaluation: Evaluation) -> None:
        """Let an evaluation compete with the population."""
        if evaluation.replicate == 0:
            rng = np.random.default_rng([self.seed, SURVIVAL, self.n_told])
            self._population = select_survivors(
                [*self._population, evaluation], self.population_size, rng
            )
        super().tell(evaluation)

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, CHILD, number])

    def _breed(
        self, rng: np.random.Generator
    ) -> tuple[Genotype, tuple[int, ...]] | None:
        if self.next_id < self.population_size:
            return None
        variation = VARIATIONS[self.variation]
        children = mate(self._population, self.networks, 1, rng, variation)
        return next(iter(children.items()), None)
