"""Multi-objective Bayesian optimisation of architectures.

Each objective has a Gaussian process over distances between networks. Of networks near
the best ones, that one is trained next whose values, drawn from the processes, promise
the largest gain of hypervolume, measured by random scalarisations (Golovin and Zhang,
*Random Hypervolume Scalarizations for Provable Multi-Objective Black Box Optimization*,
ICML 2020). Networks in flight count with the values drawn for them.
"""

from collections.abc import Hashable, Iterator, Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.distances import Distances
from xnas.gaussian_process import Hyperparameters
from xnas.records import Candidate, Evaluation, Genotype
from xnas.searches.base import Bred
from xnas.searches.steady_state import SteadyStateSearch
from xnas.surrogate import (
    CHOOSING_ROWS,
    Known,
    Surrogate,
    chosen_hyperparameters,
    known_networks,
    one_thread,
)

START = 12
"""Networks drawn at random before anything is proposed."""

FEWEST_ROWS = 8
"""Rows without which nothing is proposed either."""

GROWTH_OF_MODEL, GROWTH_OF_CHOICE = 1.02, 1.5
"""Of the number of rows until the model is made anew, and its hyperparameters are."""

N_EDITED, N_CROSSED, N_DRAWN = 320, 32, 32
"""Sizes of the pool's parts: neighbours of the best, crossovers, random networks."""

N_NEIGHBOURED, N_CROSSING = 20, 50
"""How many of the best rows have neighbours in the pool, and are crossed."""

N_SHORTLISTED = 192
N_PENDING = 192
"""Most networks in flight whose values are drawn."""

N_DIRECTIONS = 64
N_DRAWS = 32
DIGITS = 9
"""To which gains are rounded, so that rounding errors decide nothing."""

MARGIN = 0.1
"""From the worst value that counts to the reference, in scaled units."""

Floats = NDArray[np.float64]


