"""NSGA-II over architectures (Deb et al., 2002), generation by generation."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from xnas.records import Candidate, Evaluation
from xnas.searches.base import (
    Bred,
    Option,
    Search,
    checked_population_size,
    whole_number,
)
from xnas.searches.mating import mate
from xnas.searches.survival import select_survivors
from xnas.searches.variation import VARIATIONS


class GeneticSearch(Search):
    """A search with a population and a way to make children of it.

    Args:
        *args: see :class:`~xnas.searches.base.Search`.
        population_size: of the population.
        variation: one of :data:`~xnas.searches.variation.VARIATIONS`.
        **kwargs: likewise.

    Raises:
        ValueError: an argument cannot be used.
    """

    options = (
        Option(
            "population_size", 64, "size of the population", whole_number(2), None, "N"
        ),
        Option(
            "variation",
            "sbx",
            "how children differ from their parents: by simulated binary crossover and "
            "polynomial mutation, or by one other operation, all as likely",
            choices=tuple(VARIATIONS),
        ),
    )

    def __init__(
        self,
        *args: Any,
        population_size: int = 64,
        variation: str = "sbx",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if variation not in VARIATIONS:
            raise ValueError(
                f"variation is {variation!r}, expected one of {', '.join(VARIATIONS)}"
            )
        self.population_size = checked_population_size(population_size)
        self.n_random = self.population_size
        self.variation = variation
        self._population: list[Evaluation] = []

    def _mate(self, count: int, rng: np.random.Generator) -> list[Bred]:
        """Breed up to ``count`` new networks of the population."""
        variation = VARIATIONS[self.variation]
        children = mate(self._population, self.networks, count, rng, variation)
        return list(children.items())


class NSGAII(GeneticSearch):
    """Multi-objective genetic search with non-dominated sorting.

    The next generation, as large as the population, is a function of the seed, its
    number and the evaluations before it; the order in which those ended does not
    matter.

    Args:
        *args: see :class:`GeneticSearch`.
        **kwargs: likewise.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.generation = -1
        self._offspring: list[Evaluation] = []
        self._bred: list[Bred] = []
        self._awaited = 0

    def ask(self, n: int) -> list[Candidate]:
        """Hand out what is left of the generation; breed the next when it has ended."""
        if not self._awaited and not self._bred:
            self._bred = self._next_generation()
        handed_out, self._bred = self._bred[:n], self._bred[n:]
        self._awaited += len(handed_out)
        return [
            self.new_candidate(genotype, parents, self.generation)
            for genotype, parents in handed_out
        ]

    def tell(self, evaluation: Evaluation) -> None:
        """Count an evaluation among the offspring."""
        super().tell(evaluation)
        if evaluation.replicate == 0:
            self._offspring.append(evaluation)
            self._awaited -= 1

    def restore(
        self, evaluations: Sequence[Evaluation], started: Sequence[Candidate]
    ) -> None:
        """Live through the generations on record; breed what the last one lacks.

        What was handed out is on record and is not bred again.
        """
        first = [one for one in evaluations if one.replicate == 0]
        known = [*first, *started]
        self.n_told = len(evaluations)
        if not known:
            return
        last = max(one.generation or 0 for one in known)
        for number in range(last):
            self._select_survivors(number - 1)
            self._offspring = [one for one in first if (one.generation or 0) == number]
        recorded = [one for one in known if (one.generation or 0) == last]
        self.networks.forbid(
            one.genotype for one in known if (one.generation or 0) < last
        )
        self.generation = last - 1
        bred = self._next_generation()
        self.networks.forbid(one.genotype for one in recorded)
        missing = [one for one in bred if self.networks.is_new(one[0])]
        self._bred = missing[: max(0, self.population_size - len(recorded))]
        self._offspring = [one for one in recorded if isinstance(one, Evaluation)]
        self._awaited = len(recorded) - len(self._offspring)
        self.next_id = 1 + max(one.id for one in [*evaluations, *started])

    def _select_survivors(self, generation: int) -> np.random.Generator:
        """Let the offspring compete; return the generation's source of randomness."""
        rng = np.random.default_rng([self.seed, generation + 1])
        offspring = sorted(self._offspring, key=lambda one: one.id)
        self._offspring = []
        self._population = select_survivors(
            [*self._population, *offspring], self.population_size, rng
        )
        return rng

    def _next_generation(self) -> list[Bred]:
        rng = self._select_survivors(self.generation)
        self.generation += 1
        children = self._mate(self.population_size, rng)
        # Mating stops short in a small or nearly exhausted space.
        missing = self.population_size - len(children)
        excluded = [genotype for genotype, _ in children]
        strangers = self.networks.draw(missing, rng, excluded)
        return [*children, *((genotype, ()) for genotype in strangers)]
