"""Regularised evolution (Real et al., AAAI 2019) on a weighted sum of objectives."""

from collections import deque
from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from xnas.objectives import INTROSPECTABILITY, Objective
from xnas.records import Evaluation
from xnas.searches.base import Bred, Option, checked_population_size, whole_number
from xnas.searches.networks import DRAWS_PER_CANDIDATE
from xnas.searches.steady_state import SteadyStateSearch
from xnas.searches.variation import mutated

WEIGHT_PERF, WEIGHT_XAI = 0.5, 5.0
"""Of the task's objective and of introspectability, as in 2021."""

WORST = -1e6
"""Stands for −inf in the weighted sum, so that its terms can still be compared."""


def _weights(text: str) -> tuple[float, ...]:
    try:
        weights = tuple(float(word) for word in text.split(","))
    except ValueError:
        weights = ()
    if not weights or not all(isfinite(w) and w >= 0 for w in weights):
        raise ValueError(
            f"{text!r} found, expected numbers of at least 0, such as 0.5,5"
        )
    return weights


class RegularizedEvolution(SteadyStateSearch):
    """Ageing evolution: the best of a sample begets a child, the oldest leaves.

    The random stream of each child comes from the seed and the child's number.

    Args:
        networks: see :class:`~xnas.searches.base.Search`.
        objectives: likewise.
        seed: likewise.
        population_size: how many of the latest evaluations may be parents.
        sample_size: how many of those compete to be the parent.
        weights: one an objective; ``None`` for 2021's of the task's objective, which
            comes first, and introspectability.

    Raises:
        ValueError: an argument cannot be used.
    """

    options = (
        Option(
            "population_size", 10, "size of the population", whole_number(2), None, "N"
        ),
        Option(
            "sample_size",
            5,
            "members of the population that compete to be the parent",
            whole_number(1),
            metavar="N",
        ),
        Option(
            "weights",
            None,
            f"weights, one an objective in their order (default: {WEIGHT_PERF:g} for "
            f"the task's, {WEIGHT_XAI:g} for introspectability)",
            _weights,
            metavar="W[,W...]",
        ),
    )

    def __init__(
        self,
        networks: Any,
        objectives: Sequence[Objective],
        seed: int,
        *,
        population_size: int = 10,
        sample_size: int = 5,
        weights: Sequence[float] | None = None,
    ) -> None:
        super().__init__(networks, objectives, seed)
        self.population_size = checked_population_size(population_size)
        self.n_random = self.population_size
        if not 1 <= sample_size <= population_size:
            raise ValueError(
                f"sample_size is {sample_size}, expected 1 to population_size "
                f"({population_size})"
            )
        self.sample_size = sample_size
        self.weights = _one_an_objective(weights, objectives)
        self._population: deque[Evaluation] = deque(maxlen=population_size)

    def tell(self, evaluation: Evaluation) -> None:
        """Let an evaluation join, and the oldest leave."""
        super().tell(evaluation)
        if evaluation.objectives is not None and evaluation.replicate == 0:
            self._population.append(evaluation)

    def _breed(self, rng: np.random.Generator) -> Bred | None:
        is_early = self.n_asked < self.population_size
        if is_early or len(self._population) < self.sample_size:
            return None
        parent = self._tournament(rng)
        for _ in range(DRAWS_PER_CANDIDATE):
            genotype = mutated(parent.genotype, self.networks.n_choices, rng)
            if self.networks.is_new(genotype):
                return genotype, (parent.id,)
        return None

    def _tournament(self, rng: np.random.Generator) -> Evaluation:
        picks = rng.choice(len(self._population), self.sample_size, replace=False)
        sample = [self._population[i] for i in sorted(picks)]
        objectives = np.array([one.objectives for one in sample])
        objectives = np.where(np.isneginf(objectives), WORST, objectives)
        return sample[int(np.argmax(objectives @ self.weights))]


def _one_an_objective(
    weights: Sequence[float] | None, objectives: Sequence[Objective]
) -> list[float]:
    names = [objective.name for objective in objectives]
    if weights is None and names[1:] in ([], [INTROSPECTABILITY]):
        return [WEIGHT_PERF, WEIGHT_XAI][: len(names)]
    if weights is None or len(weights) != len(names):
        found = "none" if weights is None else ",".join(f"{w:g}" for w in weights)
        raise ValueError(
            f"weights are {found}, expected {len(names)}, one for each of "
            f"{', '.join(names)}"
        )
    if not any(weights):
        raise ValueError("weights are all 0, expected one above it")
    return [float(weight) for weight in weights]
