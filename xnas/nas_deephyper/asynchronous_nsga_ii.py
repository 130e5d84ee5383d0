"""NSGA-II without generations: whenever a worker is free, it gets a child."""

from typing import Any

import numpy as np

from xnas.nas_deephyper.candidates import Candidate, Evaluated, draw_new
from xnas.nas_deephyper.genetics import mate, select_survivors
from xnas.nas_deephyper.nsga_ii import POPULATION_SIZE, checked_population_size
from xnas.nas_deephyper.resuming import Earlier
from xnas.nas_deephyper.xnas import XNASSearch
from xnas.problem import NaProblem

CHILD, SURVIVAL = 0, 1
"""What a stream of random numbers is for."""


class AsynchronousNSGAII(XNASSearch):
    """Steady-state NSGA-II: survivors are chosen anew at every evaluation that ends.

    The n-th child is a function of the seed, n, the rows before it and what was handed
    out before it; how many rows those were is recorded with it in ``started.jsonl``,
    so that a run can be replayed.

    Args:
        problem: the task.
        random_state: seed of everything random; drawn and recorded if ``None``.
        log_dir: the run folder; must not hold a run yet.
        verbose: passed to DeepHyper.
        population_size: members of the population; as many are drawn at random first.
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
        self.population_size = checked_population_size(population_size)
        super().__init__(problem, random_state, log_dir, verbose, **kwargs)
        self._population: list[Evaluated] = []

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the search's course, as recorded in ``init_infos.json``."""
        return {**super().settings, "population_size": self.population_size}

    def _propose(self, count: int) -> list[Candidate]:
        proposed: list[Candidate] = []
        for number in range(self.next_id, self.next_id + count):
            child = self._child(number, proposed)
            if child is None:
                break
            proposed.append(child)
        return proposed

    def _child(self, number: int, proposed: list[Candidate]) -> Candidate | None:
        rng = np.random.default_rng([self.seed, CHILD, number])
        siblings = [candidate.genotype for candidate in proposed]
        if number >= self.population_size:
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
        drawn = draw_new(
            self.n_choices, 1, rng, self.is_new, self.form_of, excluded=siblings
        )
        return Candidate(drawn[0]) if drawn else None

    def _observe(self, evaluated: Evaluated) -> None:
        rng = np.random.default_rng([self.seed, SURVIVAL, self.n_observed])
        self._population = select_survivors(
            [*self._population, evaluated], self.population_size, rng
        )

    def _restore(self, earlier: Earlier) -> dict[int, Candidate]:
        for one in earlier.evaluated:
            self.observe(one)
        return earlier.in_flight
