"""NSGA-II over architectures (Deb et al., 2002), generation by generation."""

from typing import Any

import numpy as np

from xnas.nas_deephyper.candidates import Candidate, Evaluated, draw_new
from xnas.nas_deephyper.genetics import mate, select_survivors
from xnas.nas_deephyper.xnas import XNASSearch
from xnas.problem import NaProblem

POPULATION_SIZE = 64


class NSGAII(XNASSearch):
    """Multi-objective genetic search with non-dominated sorting.

    The next generation is a function of the seed, its number and the evaluations
    before it; the order in which those ended does not matter.

    Args:
        problem: the task.
        random_state: seed of everything random; drawn and recorded if ``None``.
        log_dir: the run folder; must not hold a run yet.
        verbose: passed to DeepHyper.
        population_size: members of the population and of each generation.
        **kwargs: see :class:`~xnas.nas_deephyper.xnas.XNASSearch`.

    Raises:
        UsageError: the folder holds a run.
        ValueError: another argument cannot be used.
    """

    def __init__(
        self,
        problem: NaProblem,
        random_state: int | None = None,
        log_dir: str = ".",
        verbose: int = 0,
        *,
        population_size: int = POPULATION_SIZE,
        **kwargs: Any,
    ) -> None:
        if population_size < 2:
            raise ValueError(
                f"population_size is {population_size}, expected 2 or more"
            )
        super().__init__(problem, random_state, log_dir, verbose, **kwargs)
        self.population_size = population_size
        self.generation = -1
        self._population: list[Evaluated] = []
        self._queue: list[Candidate] = []
        self._awaited = 0
        self._offspring: list[Evaluated] = []

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the search's course, as recorded in ``init_infos.json``."""
        return {**super().settings, "population_size": self.population_size}

    def _propose(self, count: int) -> list[Candidate]:
        if self._awaited == 0:
            self._queue = self._next_generation()
            self._awaited = len(self._queue)
        handed, self._queue = self._queue[:count], self._queue[count:]
        return handed

    def _observe(self, evaluated: Evaluated) -> None:
        self._offspring.append(evaluated)
        self._awaited -= 1

    def _next_generation(self) -> list[Candidate]:
        self.generation += 1
        rng = np.random.default_rng([self.seed, self.generation])
        offspring = sorted(self._offspring, key=lambda one: one.id)
        self._offspring = []
        self._population = select_survivors(
            [*self._population, *offspring], self.population_size, rng
        )
        children = mate(
            self._population, self.n_choices, self.population_size, rng, self.is_new
        )
        # Mating stops short in a small or nearly exhausted space.
        strangers = draw_new(
            self.n_choices,
            self.population_size - len(children),
            rng,
            lambda genotype: genotype not in children and self.is_new(genotype),
        )
        lineage = {**children, **dict.fromkeys(strangers, ())}
        return [
            Candidate(genotype, parents, self.generation)
            for genotype, parents in lineage.items()
        ]
