"""Distances and similarities of all pairs of labels, each a few array operations.

The similarities are those of nltk's ``path_similarity``, ``lch_similarity`` and
``wup_similarity``, which take minutes for all pairs of 1,000 labels.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnas.xai.wordnet import path_similarity
from xnas_wordnet.closure import Closure

TAXONOMY_DEPTH = 19
"""The longest way to the root among all nouns of WordNet 3.0. The labels' own graph is
less deep, but Leacock and Chodorow divide by the depth of the whole taxonomy."""

_FAR = 200  # twice this still fits into 16 bits, and no way is as long


@dataclass(frozen=True)
class LabelDistances:
    """What is known of each pair of labels, as (labels, labels) arrays.

    Args:
        graph: int64 length of the shortest way through the label graph, along edges
            in either direction.
        path: float64, 1 / (1 + WordNet's path distance).
        lch: float64, Leacock and Chodorow's similarity.
        wup: float64, Wu and Palmer's similarity of row to column.
    """

    graph: NDArray[np.int64]
    path: NDArray[np.float64]
    lch: NDArray[np.float64]
    wup: NDArray[np.float64]


def label_distances(closure: Closure) -> LabelDistances:
    """Compute all distances and similarities between the labels.

    Args:
        closure: the labels and their graph.

    Returns:
        The arrays, rows and columns in the order of the labels.
    """
    ways = _path_distances(closure)
    labels = np.array(closure.labels)
    path = ways[:, labels]
    return LabelDistances(
        graph=graph_distances(closure),
        path=path_similarity(path),
        lch=_leacock_chodorow(path),
        wup=_wu_palmer(closure, ways),
    )


def graph_distances(closure: Closure) -> NDArray[np.int64]:
    """Measure the shortest ways through the label graph, its edges undirected.

    A way may lead down to a common hyponym and up again, which WordNet's path distance
    does not allow; so these are shorter for some pairs.

    Args:
        closure: the labels and their graph.

    Returns:
        (labels, labels) int64.
    """
    # Every synset counts as its own neighbour: what is reached stays reached.
    neighbours = [[synset] for synset in range(len(closure.names))]
    for synset, parents in enumerate(closure.parents):
        for parent in parents:
            neighbours[synset].append(parent)
            neighbours[parent].append(synset)
    flat = np.concatenate(neighbours)
    starts = np.cumsum([0, *map(len, neighbours[:-1])])
    labels = np.array(closure.labels)
    reached = np.arange(len(closure.names))[:, None] == labels
    distances = np.zeros(reached.shape, dtype=np.int16)
    while not reached.all():
        distances += ~reached
        reached = np.logical_or.reduceat(reached[flat], starts, axis=0)
    return distances[labels].T.astype(np.int64)


def path_distances(closure: Closure) -> NDArray[np.int64]:
    """Measure WordNet's path distances, the shortest ways through a common hypernym.

    Args:
        closure: the labels and their graph.

    Returns:
        (labels, labels) int64.
    """
    return _path_distances(closure)[:, list(closure.labels)]


def _path_distances(closure: Closure) -> NDArray[np.int64]:
    """Measure path distances from labels (rows) to all synsets (columns)."""
    upward = _upward_distances(closure)
    labels = np.array(closure.labels)
    shortest = np.full((len(labels), len(upward)), 2 * _FAR, dtype=np.int16)
    for ancestor in range(len(upward)):
        rows = np.flatnonzero(upward[labels, ancestor] < _FAR)
        columns = np.flatnonzero(upward[:, ancestor] < _FAR)
        ways = np.add.outer(upward[labels[rows], ancestor], upward[columns, ancestor])
        block = np.ix_(rows, columns)
        shortest[block] = np.minimum(shortest[block], ways)
    return shortest.astype(np.int64)


def _upward_distances(closure: Closure) -> NDArray[np.int16]:
    """Measure ways that only lead upwards, from synsets (rows) to synsets."""
    n_synsets = len(closure.names)
    upward = np.full((n_synsets, n_synsets), _FAR, dtype=np.int16)
    for synset in closure.top_down:
        for parent in closure.parents[synset]:
            np.minimum(upward[synset], upward[parent] + 1, out=upward[synset])
        upward[synset, synset] = 0
    return np.minimum(upward, _FAR)


def _leacock_chodorow(path: NDArray[np.int64]) -> NDArray[np.float64]:
    # One call of math.log a distance: numpy's log may differ in the last digit.
    by_distance = [
        -math.log((distance + 1) / (2.0 * TAXONOMY_DEPTH))
        for distance in range(int(path.max()) + 1)
    ]
    return np.array(by_distance)[path]


def _wu_palmer(closure: Closure, ways: NDArray[np.int64]) -> NDArray[np.float64]:
    subsumers = _subsumers(closure)
    depths = closure.max_depths[subsumers] + 1
    rows = np.arange(len(subsumers))
    from_row = ways[rows[:, None], subsumers]
    from_column = ways[rows[None, :], subsumers]
    return 2.0 * depths / (from_row + from_column + 2 * depths)


def _subsumers(closure: Closure) -> NDArray[np.int64]:
    """Find the common hypernym that nltk compares each pair of labels through."""
    labels = np.array(closure.labels)
    below = (_upward_distances(closure) < _FAR)[labels]
    subsumers = np.zeros((len(labels), len(labels)), dtype=np.int64)
    # The last one written stays: the deepest, among equals the first by name.
    order = np.lexsort((-np.arange(len(closure.names)), closure.min_depths))
    for synset in order:
        rows = np.flatnonzero(below[:, synset])
        subsumers[np.ix_(rows, rows)] = synset
    # A label that is one of several deepest subsumers goes first in its own row.
    own = closure.min_depths[subsumers] == closure.min_depths[labels][:, None]
    own &= below[:, labels].T
    return np.where(own, labels[:, None], subsumers)
