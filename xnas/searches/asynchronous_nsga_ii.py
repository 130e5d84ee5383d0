"""NSGA-II without generations: whenever a worker is free, it gets a child."""

import numpy as np

from xnas.records import Evaluation
from xnas.searches.base import Bred
from xnas.searches.nsga_ii import GeneticSearch
from xnas.searches.steady_state import SteadyStateSearch
from xnas.searches.survival import select_survivors

CHILD, SURVIVAL = 0, 1
"""What a stream of random numbers is for."""


class AsynchronousNSGAII(GeneticSearch, SteadyStateSearch):
    """Steady-state NSGA-II: survivors are chosen anew at every evaluation that ends.

    As many networks as the population has members are drawn at random first.

    Args:
        *args: see :class:`~xnas.searches.nsga_ii.GeneticSearch`.
        **kwargs: likewise.
    """

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

    def _breed(self, rng: np.random.Generator) -> Bred | None:
        if self.n_asked < self.population_size:
            return None
        return next(iter(self._mate(1, rng)), None)
