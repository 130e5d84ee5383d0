"""A search space whose networks are all known, so that searches can be judged."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.bookkeeping import make_problem
from benchmarks.simulated import Run
from xnas.errors import EvaluationError
from xnas.final_training.statistics import estimate
from xnas.pareto import hypervolume
from xnas.records import Genotype

Point = tuple[float, ...]


class KnownSpace:
    """The objectives of every connected cell of NAS-Bench-201.

    A network that predicts one class only has an introspectability of −inf, which not
    every search can take: it gets the lowest of the others instead.

    Args:
        run: the run function that knows them.
        by_network: whether the first genotype of a network speaks for all that build
            the same; a run function that trains or looks up networks needs no telling.
    """

    def __init__(self, run: Run, *, by_network: bool = False) -> None:
        self.problem = make_problem(n_nodes=4)
        self.space = self.problem.build_space()
        self.n_choices = [high + 1 for _, high in self.space.choices()]
        self._forms: dict[Genotype, Hashable] = {}
        genotypes = product(*map(range, self.n_choices))
        connected = list(filter(self.is_connected, genotypes))
        firsts: dict[Hashable, Genotype] = {}
        speakers = [
            firsts.setdefault(self.form_of(g), g) if by_network else g
            for g in connected
        ]
        found = [objectives_of(run, g) for g in speakers]
        self.n_objectives = max(map(len, found))
        # What failed has no number of its own.
        missing = (-np.inf,) * self.n_objectives
        points = np.array([point or missing for point in found])
        self.points = points[np.isfinite(points).all(axis=1)]
        self.mean = self.points.mean(axis=0)
        lowest = np.min(points, axis=0, where=np.isfinite(points), initial=np.inf)
        self.worst: Point = tuple(lowest.tolist())
        finite = np.maximum(points, lowest).tolist()
        self._found: dict[Genotype, Point] = {
            genotype: tuple(point)
            for genotype, point in zip(connected, finite, strict=True)
        }

    def is_connected(self, genotype: Sequence[int]) -> bool:
        """Whether a genotype has a path from input to output."""
        return self.space.is_connected(genotype)

    def objectives(self, genotype: Sequence[int]) -> Point:
        """Return all objectives, the worst of the space for what is no network."""
        return self._found.get(tuple(genotype), self.worst)

    def form_of(self, genotype: Genotype) -> Hashable:
        """Return what a connected genotype shares with all of the same network."""
        if genotype not in self._forms:
            self._forms[genotype] = self.space.canonical_form(genotype)
        return self._forms[genotype]

    def n_networks(self, genotypes: Iterable[Genotype]) -> int:
        """Count how many different networks genotypes stand for."""
        connected = filter(self.is_connected, set(genotypes))
        return len(set(map(self.form_of, connected)))

    def share(self, points: NDArray[np.float64], corner: ArrayLike) -> float:
        """Compute the hypervolume of points as a share of the whole space's.

        Args:
            points: (evaluations, objectives) float64.
            corner: the worst values that count.
        """
        return hypervolume(points, corner) / hypervolume(self.points, corner)


def objectives_of(run: Run, genotype: Sequence[int]) -> Point:
    """Return the objectives of a genotype, none where it failed."""
    try:
        output = run({"arch_seq": list(genotype), "job_id": 0})
    except EvaluationError:
        return ()
    if isinstance(output, dict):
        output = output["objective"]
    return tuple(map(float, output))


def in_words(values: NDArray[np.float64]) -> str:
    """Put the mean of shares and its 95 % interval into words.

    Args:
        values: (seeds,) shares.
    """
    found = estimate(values.tolist())
    half = found.interval[1] - found.mean if found.interval else float("nan")
    return f"{100 * found.mean:6.2f} ± {100 * half:.2f} %"
