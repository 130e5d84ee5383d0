"""Regularised evolution (Real et al., AAAI 2019) on a weighted sum of objectives."""

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from xnas.nas_deephyper.steady_state import SteadyStateSearch
from xnas.problem import NaProblem
from xnas.searches.candidates import (
    DRAWS_PER_CANDIDATE,
    Candidate,
    Evaluated,
    Genotype,
)

POPULATION_SIZE = 10
SAMPLE_SIZE = 5
WEIGHT_PERF = 0.5
WEIGHT_XAI = 5.0
WORST = -1e6
"""Stands for −inf in the weighted sum, so that its terms can still be compared."""


class RegularizedEvolutionXNAS(SteadyStateSearch):
    """Ageing evolution: the best of a sample begets a child, the oldest leaves.

    The random stream of each child comes from the seed and the child's number.

    Args:
        problem: the task.
        random_state: seed of everything random; drawn and recorded if ``None``.
        log_dir: the run folder; must not hold a run yet.
        verbose: passed to DeepHyper.
        population_size: how many of the latest evaluations may be parents.
        sample_size: how many of those compete to be the parent.
        weight_perf: weight of the task's objective.
        weight_xai: weight of introspectability.
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
        sample_size: int = SAMPLE_SIZE,
        weight_perf: float = WEIGHT_PERF,
        weight_xai: float = WEIGHT_XAI,
        **kwargs: Any,
    ) -> None:
        if not 1 <= sample_size <= population_size:
            raise ValueError(
                f"sample_size is {sample_size}, expected 1 to population_size "
                f"({population_size})"
            )
        super().__init__(
            problem,
            random_state,
            log_dir,
            verbose,
            population_size=population_size,
            **kwargs,
        )
        self.sample_size = sample_size
        self.weight_perf = weight_perf
        self.weight_xai = weight_xai
        self._population: deque[Evaluated] = deque(maxlen=population_size)

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the search's course, as recorded in ``init_infos.json``."""
        return {
            **super().settings,
            "sample_size": self.sample_size,
            "weight_perf": self.weight_perf,
            "weight_xai": self.weight_xai,
        }

    def _observe(self, evaluated: Evaluated) -> None:
        if evaluated.objectives is not None:
            self._population.append(evaluated)

    def _breed(
        self, number: int, siblings: Sequence[Genotype], rng: np.random.Generator
    ) -> Candidate | None:
        if number < self.population_size or len(self._population) < self.sample_size:
            return None
        forms = set(map(self.form_of, siblings))
        parent = self._tournament(rng)
        for _ in range(DRAWS_PER_CANDIDATE):
            genotype = self._mutate(parent.candidate.genotype, rng)
            if self.is_new(genotype) and self.form_of(genotype) not in forms:
                return Candidate(genotype, (parent.id,))
        return None

    def _tournament(self, rng: np.random.Generator) -> Evaluated:
        picks = rng.choice(len(self._population), self.sample_size, replace=False)
        sample = [self._population[i] for i in sorted(picks)]
        objectives = np.array([one.objectives for one in sample])
        objectives = np.maximum(objectives, WORST)
        weights = [self.weight_perf, self.weight_xai][: objectives.shape[1]]
        return sample[int(np.argmax(objectives @ weights))]

    def _mutate(self, genotype: Genotype, rng: np.random.Generator) -> Genotype:
        """Give one variable node another of its choices."""
        variable = [i for i, n in enumerate(self.n_choices) if n > 1]
        node = int(rng.choice(variable))
        step = int(rng.integers(1, self.n_choices[node]))
        child = list(genotype)
        child[node] = (child[node] + step) % self.n_choices[node]
        return tuple(child)
