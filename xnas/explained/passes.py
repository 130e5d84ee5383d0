"""Streaming passes of a trained network over a task's examples.

The first sums activations by label, the second keeps of each example its inner
products with the class means, and no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.explained.labels import class_scores, losses, margins
from xnas.explained.trust import Reference
from xnas.sampling import some_of
from xnas.training.batches import Batches
from xnas.training.data import TaskData
from xnas.xai.activations import MAX_BATCH_BYTES, collect_activations
from xnas.xai.per_class import ClassActivations
from xnas.xai.recording import features_of, record

BATCH_SIZE = 128

MOST_NEIGHBOURS = 5_000
"""Training examples that predictions are compared with."""

MOST_REFERENCE_BYTES = 256 * 10**6


@dataclass(frozen=True)
class Labelled:
    """What is known of the labels of one part of the data.

    Args:
        margin: (examples,) float64; see :func:`xnas.explained.labels.margins`.
        suggested: (examples,) int64, the class that an example is most alike, its own
            apart.
        given: (examples,) float64, how alike it is to the class of its label.
        other: (examples,) float64, and to the suggested one.
        loss: (examples,) float64.
    """

    margin: NDArray[np.float64]
    suggested: NDArray[np.int64]
    given: NDArray[np.float64]
    other: NDArray[np.float64]
    loss: NDArray[np.float64]


@dataclass(frozen=True)
class Predicted:
    """What the network predicts for one part of the data.

    Args:
        labels: (examples,) int64.
        classes: (examples,) int64 predicted.
        softmax: (examples,) float64 largest output.
        trust: (examples,) float64 logarithm of the trust score; NaN if not asked for.
        output_sums: (classes, classes) float64 of outputs, by predicted class.
        labelled: how alike examples are to classes, if that was asked for.
    """

    labels: NDArray[np.int64]
    classes: NDArray[np.int64]
    softmax: NDArray[np.float64]
    trust: NDArray[np.float64]
    output_sums: NDArray[np.float64]
    labelled: Labelled | None = None

    @property
    def right(self) -> NDArray[np.bool_]:
        """(examples,) whether the prediction is the label."""
        return self.labels == self.classes

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(classes, classes) int64: examples by true and by predicted class."""
        counts = np.zeros(self.output_sums.shape, dtype=np.int64)
        np.add.at(counts, (self.labels, self.classes), 1)
        return counts


def sums_by_label(model: keras.Model, data: TaskData, split: str) -> ClassActivations:
    """Sum activations over the examples with each label: the first pass.

    Args:
        model: a trained classifier, which takes what preprocessing returns.
        data: of its task.
        split: ``train`` or ``valid``.
    """
    batches = data.examples(split).in_order(BATCH_SIZE)
    return collect_activations(
        model,
        batches,
        n_classes=data.n_classes,
        group_by="label",
        max_examples=len(data.split(split).labels),
        batch_size=BATCH_SIZE,
    )


