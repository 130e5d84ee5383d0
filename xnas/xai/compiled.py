"""The compiled half of the pass over the data: batch in, sums for each class out."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.xai.layers import layers_of_interest
from xnas.xai.per_class import ClassActivations
from xnas.xai.recording import (
    LayerCall,
    class_sums,
    features_of,
    record,
    tensors_to_average,
)

Grouping: TypeAlias = Literal["prediction", "label"]
BatchSums: TypeAlias = tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]


HALF = 0.5
"""The chance above which one output decides for class 1."""


@dataclass(frozen=True)
class CompiledSums:
    """A model compiled together with the summing of its activations.

    It holds the model's variables, so it follows their values, but not the model.

    Args:
        n_classes: outputs of the model; two where it has one.
        calls: the calls of layers of interest, inputs first.
        listed: the same in the order of :func:`xnas.xai.layers.layers_of_interest`.
        averaged: the symbolic tensors that the graph sums; the other calls follow.
        sums_of_batch: concrete function that maps a batch (x, y) to the classes
            present (c,) int64, the examples of each (c,) int32, and their sum for
            each averaged tensor, (c, features) floats.
        add_to_totals: tf.function that adds such sums to the rows of (classes,
            features) float64 variables.
    """

    n_classes: int
    calls: list[LayerCall]
    listed: list[LayerCall]
    averaged: list[tf.Tensor]
    sums_of_batch: Any
    add_to_totals: Any

    @property
    def features(self) -> int:
        """Features an example of all calls."""
        return sum(call.size for call in self.calls)

    def start(self) -> "RunningSums":
        """Begin a pass."""
        return RunningSums(self)


def compile_sums(model: keras.Model, spec: Any, group_by: Grouping) -> CompiledSums:
    """Trace a model and the summing of its activations into one graph.

    Args:
        model: a functional or sequential classifier with one output.
        spec: the tf.TensorSpec of (x, y), with batch dimensions left open.
        group_by: what decides an example's class.

    Returns:
        The graph and what is needed to read its sums.

    Raises:
        ValueError: an output of interest has no fixed shape, or the labels no form
            that is known.
    """
    # One output decides between two classes.
    n_classes = max(2, model.outputs[0].shape[-1])
    precision = summing_precision()
    calls: list[LayerCall] = []
    averaged: list[tf.Tensor] = []

    def sums_of_batch(x: Any, y: tf.Tensor) -> BatchSums:
        (scores,), calls[:] = record(model, x)
        averaged[:] = tensors_to_average(calls)
        groups = groups_of(scores, y, group_by, n_classes)
        # A batch touches few of many classes: only their rows are worth adding up.
        classes, rows, counts = tf.unique_with_counts(groups)
        members = tf.one_hot(rows, tf.size(classes), dtype=precision)
        sums = [class_sums(tensor, members) for tensor in averaged]
        return classes, counts, sums

    # Like Keras's own predict, which does not convert layers' Python either.
    graph = tf.function(sums_of_batch, autograph=False).get_concrete_function(*spec)
    position = {layer: index for index, layer in enumerate(layers_of_interest(model))}
    listed = sorted(calls, key=lambda call: position[call.layer])
    adding = tf.function(_add_to_totals, autograph=False)
    return CompiledSums(n_classes, calls, listed, averaged, graph, adding)


def _add_to_totals(
    totals: list[tf.Variable], classes: tf.Tensor, sums: list[tf.Tensor]
) -> None:
    for total, addend in zip(totals, sums, strict=True):
        total.scatter_add(tf.IndexedSlices(tf.cast(addend, tf.float64), classes))


class RunningSums:
    """The sums of one pass, in float64 across batches.

    Args:
        compiled: what computes those of a batch.
    """

    def __init__(self, compiled: CompiledSums) -> None:
        self._compiled = compiled
        self._totals = [
            tf.Variable(tf.zeros((compiled.n_classes, features_of(one)), tf.float64))
            for one in compiled.averaged
        ]
        self._counts = np.zeros(compiled.n_classes, np.int64)
        # Traced for any number of classes present, rather than for each that turns up.
        _, _, sums = compiled.sums_of_batch.structured_outputs
        compiled.add_to_totals.get_concrete_function(
            self._totals,
            tf.TensorSpec((None,), tf.int64),
            [tf.TensorSpec((None, one.shape[1]), one.dtype) for one in sums],
        )

    def add(self, x: Any, y: tf.Tensor) -> None:
        """Add a batch.

        Args:
            x: (batch, ...) inputs of the model, in its structure.
            y: (batch,) or (batch, classes) labels.

        Raises:
            ValueError: a label outside the model's classes.
        """
        classes, counts, sums = self._compiled.sums_of_batch(x, y)
        labels = classes.numpy()
        if labels.min() < 0 or labels.max() >= len(self._counts):
            raise ValueError(
                f"labels must be 0 to {len(self._counts) - 1}, the model's classes, "
                f"but the data holds {labels.min()} to {labels.max()}"
            )
        self._counts[labels] += counts.numpy()
        self._compiled.add_to_totals(self._totals, classes, sums)

    def result(self) -> ClassActivations:
        """Read the sums of all calls.

        Returns:
            Those of every class with an example.
        """
        classes = np.flatnonzero(self._counts)
        counts = self._counts[classes]
        sums = {
            tensor.ref(): total.numpy()[classes]
            for tensor, total in zip(self._compiled.averaged, self._totals, strict=True)
        }
        for call in self._compiled.calls:
            if call.output.ref() not in sums:
                known = sums[call.input.ref()]
                sums[call.output.ref()] = _sums_through(call, known, counts)
        listed = self._compiled.listed
        return ClassActivations(
            classes=classes.astype(np.int64),
            counts=counts,
            layer_names=[call.name for call in listed],
            layer_sizes=[call.size for call in listed],
            sums=[sums[call.output.ref()] for call in listed],
        )


def _sums_through(
    call: LayerCall, input_sums: NDArray[np.float64], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Compute an affine layer's class sums, (k, size), from those of its input."""
    means = (input_sums / counts[:, None]).reshape(-1, *call.input.shape[1:])
    # GPUs round float32 products, which averages out over examples but not here.
    with tf.device("CPU:0"):
        # Not through the layer's __call__, whose checks take longer than the work.
        outputs = call.layer.call(tf.constant(means, call.layer.variable_dtype))
    flat = outputs.numpy().astype(np.float64).reshape(len(counts), call.size)
    return flat * counts[:, None]


