"""Searches without generations: children are bred one by one."""

import abc
from collections.abc import Sequence

import numpy as np

from xnas.nas_deephyper.resuming import Earlier
from xnas.nas_deephyper.xnas import XNASSearch
from xnas.searches.candidates import Candidate, Genotype, draw_new


class SteadyStateSearch(XNASSearch):
    """A search in which the n-th child follows from n and the rows before it.

    How many rows those were is recorded with it in ``started.jsonl``, so that a run can
    be replayed.
    """

    @abc.abstractmethod
    def _breed(
        self, number: int, siblings: Sequence[Genotype], rng: np.random.Generator
    ) -> Candidate | None:
        """Breed a child of the population.

        Args:
            number: of the child, counting from 0.
            siblings: proposed with it; not to be proposed again.
            rng: the child's source of randomness.

        Returns:
            ``None`` while there is nothing to breed from, or nothing new comes of it.
        """

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, number])

    def _propose(self, count: int) -> list[Candidate]:
        proposed: list[Candidate] = []
        for number in range(self.next_id, self.next_id + count):
            siblings = [candidate.genotype for candidate in proposed]
            rng = self._rng(number)
            child = self._breed(number, siblings, rng) or self._draw(siblings, rng)
            if child is None:
                break
            proposed.append(child)
        return proposed

    def _draw(
        self, siblings: Sequence[Genotype], rng: np.random.Generator
    ) -> Candidate | None:
        drawn = draw_new(
            self.n_choices, 1, rng, self.is_new, self.form_of, excluded=siblings
        )
        return Candidate(drawn[0]) if drawn else None

    def _restore(self, earlier: Earlier) -> dict[int, Candidate]:
        for one in earlier.evaluated:
            self.observe(one)
        return earlier.in_flight
