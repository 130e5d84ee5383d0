"""A large space of another shape than a cell's, whose exact front can be computed.

A chain of 14 blocks, each of which has one of four operations and may have a skip
connection around it: 28 variable nodes and 8¹⁴ = 4.4 · 10¹² networks, no two of them
equal. Each objective is a sum of what every block is worth and of what every pair of
neighbouring blocks is worth together, random numbers of equal variance; so that dynamic
programming along the chain finds the front.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.bookkeeping import load_data
from xnas.pareto import hypervolume, is_pareto_efficient
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.search_space_common import (
    Add,
    ConstantNode,
    Conv2D,
    Identity,
    KSearchSpace,
    SeparableConv2D,
    VariableNode,
    Zero,
)
from xnas.space.nas_bench_201_operations import Head

N_BLOCKS = 14
N_OPERATIONS = 4
N_STATES = 2 * N_OPERATIONS
"""Of a block: its operation, without and with a skip connection."""

CONFLICT = 0.5
"""What the second objective loses by the first."""

STREAM = 3_000_000
"""The random numbers of chains are their own."""

WIDTH = 16
"""Filters of every convolution."""


def create_search_space(
    input_shape: tuple[int, ...] = (8, 8, 1),
    output_shape: tuple[int, ...] = (10,),
    n_blocks: int = N_BLOCKS,
) -> KSearchSpace:
    """Make the space; the nodes of a block follow each other.

    Args:
        input_shape: of pictures.
        output_shape: (classes,).
        n_blocks: how many.
    """
    space = KSearchSpace(input_shape, output_shape)
    before = ConstantNode(Conv2D(3, WIDTH), name="stem")
    space.connect(space.input_nodes[0], before)
    for k in range(n_blocks):
        operation = VariableNode(name=f"operation_{k}")
        for one in (
            Conv2D(1, WIDTH),
            Conv2D(3, WIDTH),
            Conv2D(3, WIDTH, dilation_rate=2),
            SeparableConv2D(3, WIDTH),
        ):
            operation.add_op(one)
        skip = VariableNode(name=f"skip_{k}")
        skip.add_op(Zero())
        skip.add_op(Identity())
        total = ConstantNode(Add(space, [operation, skip]), name=f"sum_{k}")
        space.connect(before, operation)
        space.connect(before, skip)
        before = total
    space.connect(before, ConstantNode(Head(output_shape, False), name="head"))
    return space


def make_problem(n_blocks: int = N_BLOCKS) -> NaProblem:
    """Put the space into a problem."""
    problem = NaProblem()
    problem.load_data(load_data)
    problem.search_space(create_search_space, n_blocks=n_blocks)
    problem.hyperparameters(batch_size=1, learning_rate=0.1, num_epochs=1)
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    return problem


class Chain:
    """Two objectives of every network of the space.

    Args:
        seed: of the random numbers.
        n_blocks: of the chain.
    """

    def __init__(self, seed: int, n_blocks: int = N_BLOCKS) -> None:
        self.problem = make_problem(n_blocks)
        self.space = self.problem.build_space()
        self.n_choices = [high + 1 for _, high in self.space.choices()]
        self.n_objectives = 2
        rng = np.random.default_rng([STREAM, seed])
        self._alone = rng.standard_normal((n_blocks, N_STATES, 2))
        self._together = rng.standard_normal((n_blocks - 1, N_STATES, N_STATES, 2))
        for worth in (self._alone, self._together):
            worth[..., 1] -= CONFLICT * worth[..., 0]

    def objectives(self, genotype: Sequence[int]) -> tuple[float, ...]:
        """Return both objectives, to be maximised."""
        pairs = np.reshape(genotype, (-1, 2))
        states = pairs[:, 0] * 2 + pairs[:, 1]
        places = np.arange(len(states))
        alone = self._alone[places, states]
        together = self._together[places[:-1], states[:-1], states[1:]]
        first, second = (alone.sum(axis=0) + together.sum(axis=0)).tolist()
        return first, second

    @cached_property
    def front(self) -> NDArray[np.float64]:
        """(networks, 2) float64, both objectives of all that no other dominates.

        What is dominated among the beginnings that end in the same block's state stays
        so, however they go on.
        """
        fronts = [worth[None] for worth in self._alone[0]]
        for alone, together in zip(self._alone[1:], self._together, strict=True):
            fronts = [
                _efficient(
                    [
                        front + together[before, state] + alone[state]
                        for before, front in enumerate(fronts)
                    ]
                )
                for state in range(N_STATES)
            ]
        return _efficient(fronts)

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """(2,) float64, means over all networks."""
        return np.asarray(
            self._alone.mean(axis=1).sum(axis=0)
            + self._together.mean(axis=(1, 2)).sum(axis=0)
        )

    @cached_property
    def worst(self) -> NDArray[np.float64]:
        """(2,) float64, the least that a network has, or less."""
        return np.asarray(
            self._alone.min(axis=1).sum(axis=0)
            + self._together.min(axis=(1, 2)).sum(axis=0)
        )

    def n_networks(self, genotypes: Iterable[Genotype]) -> int:
        """Count different networks: all are different here."""
        return len(set(genotypes))

    def share(self, points: NDArray[np.float64], corner: ArrayLike) -> float:
        """Compute the hypervolume of points as a share of the whole space's.

        Args:
            points: (evaluations, 2) objectives.
            corner: the worst values that count.
        """
        return hypervolume(points, corner) / hypervolume(self.front, corner)


def _efficient(fronts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    points = np.concatenate(fronts)
    return points[is_pareto_efficient(points)]
