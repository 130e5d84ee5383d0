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

Pair = tuple[float, float]


class KnownSpace:
    """Both objectives of every connected cell of NAS-Bench-201.

    A network that predicts one class only has an introspectability of −inf, which not
    every search can take: it gets the lowest of the others instead.

    Args:
        run: the run function that knows them.
        by_network: whether the first genotype of a network speaks for all that build
            the same; a run function that trains or looks up networks needs no telling.
    """

    def __init__(self, run: Run, *, by_network: bool = False) -> None:
        self.space = make_problem(n_nodes=4).build_space()
        self.n_choices = [high + 1 for _, high in self.space.choices()]
        self._forms: dict[Genotype, Hashable] = {}
        genotypes = product(*map(range, self.n_choices))
        connected = list(filter(self.is_connected, genotypes))
        firsts: dict[Hashable, Genotype] = {}
        speakers = [
            firsts.setdefault(self.form_of(g), g) if by_network else g
            for g in connected
        ]
        points = np.array([objectives_of(run, g) for g in speakers])
        self.points = points[np.isfinite(points).all(axis=1)]
        lowest = np.min(points, axis=0, where=np.isfinite(points), initial=np.inf)
        self.worst: Pair = (float(lowest[0]), float(lowest[1]))
        finite = np.maximum(points, lowest).tolist()
        self._found: dict[Genotype, Pair] = {
            genotype: (first, second)
            for genotype, (first, second) in zip(connected, finite, strict=True)
        }

    def is_connected(self, genotype: Sequence[int]) -> bool:
        """Whether a genotype has a path from input to output."""
        return self.space.is_connected(genotype)

    def objectives(self, genotype: Sequence[int]) -> Pair:
        """Return both objectives, the worst of the space for what is no network."""
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
            points: (evaluations, 2) objectives.
            corner: the worst values that count.
        """
        return hypervolume(points, corner) / hypervolume(self.points, corner)


def objectives_of(run: Run, genotype: Sequence[int]) -> Pair:
    """Return both objectives of a genotype, −inf where it failed."""
    try:
        output = run({"arch_seq": list(genotype), "job_id": 0})
    except EvaluationError:
        return -np.inf, -np.inf
    if isinstance(output, dict):
        output = output["objective"]
    return float(output[0]), float(output[1])


def in_words(values: NDArray[np.float64]) -> str:
    """Put the mean of shares and its 95 % interval into words.

    Args:
        values: (seeds,) shares.
    """
    found = estimate(values.tolist())
    half = found.interval[1] - found.mean if found.interval else float("nan")
    return f"{100 * found.mean:6.2f} ± {100 * half:.2f} %"
