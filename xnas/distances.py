"""How much networks differ."""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from xnas.records import Genotype

Features = tuple[frozenset[Hashable], frozenset[Hashable]]
"""Choices of a network, one a variable node, and parts of its structure."""

DIFFERING_FEATURES = 8
"""Features of structure that count as much as all choices together."""


class Table(NamedTuple):
    """Features of networks.

    Attributes:
        weights: (networks, features) by which each feature counts, 0 where missing.
        sizes: (networks,) sums of these.
    """

    weights: csr_array
    sizes: NDArray[np.float64]


class Distances:
    """Distances between networks: weighted sizes of symmetric differences.

    The distance is the mean of two: the share of variable nodes that choose
    differently, "not used" being a choice of its own; and the number of features of
    structure that one network has and the other lacks, a part of
    :data:`DIFFERING_FEATURES`.

    Args:
        features_of: returns those of a connected genotype.
        n_nodes: number of variable nodes.
    """

    def __init__(
        self, features_of: Callable[[Genotype], Features], n_nodes: int
    ) -> None:
        self._features_of = features_of
        self._columns: dict[Hashable, int] = {}
        # Whole numbers, so that sums do not depend on the order of columns.
        self._weights = DIFFERING_FEATURES, 2 * n_nodes
        self._unit = 1 / (4 * DIFFERING_FEATURES * n_nodes)

    def table(self, genotypes: Sequence[Genotype]) -> Table:
        """Look up what networks consist of.

        Args:
            genotypes: of connected networks.
        """
        columns: list[int] = []
        weights: list[int] = []
        starts = [0]
        for genotype in genotypes:
            parts = self._features_of(genotype)
            for weight, part in zip(self._weights, parts, strict=True):
                for feature in part:
                    column = self._columns.setdefault(feature, len(self._columns))
                    columns.append(column)
                weights += [weight] * len(part)
            starts.append(len(columns))
        shape = (len(genotypes), 1 << 20)
        found = csr_array((np.array(weights, float), columns, starts), shape=shape)
        return Table(found, np.asarray(found.sum(axis=1)))

    def between(self, some: Table, others: Table) -> NDArray[np.float64]:
        """Return distances.

        Returns:
            (networks of some, networks of others) float64.
        """
        held = others.weights.copy()
        held.data[:] = 1
        shared = (some.weights @ held.T).toarray()
        return np.asarray(
            (some.sizes[:, None] + others.sizes - 2 * shared) * self._unit
        )
