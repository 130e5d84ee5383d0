"""Class activations of whichever network was chosen, traced once for all."""

from collections import Counter
from collections.abc import Callable
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.space.checks import Shape
from xnas.supernet.network import Supernet
from xnas.supernet.tracing import traced_whole
from xnas.training.data import TaskData
from xnas.xai.compiled import Grouping, groups_of, summing_precision
from xnas.xai.per_class import ClassActivations

BATCH_SIZE = 128
"""Examples at a time."""


class SupernetScorer:
    """Sums the activations of each class.

    A batch runs twice: its predictions are needed before anything can be summed, and
    with them nothing of the size examples × features has to be kept.

    Args:
        supernet: all networks.
        data: the task's data.
        group_by: what decides an example's class.
        split: which of the data, ``train`` or ``valid``.
    """

    def __init__(
        self,
        supernet: Supernet,
        data: TaskData,
        group_by: Grouping,
        split: str = "valid",
    ) -> None:
        self._supernet = supernet
        self._n_classes = data.n_classes
        self._examples = data.examples(split)
        self._group_by = group_by
        self._sums = traced_whole(self._sums_of_batch, tf.TensorSpec((None,), tf.int64))

    def _sums_of_batch(self, index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x, y = self._examples.gather(index)
        n_classes = self._n_classes
        by_prediction = self._group_by == "prediction"
        scores = self._supernet(x, training=False) if by_prediction else None
        groups = groups_of(scores, y, self._group_by, n_classes)
        members = tf.one_hot(groups, n_classes, dtype=summing_precision())
        return tf.reduce_sum(members, axis=0), self._supernet.sums(x, members)

    def collect(self, index: NDArray[np.int64]) -> ClassActivations:
        """Collect the class activations of the chosen network.

        Args:
            index: (n,) which examples to use.

        Returns:
            Sums for each class with an example, layer by layer in the order of the
            space's graph.
        """
        counts = np.zeros(self._n_classes)
        totals: NDArray[np.float64] | float = 0.0
        for start in range(0, len(index), BATCH_SIZE):
            seen, sums = self._sums(tf.constant(index[start : start + BATCH_SIZE]))
            counts += seen.numpy()
            totals = totals + sums.numpy().astype(np.float64)
        return self._cut(counts, np.asarray(totals))

    def _cut(
        self, counts: NDArray[np.float64], totals: NDArray[np.float64]
    ) -> ClassActivations:
        classes = np.flatnonzero(counts)
        found = columns_of(self._supernet)
        return ClassActivations(
            classes=classes.astype(np.int64),
            counts=counts[classes].astype(np.int64),
            layer_names=[name for name, _, _ in found],
            layer_sizes=[prod(shape) for _, shape, _ in found],
            sums=[totals[classes, columns] for *_, columns in found],
        )


def outputs_of_layers(
    supernet: Supernet, spec: Any
) -> Callable[[Any], dict[str, NDArray]]:
    """Trace what the layers of interest of the chosen network give.

    Args:
        supernet: all networks.
        spec: of a batch of inputs.

    Returns:
        Maps a batch of inputs to name of the layer to (batch, ...).
    """

    def run(inputs: Any) -> tf.Tensor:
        alone = tf.ones(tf.shape(tf.nest.flatten(inputs)[0])[:1], keras.config.floatx())
        return supernet.sums(inputs, alone)

    graph = traced_whole(run, spec)

    def outputs(inputs: Any) -> dict[str, NDArray]:
        values = graph(inputs).numpy()
        return {
            name: values[:, columns].reshape(len(values), *shape)
            for name, shape, columns in columns_of(supernet)
        }

    return outputs


def columns_of(supernet: Supernet) -> list[tuple[str, Shape, slice]]:
    """List the chosen network's layers of interest: name, shape, columns of sums."""
    starts, column = {}, 0
    for node in supernet.plan.nodes:
        starts[node.step] = column
        column += node.operations.n_features
    called: Counter[str] = Counter()
    found = []
    for node, number in supernet.active:
        start = starts[node.step]
        for layer, shape in node.operations.branch(number).features:
            name = node.name(layer)
            nth = called[name]
            called[name] += 1
            columns = slice(start, start + prod(shape))
            found.append((f"{name}:{nth}" if nth else name, shape, columns))
            start = columns.stop
    return found
