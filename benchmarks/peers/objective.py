"""What every search asks: a genotype's objectives, a limited number of times."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.known_space import Point
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.searches.regularized_evolution import WEIGHT_PERF, WEIGHT_XAI
from xnas.space import KSearchSpace


class Space(Protocol):
    """A space of whose front the hypervolume is known.

    Attributes:
        problem: has the space, for searches of XNAS.
        space: the search space.
        n_choices: number of choices of each variable node.
        n_objectives: of every genotype; all are maximised.
    """

    problem: NaProblem
    space: KSearchSpace
    n_choices: list[int]
    n_objectives: int

    @property
    def mean(self) -> Any:
        """(objectives,) float64, over all networks."""

    @property
    def worst(self) -> Any:
        """(objectives,) numbers, the least there is."""

    def objectives(self, genotype: Sequence[int]) -> Point:
        """Return all objectives of a genotype."""

    def n_networks(self, genotypes: Iterable[Genotype]) -> int:
        """Count how many different networks genotypes stand for."""

    def share(self, points: NDArray[np.float64], corner: ArrayLike) -> float:
        """Compute the hypervolume of points as a share of the whole space's."""


class BudgetSpent(Exception):  # noqa: N818 (an end, not an error)
    """All evaluations were made; ends searches that know no end of their own."""


class Objective:
    """Evaluates genotypes, and remembers them in the order of evaluation.

    Args:
        known: the space.
        budget: how many evaluations there are.
        weights: one an objective, for searches that maximise a sum.
        seconds: how long an evaluation takes, with several in flight.
        in_flight: how many evaluations are under way at a time.
    """

    def __init__(
        self,
        known: Space,
        budget: int,
        weights: Sequence[float] = (WEIGHT_PERF, WEIGHT_XAI),
        seconds: Callable[[Genotype], float] = lambda genotype: 1.0,
        in_flight: int = 1,
    ) -> None:
        self.known = known
        self.budget = budget
        self.weights = tuple(weights)
        self.seconds = seconds
        self.in_flight = in_flight
        self.genotypes: list[Genotype] = []
        self.points: list[Point] = []

    @property
    def n_choices(self) -> list[int]:
        """Number of choices of each variable node."""
        return self.known.n_choices

    @property
    def n_objectives(self) -> int:
        """How many objectives a genotype has."""
        return self.known.n_objectives

    def __call__(self, genotype: Sequence[int]) -> Point:
        """Evaluate a genotype.

        Returns:
            All objectives, to be maximised, finite.

        Raises:
            BudgetSpent: there is no evaluation left.
        """
        if len(self.points) == self.budget:
            raise BudgetSpent
        point = self.known.objectives(genotype)
        self.genotypes.append(tuple(map(int, genotype)))
        self.points.append(point)
        return point
