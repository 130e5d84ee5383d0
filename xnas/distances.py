"""How much networks differ."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from xnas.records import Genotype

Features = tuple[frozenset[Hashable], frozenset[Hashable]]
"""Choices of a network, one a variable node, and parts of its structure."""

DIFFERING_FEATURES = 8
"""Features of structure that count as much as all choices together."""


@dataclass(frozen=True)
class Table:
    """Features of networks.

    Args:
        weights: (networks, features) by which each feature counts, 0 where missing.
    """

    weights: csr_array

    @cached_property
    def sizes(self) -> NDArray[np.float64]:
        """(networks,) sums of weights."""
        return np.asarray(self.weights.sum(axis=1))

    @cached_property
    def held(self) -> csr_array:
        """(features, networks) 1 where a network has a feature."""
        held = self.weights.T.tocsr()
        held.data[:] = 1
        return held

    @cached_property
    def used(self) -> NDArray[np.int64]:
        """Ascending columns of the features that a network has."""
        return np.unique(self.weights.indices)

    @cached_property
    def dense(self) -> NDArray[np.float64]:
        """(used, networks) 1 where a network has a feature, else 0."""
        return np.asarray(self.held[self.used].toarray())

    def rows(self, positions: NDArray[np.int64]) -> "Table":
        """Return some of the networks."""
        return Table(self.weights[positions])


MOST_DENSE = 2**24
"""Numbers of a table of which zeros are written out, which multiplies faster."""

CACHED = 50_000
"""Networks whose features are kept: neighbours are looked up again and again."""


class NetworkDistances(ABC):
    """Distances between networks: weighted sizes of symmetric differences.

    The distance is the mean of two: the share of variable nodes that choose
    differently, "not used" being a choice of its own; and the number of features of
    structure that one network has and the other lacks, a part of
    :data:`DIFFERING_FEATURES`.

    Args:
        n_nodes: number of variable nodes.
    """

    def __init__(self, n_nodes: int) -> None:
        # Whole numbers, so that sums do not depend on the order of columns.
        self._weights = DIFFERING_FEATURES, 2 * n_nodes
        self._unit = 1 / (4 * DIFFERING_FEATURES * n_nodes)

    @abstractmethod
    def table(self, genotypes: Sequence[Genotype]) -> Table:
        """Look up what networks consist of.

        Args:
            genotypes: of connected networks.
        """

    def between(self, some: Table, others: Table) -> NDArray[np.float64]:
        """Return distances.

        Returns:
            (networks of some, networks of others) float64.
        """
        # Features that were found since a table was made are in none of its networks.
        width = max(some.weights.shape[1], others.held.shape[0])
        some.weights.resize((some.weights.shape[0], width))
        others.held.resize((width, others.held.shape[1]))
        size = len(others.used) * others.held.shape[1]
        if size < min(MOST_DENSE, some.weights.nnz * len(others.used)):
            shared = some.weights[:, others.used] @ others.dense
        else:
            shared = (some.weights @ others.held).toarray()
        shared *= -2
        shared += some.sizes[:, None]
        shared += others.sizes
        shared *= self._unit
        return np.asarray(shared)


class Distances(NetworkDistances):
    """Distances between networks whose features are found one by one.

    Args:
        features_of: returns those of a connected genotype.
        n_nodes: number of variable nodes.
    """

    def __init__(
        self, features_of: Callable[[Genotype], Features], n_nodes: int
    ) -> None:
        super().__init__(n_nodes)
        self._features_of = features_of
        self._looked_up = lru_cache(CACHED)(self._columns_of)
        self._columns: dict[Hashable, int] = {}

    def table(self, genotypes: Sequence[Genotype]) -> Table:
        """Look up what networks consist of.

        Args:
            genotypes: of connected networks.
        """
        found = [*map(self._looked_up, genotypes)]
        columns = np.concatenate([columns for columns, _ in found])
        weights = np.concatenate([weights for _, weights in found])
        starts = np.cumsum([0, *(len(columns) for columns, _ in found)])
        shape = (len(genotypes), len(self._columns))
        return Table(csr_array((weights, columns, starts), shape=shape))

    def _columns_of(
        self, genotype: Genotype
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the columns of a network's features, and their weights."""
        parts = self._features_of(genotype)
        columns = [
            self._columns.setdefault(feature, len(self._columns))
            for part in parts
            for feature in part
        ]
        weights = np.repeat(np.array(self._weights, np.float64), [*map(len, parts)])
        return np.array(columns, np.int64), weights


class DistancesAmong(NetworkDistances):
    """Distances among networks whose features were found together.

    Args:
        genotypes: of the networks.
        choices: (networks, n_nodes) int64, -1 where a node is not used.
        structure: rows of networks and the numbers of features that they have, int64
            and uint64 of equal length, no pair twice.
    """

    def __init__(
        self,
        genotypes: Sequence[Genotype],
        choices: NDArray[np.int64],
        structure: tuple[NDArray[np.int64], NDArray[np.uint64]],
    ) -> None:
        count, n_nodes = choices.shape
        super().__init__(n_nodes)
        self._row = {genotype: row for row, genotype in enumerate(genotypes)}
        codes = (choices + 1) * n_nodes + np.arange(n_nodes)
        known, columns = np.unique(codes, return_inverse=True)
        rows, numbers = structure
        distinct, more = np.unique(numbers, return_inverse=True)
        columns = np.concatenate([columns.ravel(), len(known) + more.ravel()])
        rows = np.concatenate([np.repeat(np.arange(count), n_nodes), rows])
        weights = np.repeat(
            np.array(self._weights, np.float64), [codes.size, len(numbers)]
        )
        shape = (count, len(known) + len(distinct))
        self._all = Table(csr_array((weights, (rows, columns)), shape=shape))

    def table(self, genotypes: Sequence[Genotype]) -> Table:
        """Look up what networks consist of.

        Args:
            genotypes: among those given before.
        """
        return self._all.rows(np.array([self._row[one] for one in genotypes]))
