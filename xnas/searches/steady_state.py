"""Searches without generations: children are bred one by one."""

import abc

import numpy as np

from xnas.records import Candidate
from xnas.searches.base import Bred, Search


class SteadyStateSearch(Search):
    """A search in which the n-th child follows from n and what was told before it.

    How many evaluations those were is recorded with each candidate, so that a run can
    be replayed.
    """

    def ask(self, n: int) -> list[Candidate]:
        """Breed a child for each free worker, or draw a stranger."""
        candidates: list[Candidate] = []
        while len(candidates) < n:
            rng = self._rng(self.n_asked)
            bred = self._breed(rng) or self._drawn(rng)
            if bred is None:
                break
            candidates.append(self.new_candidate(*bred))
        return candidates

    def _rng(self, number: int) -> np.random.Generator:
        """Return the source of randomness of the child of that number."""
        return np.random.default_rng([self.seed, number])

    @abc.abstractmethod
    def _breed(self, rng: np.random.Generator) -> Bred | None:
        """Breed a new child of the population.

        Args:
            rng: the child's source of randomness.

        Returns:
            It and the ids of its parents; ``None`` while there is nothing to breed
            from, or nothing new comes of it.
        """

    def _drawn(self, rng: np.random.Generator) -> Bred | None:
        for genotype in self.networks.draw(1, rng):
            return genotype, ()
        return None
