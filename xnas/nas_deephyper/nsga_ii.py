"""NSGA-II over architectures (Deb et al., 2002), generation by generation."""

from typing import Any

import numpy as np

from xnas.errors import UsageError
from xnas.nas_deephyper.resuming import Earlier
from xnas.nas_deephyper.xnas import XNASSearch
from xnas.searches.candidates import Candidate, Evaluated, draw_new
from xnas.searches.operators import mate, select_survivors


class NSGAII(XNASSearch):
    """Multi-objective genetic search with non-dominated sorting.

    The next generation is a function of the seed, its number and the evaluations
    before it; the order in which those ended does not matter.

    Args:
        *args: see :class:`~xnas.nas_deephyper.xnas.XNASSearch`.
        **kwargs: likewise; a generation is as large as the population.

    Raises:
        UsageError: the folder holds a run.
        ValueError: another argument cannot be used.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.generation = -1
        self._population: list[Evaluated] = []
        self._queue: list[Candidate] = []
        self._awaited = 0
        self._offspring: list[Evaluated] = []

    def _propose(self, count: int) -> list[Candidate]:
        if self._awaited == 0:
            self._queue = self._next_generation()
            self._awaited = len(self._queue)
        handed, self._queue = self._queue[:count], self._queue[count:]
        return handed

    def _observe(self, evaluated: Evaluated) -> None:
        self._offspring.append(evaluated)
        self._awaited -= 1

    def _restore(self, earlier: Earlier) -> dict[int, Candidate]:
        generations: dict[int, list[Evaluated]] = {}
        for one in earlier.evaluated:
            generations.setdefault(one.candidate.generation or 0, []).append(one)
        if not generations:
            return {}
        last = max(generations)
        # What was bred is on record; only who survived has to be found out again.
        for generation in range(last):
            self.generation = generation
            self._select_survivors()
            self._offspring = generations.get(generation, [])
            self.forbid(one.candidate.genotype for one in self._offspring)
        first_id = sum(len(generations.get(k, [])) for k in range(last))
        self.generation = last - 1
        bred = dict(enumerate(self._next_generation(), first_id))
        for one in generations[last]:
            if bred.pop(one.id, None) != one.candidate:
                raise UsageError(
                    f"{self.folder.results}: evaluation {one.id} is none that this "
                    "search would have made, expected the table of the same search"
                )
        self._offspring = generations[last]
        self._awaited = len(bred)
        return bred

    def _select_survivors(self) -> np.random.Generator:
        """Let the offspring compete; return the generation's source of randomness."""
        rng = np.random.default_rng([self.seed, self.generation])
        offspring = sorted(self._offspring, key=lambda one: one.id)
        self._offspring = []
        self._population = select_survivors(
            [*self._population, *offspring], self.population_size, rng
        )
        return rng

    def _next_generation(self) -> list[Candidate]:
        self.generation += 1
        rng = self._select_survivors()
        children = mate(
            self._population,
            self.n_choices,
            self.population_size,
            rng,
            self.is_new,
            self.form_of,
        )
        # Mating stops short in a small or nearly exhausted space.
        strangers = draw_new(
            self.n_choices,
            self.population_size - len(children),
            rng,
            self.is_new,
            self.form_of,
            excluded=children,
        )
        lineage = {**children, **dict.fromkeys(strangers, ())}
        return [
            Candidate(genotype, parents, self.generation)
            for genotype, parents in lineage.items()
        ]
