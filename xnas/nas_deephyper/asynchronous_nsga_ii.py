"""NSGA-II without generations: whenever a worker is free, it gets a child."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from xnas.nas_deephyper.steady_state import SteadyStateSearch
from xnas.searches.candidates import Candidate, Evaluated, Genotype
from xnas.searches.operators import mate, select_survivors

CHILD, SURVIVAL = 0, 1
"""What a stream of random numbers is for."""


class AsynchronousNSGAII(SteadyStateSearch):
    """Steady-state NSGA-II: survivors are chosen anew at every evaluation that ends.

    As many networks as the population has members are drawn at random first.

    Args:
        *args: see :class:`~xnas.nas_deephyper.xnas.XNASSearch`.
        **kwargs: likewise.

    Raises:
        UsageError: the folder holds a run.
        ValueError: another argument cannot be used.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._population: list[Evaluated] = []

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, CHILD, number])

    def _breed(
        self, number: int, siblings: Sequence[Genotype], rng: np.random.Generator
    ) -> Candidate | None:
        if number < self.population_size:
            return None
        bred = mate(
            self._population,
            self.n_choices,
            1,
            rng,
            self.is_new,
            self.form_of,
            excluded=siblings,
        )
        for genotype, parents in bred.items():
            return Candidate(genotype, parents)
        return None

    def _observe(self, evaluated: Evaluated) -> None:
        rng = np.random.default_rng([self.seed, SURVIVAL, self.n_observed])
        self._population = select_survivors(
            [*self._population, evaluated], self.population_size, rng
        )