class Reader:
    """Reads examples with a network: its outputs, and what its last layer reads.

    Args:
        model: a trained classifier.
        data: of its task.

    Attributes:
        head: name of the last layer; ``None`` where the output itself is read.
        reference: training examples as the last layer reads them.
    """

    def __init__(self, model: keras.Model, data: TaskData) -> None:
        self._data = data
        features, self.head = read_by_head(model)
        self._model = keras.Model(
            model.input, [model.outputs[0], features], name="reader"
        )
        self._spec = _any_size(data.input_spec)
        reading = tf.function(self._read, autograph=False)
        self._pass: Any = reading.get_concrete_function(self._spec)
        self.reference = self._reference()

    def _read(self, x: Any) -> tuple[tf.Tensor, tf.Tensor]:
        outputs, features = self._model(x, training=False)
        return outputs, tf.reshape(features, (tf.shape(features)[0], -1))

    def _reference(self) -> Reference:
        """Let the network read training examples, drawn by a fixed seed."""
        width = max(1, features_of(self._model.outputs[1]))
        most = max(1, min(MOST_NEIGHBOURS, MOST_REFERENCE_BYTES // (4 * width)))
        index = some_of(self._data.train_size, most)
        features, labels = [], []
        for x, y in self._data.training_examples.in_order(BATCH_SIZE, index):
            features.append(self._pass(x)[1].numpy().astype(np.float32))
            labels.append(classes_of(y.numpy(), self._data))
        return Reference(np.concatenate(features), np.concatenate(labels))

    def predict(
        self,
        batches: Batches,
        means: ClassActivations | None = None,
        *,
        judged: bool = True,
    ) -> Predicted:
        """Let the network answer examples: the second pass.

        Args:
            batches: of the examples.
            means: by label, of :func:`sums_by_label`, if examples are to be compared
                with classes.
            judged: whether to compute trust scores; NaN else. Of training examples
                they say nothing.
        """
        n_classes = self._data.n_classes
        output_sums = np.zeros((n_classes, n_classes))
        size, read = BATCH_SIZE, self._pass
        compared = None
        if means is not None:
            compared = _Compared(self._model, self._spec, means, n_classes)
            size, read = compared.batch_size, compared
        kept: list[tuple[NDArray, ...]] = []
        for x, y in batches.in_order(size):
            outputs, features, *more = read(x)
            answers = both_outputs(np.asarray(outputs, np.float64))
            labels = classes_of(y.numpy(), self._data)
            classes = answers.argmax(axis=1)
            np.add.at(output_sums, classes, answers)
            trust = np.full(len(labels), np.nan)
            if judged:
                trust = self.reference.trust(np.asarray(features), classes)
            row: tuple[NDArray, ...] = (labels, classes, answers.max(axis=1), trust)
            if compared is not None:
                row += _labelled(compared.scores(*more), answers, labels)
            kept.append(row)
        columns = [np.concatenate(one) for one in zip(*kept, strict=True)]
        labelled = None if compared is None else Labelled(*columns[4:])
        labels, classes, softmax, trust = columns[:4]
        return Predicted(labels, classes, softmax, trust, output_sums, labelled)


class _Compared:
    """A network compiled together with the comparison with class means."""

    def __init__(
        self, model: keras.Model, spec: Any, means: ClassActivations, n_classes: int
    ) -> None:
        self._means = means
        # By layer, (size, classes): at unit length, so that float32 neither
        # overflows nor vanishes.
        self._lengths = np.zeros((len(means.sums), n_classes))
        self._directions: list[tf.Tensor] = []
        once: dict[int, tf.Tensor] = {}
        for layer, sums in enumerate(means.sums):
            lengths = np.linalg.norm(sums, axis=1)
            usable = np.isfinite(lengths) & (lengths > 0)
            self._lengths[layer, means.classes] = usable
            if id(sums) not in once:
                unit = np.zeros((sums.shape[1], n_classes), np.float32)
                unit[:, means.classes[usable]] = (
                    sums[usable] / lengths[usable, None]
                ).T
                once[id(sums)] = tf.constant(unit)
            self._directions.append(once[id(sums)])
        self._names = list(means.layer_names)
        self._model = model
        self._run = tf.function(self._read, autograph=False).get_concrete_function(spec)

    @property
    def batch_size(self) -> int:
        """Examples at a time."""
        features = max(1, sum(self._means.layer_sizes))
        return max(1, min(BATCH_SIZE, MAX_BATCH_BYTES // (4 * features)))

    def __call__(self, x: Any) -> Any:
        """Return outputs, features, inner products and lengths of a batch."""
        return self._run(x)

    def _read(self, x: Any) -> tuple[tf.Tensor, ...]:
        (outputs, features), calls = record(self._model, x)
        by_name = {call.name: call.output for call in calls}
        known: dict[Any, tuple[tf.Tensor, tf.Tensor]] = {}
        products, lengths = [], []
        for name, directions in zip(self._names, self._directions, strict=True):
            output = by_name[name]
            if output.ref() not in known:
                flat = tf.reshape(output, (-1, features_of(output)))
                flat = tf.cast(flat, tf.float32)
                known[output.ref()] = (
                    tf.matmul(flat, directions),
                    tf.sqrt(tf.reduce_sum(tf.square(flat), axis=1)),
                )
            products.append(known[output.ref()][0])
            lengths.append(known[output.ref()][1])
        features = tf.reshape(features, (tf.shape(features)[0], -1))
        return outputs, features, tf.stack(products, 1), tf.stack(lengths, 1)

    def scores(self, products: tf.Tensor, lengths: tf.Tensor) -> NDArray[np.float64]:
        """Compute how alike the examples of a batch are to classes."""
        return class_scores(products.numpy(), lengths.numpy(), self._lengths)


def _labelled(
    scores: NDArray[np.float64], answers: NDArray, labels: NDArray[np.int64]
) -> tuple[NDArray, ...]:
    margin, suggested = margins(scores, labels)
    rows = np.arange(len(labels))
    return (
        margin,
        suggested,
        scores[rows, labels],
        scores[rows, suggested],
        losses(answers, labels),
    )


def read_by_head(model: keras.Model) -> tuple[Any, str | None]:
    """Find what the last layer with weights reads.

    Args:
        model: a functional classifier.

    Returns:
        A symbolic (batch, ...) tensor and the layer's name; the output itself and
        ``None`` where that layer is not followed by functions of it alone, or reads
        several tensors.
    """
    tensor = model.outputs[0]
    while True:
        operation, node, _ = tensor._keras_history
        read = operation._inbound_nodes[node].input_tensors
        is_layer = isinstance(operation, keras.layers.Layer)
        if len(read) != 1 or None in read[0].shape[1:]:
            return model.outputs[0], None
        if is_layer and operation.weights:
            return read[0], str(operation.name)
        tensor = read[0]


def both_outputs(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Write outputs as probabilities of all classes.

    Args:
        outputs: (examples, outputs); one output, a chance, tells two classes; some
            losses take logits.

    Returns:
        (examples, classes) float64.
    """
    if outputs.shape[1] == 1:
        return np.hstack([1 - outputs, outputs])
    sums = outputs.sum(axis=1)
    if (outputs < 0).any() or (np.abs(sums - 1) > 1e-2).any():
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    return outputs


def classes_of(labels: NDArray, data: TaskData) -> NDArray[np.int64]:
    """Read the classes of labels in the form that a task has.

    Args:
        labels: (examples,), (examples, 1) or one-hot (examples, classes).
        data: of the task.

    Returns:
        (examples,) int64.
    """
    if data.label_form == "one-hot":
        labels = labels.argmax(axis=1)
    return np.asarray(labels).reshape(-1).astype(np.int64)


def _any_size(spec: Any) -> Any:
    return keras.tree.map_structure(
        lambda one: tf.TensorSpec((None, *one.shape[1:]), one.dtype), spec
    )


def every_split(data: TaskData) -> Iterator[tuple[str, TaskData, str]]:
    """List the parts of a task's data.

    Args:
        data: of the task.

    Returns:
        Name, the data in which it stands, and its name there; ``test`` where the task
        has such examples.
    """
    yield "train", data, "train"
    yield "valid", data, "valid"
    tested = data.tested()
    if tested is not None:
        yield "test", tested, "valid"
