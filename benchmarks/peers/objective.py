"""What every search asks: both objectives of a genotype, a limited number of times."""

from collections.abc import Sequence

from benchmarks.known_space import KnownSpace, Pair
from xnas.records import Genotype


class BudgetSpent(Exception):  # noqa: N818 (an end, not an error)
    """All evaluations were made; ends searches that know no end of their own."""


class Objective:
    """Evaluates genotypes, and remembers them in the order of evaluation.

    Args:
        known: the space.
        budget: how many evaluations there are.
    """

    def __init__(self, known: KnownSpace, budget: int) -> None:
        self.known = known
        self.budget = budget
        self.genotypes: list[Genotype] = []
        self.points: list[Pair] = []

    @property
    def n_choices(self) -> list[int]:
        """Number of choices of each variable node."""
        return self.known.n_choices

    def __call__(self, genotype: Sequence[int]) -> Pair:
        """Evaluate a genotype.

        Returns:
            Both objectives, to be maximised, finite.

        Raises:
            BudgetSpent: there is no evaluation left.
        """
        if len(self.points) == self.budget:
            raise BudgetSpent
        point = self.known.objectives(genotype)
        self.genotypes.append(tuple(map(int, genotype)))
        self.points.append(point)
        return point