class MOBO(SteadyStateSearch):
    """Multi-objective Bayesian optimisation, one network at a time.

    What is proposed follows from the seed, the candidate's number, the evaluations
    told before and what is in flight.

    Args:
        *args: see :class:`~xnas.searches.base.Search`.
        **kwargs: likewise.
    """

    one_by_one = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.n_random = START
        self._rows: list[Evaluation] = []
        self._pending: dict[int, Genotype] = {}
        self._distances = Distances(
            self.networks.features_of, len(self.networks.n_choices)
        )
        self._hyperparameters: tuple[int, list[Hyperparameters]] = (0, [])
        self._model: tuple[int, Surrogate] | None = None
        self._prepared: (
            tuple[tuple[int, Surrogate], list[Genotype], np.random.Generator] | None
        ) = None

    def tell(self, evaluation: Evaluation) -> None:
        """Learn from an evaluation."""
        super().tell(evaluation)
        self._rows.append(evaluation)
        self._pending.pop(evaluation.id, None)

    def restore(
        self, evaluations: Sequence[Evaluation], started: Sequence[Candidate]
    ) -> None:
        """Know the rows; count what was handed out besides as in flight."""
        super().restore(evaluations, started)
        self._pending = {one.id: one.genotype for one in started}
        self._prepared = None

    def new_candidate(self, *args: Any, **kwargs: Any) -> Candidate:
        """Count a candidate as in flight."""
        candidate = super().new_candidate(*args, **kwargs)
        self._pending[candidate.id] = candidate.genotype
        return candidate

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, 2, number])

    def prepare(self) -> None:
        """Find the next proposal's pool, and what the model says of the networks there.

        None of it depends on the next evaluation, unless that makes the model anew.
        """
        steps = {_last_step(len(self._rows) + k, GROWTH_OF_MODEL) for k in range(2)}
        if self._is_learning and len(steps) == 1:
            with one_thread():
                model = self._fitted()
                pool, _ = self._next_pool(model, self._rng(self.n_asked))
                if pool:
                    model.hopes([*pool, *self._pending.values()])

    def _breed(self, rng: np.random.Generator) -> Bred | None:
        if not self._is_learning:
            return None
        with one_thread():
            model = self._fitted()
            pool, rng = self._next_pool(model, rng)
            self._prepared = None  # its source of randomness is used up
            if not pool:
                return None
            return pool[self._most_promising(model, pool, rng)], ()

    @property
    def _is_learning(self) -> bool:
        return self.n_asked >= START and len(self._rows) >= FEWEST_ROWS

    def _next_pool(
        self, model: Surrogate, rng: np.random.Generator
    ) -> tuple[list[Genotype], np.random.Generator]:
        """Return the next proposal's pool, and its source of randomness after that."""
        key = self.n_asked, model
        if self._prepared is None or self._prepared[0] != key:
            self._prepared = key, self._pool(model, rng), rng
        return self._prepared[1:]

    def _fitted(self) -> Surrogate:
        """Return the model of as many rows as their number demands, and no others."""
        count = _last_step(len(self._rows), GROWTH_OF_MODEL)
        if self._model is None or self._model[0] != count:
            choosing = _last_step(count, GROWTH_OF_CHOICE)
            if self._hyperparameters[0] != choosing:
                known = self._known(max(0, choosing - CHOOSING_ROWS), choosing)
                found = chosen_hyperparameters(known, self._distances)
                self._hyperparameters = choosing, found
            known = self._known(0, count)
            model = Surrogate(known, self._distances, self._hyperparameters[1])
            self._model = count, model
        return self._model[1]

    def _known(self, first: int, end: int) -> Known:
        """Return what the rows from ``first`` to before ``end`` tell."""
        return known_networks(self._rows[first:end], len(self.objectives))

    def _pool(self, model: Surrogate, rng: np.random.Generator) -> list[Genotype]:
        """Collect different new networks that are worth a look."""
        pool: dict[Hashable, Genotype] = {}
        for source, count in (
            (self._edited(model.ranked[:N_NEIGHBOURED], rng), N_EDITED),
            (self._crossed(model.ranked[:N_CROSSING], rng), N_CROSSED),
            (self._random(rng), N_DRAWN),
        ):
            size = len(pool) + count
            for genotype in source:
                form = self.networks.new_form_of(genotype)
                if form is not None:
                    pool.setdefault(form, genotype)
                    if len(pool) == size:
                        break
        return list(pool.values())

    def _edited(
        self, parents: Sequence[Genotype], rng: np.random.Generator
    ) -> Iterator[Genotype]:
        """Name all neighbours in one choice, in random order."""
        n_choices = self.networks.n_choices
        steps = [
            (node, step) for node, n in enumerate(n_choices) for step in range(1, n)
        ]
        for i in rng.permutation(len(parents) * len(steps)).tolist():
            parent, (node, step) = parents[i // len(steps)], steps[i % len(steps)]
            choice = (parent[node] + step) % n_choices[node]
            yield (*parent[:node], choice, *parent[node + 1 :])

    def _crossed(
        self, parents: Sequence[Genotype], rng: np.random.Generator
    ) -> Iterator[Genotype]:
        """Cross pairs uniformly, and mutate one choice of each child on average."""
        if len(parents) < 2:
            return
        table = np.array(parents)
        n_choices = np.array(self.networks.n_choices)
        for _ in range(4 * N_CROSSED):
            pair = table[rng.choice(len(table), 2, replace=False)]
            child = np.where(rng.random(len(n_choices)) < 0.5, *pair)
            mutates = rng.random(len(n_choices)) < 1 / len(n_choices)
            child = np.where(mutates, rng.integers(0, n_choices), child)
            yield tuple(child.tolist())

    def _random(self, rng: np.random.Generator) -> Iterator[Genotype]:
        shape = (4 * N_DRAWN, len(self.networks.n_choices))
        choices = rng.integers(0, self.networks.n_choices, size=shape)
        yield from map(tuple, choices.tolist())

    def _most_promising(
        self,
        model: Surrogate,
        pool: Sequence[Genotype],
        rng: np.random.Generator,
    ) -> int:
        """Return the position of the network with the largest expected gain."""
        n_rows = len(self._rows)
        later = self._known(_last_step(n_rows, GROWTH_OF_MODEL), n_rows)
        best_known = np.concatenate([model.front, model.scale(later.means)])
        # The median of all is 0.
        reference = np.minimum(0, model.front.min(axis=0)) - MARGIN
        directions = np.abs(rng.standard_normal((N_DIRECTIONS, len(reference))))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        reached = _scalarised(best_known, reference, directions).max(axis=0)

        known = [*pool, *self._pending.values()]
        hopes = _scalarised(model.hopes(known), reference, directions)
        gains = np.maximum(0, hopes - reached).mean(axis=1)
        short = _largest(gains[: len(pool)], N_SHORTLISTED)
        pending = len(pool) + _largest(gains[len(pool) :], N_PENDING)
        chosen = np.concatenate([short, pending])
        shape = (len(reference), N_DRAWS // 2, len(chosen))
        normal = rng.standard_normal(shape)
        normal = np.concatenate([normal, -normal], axis=1)
        drawn = model.drawn([known[i] for i in chosen], normal)
        gains = np.empty((N_DRAWS, len(short), N_DIRECTIONS))
        # One by one, since what fits into the processor's cache takes half the time.
        for draw, gain in zip(drawn, gains, strict=True):
            values = _scalarised(draw, reference, directions)
            best = np.maximum(reached, values[len(short) :].max(axis=0, initial=0))
            np.subtract(values[: len(short)], best, out=gain)
            np.maximum(0, gain, out=gain)
        gains = gains.mean(axis=(0, 2))
        return int(short[np.argmax(np.round(gains, DIGITS))])


def _largest(gains: Floats, count: int) -> NDArray[np.int64]:
    """Return the positions of the largest gains, ascending."""
    order = np.argsort(-np.round(gains, DIGITS), kind="stable")
    return np.sort(order[:count])


def _scalarised(z: Floats, reference: Floats, directions: Floats) -> Floats:
    """Return s_w(z) = min_j (max(0, z_j − r_j) / w_j)^m, Golovin and Zhang's eq. 3.

    Args:
        z: (..., objectives) float64.
        reference: (objectives,) float64, r.
        directions: (directions, objectives) float64, w.

    Returns:
        (..., directions) float64.
    """
    above = np.maximum(0, z - reference)
    lowest = above[..., 0, None] / directions[:, 0]
    other = np.empty_like(lowest)
    for j in range(1, len(reference)):
        np.divide(above[..., j, None], directions[:, j], out=other)
        np.minimum(lowest, other, out=lowest)
    lowest **= len(reference)
    return np.asarray(lowest)


def _last_step(count: int, growth: float) -> int:
    """Return the last number up to ``count`` of a series that grows by a factor."""
    step = following = FEWEST_ROWS
    while following <= count:
        step, following = following, max(following + 1, ceil(growth * following))
    return step