def summing_precision() -> tf.DType:
    """Choose the type to sum in: GPUs round float32 products to 10 bits of mantissa."""
    if keras.config.floatx() == "float64" or tf.config.list_logical_devices("GPU"):
        return tf.float64
    return tf.float32


def groups_of(
    scores: tf.Tensor | None, y: tf.Tensor, group_by: Grouping, n_classes: int
) -> tf.Tensor:
    """Say for which class each example counts.

    Args:
        scores: (batch, classes) predictions, or (batch, 1) chances of class 1; not
            needed for ``label``.
        y: labels as for :func:`true_classes`.
        group_by: what decides it.
        n_classes: number of classes.

    Returns:
        (batch,) int64.
    """
    if scores is None or group_by == "label":
        return true_classes(y, n_classes)
    if scores.shape[-1] == 1:
        return tf.cast(scores[:, 0] > HALF, tf.int64)
    return tf.argmax(scores, axis=-1)


def true_classes(y: tf.Tensor, n_classes: int) -> tf.Tensor:
    """Read the classes of labels.

    Args:
        y: (batch,) or (batch, 1) integers, or (batch, classes) one-hot.
        n_classes: number of classes.

    Returns:
        (batch,) int64.

    Raises:
        ValueError: labels of another shape.
    """
    if y.shape.rank == 2 and y.shape[-1] == n_classes:
        return tf.argmax(y, axis=-1)
    if y.shape.rank == 1 or y.shape[1:] == (1,):
        return tf.cast(tf.reshape(y, (-1,)), tf.int64)
    raise ValueError(
        f"labels must have shape (examples,) or (examples, {n_classes}), but have "
        f"{tuple(y.shape)}"
    )
