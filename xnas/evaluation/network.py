"""A network that was trained: all that explainers and objectives see of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from operator import itemgetter
from typing import Any, get_args

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.evaluation.settings import MAX_SCORED_EXAMPLES, ScoredSample
from xnas.sampling import some_of, some_of_each_class
from xnas.training.data import TaskData
from xnas.training.loop import TrainingResult
from xnas.training.multiplications import count_multiplications
from xnas.training.steps import traced
from xnas.xai import ClassActivations, collect_activations
from xnas.xai.compiled import Grouping
from xnas.xai.recording import record

AT_ONCE = 256
"""Examples that are predicted, or read, at a time."""

SCORED_AT_ONCE = 1024
"""Examples read at a time for class activations, which are cut into smaller batches."""

LOOKED_AT_ONCE = 64
"""Examples whose activations are held at a time."""


class TrainedNetwork(ABC):
    """A trained network, until its trainer trains the next one.

    Whatever takes a pass over data is done when it is asked for. Inputs are as
    :meth:`batches` gives them: arrays, or a dictionary of them by name where a task
    has several inputs.

    Args:
        data: the task's data.
        training: what training gave.
        training_time: seconds it took, building included.
        max_scored_examples: bound on the examples of :meth:`class_activations`.
        scored_sample: which those are, see
            :class:`~xnas.evaluation.settings.RunSettings`.

    Attributes:
        history: name, such as ``val_acc``, to one value an epoch.
        objective: that which decided whose epoch's weights the network has, as it is
            maximised.
        training_time: seconds.
        collected: what :meth:`class_activations` has worked out, by its arguments.
    """

    def __init__(
        self,
        data: TaskData,
        training: TrainingResult,
        training_time: float = 0.0,
        max_scored_examples: int = MAX_SCORED_EXAMPLES,
        scored_sample: ScoredSample = "stratified",
    ) -> None:
        self.history = training.history
        self.objective = training.objective
        self.training_time = training_time
        self._data = data
        self._max_scored_examples = max_scored_examples
        self._scored_sample = scored_sample
        self.collected: dict[tuple[str, str], ClassActivations] = {}

    @property
    @abstractmethod
    def n_parameters(self) -> int:
        """Weights, trainable or not."""

    @property
    @abstractmethod
    def n_multiplications(self) -> int:
        """Products of convolutions and dense layers for one example."""

    @abstractmethod
    def keras_model(self) -> keras.Model:
        """Return the network as a Keras model of its own, which is not to be changed.

        It is built when it is asked for where the network was trained as a part of
        its whole space.
        """

    @property
    @abstractmethod
    def _forward(self) -> Callable[[Any], tf.Tensor]:
        """Maps inputs, (batch, ...), to predictions in inference."""

    @abstractmethod
    def _collect(
        self, split: str, group_by: Grouping, index: NDArray[np.int64]
    ) -> ClassActivations:
        """Sum activations of some examples; see :meth:`class_activations`."""

    @abstractmethod
    def _outputs(self, inputs: Any) -> dict[str, NDArray]:
        """Give what the layers of interest give; see :meth:`activations`."""

    def predict(self, x: Any) -> NDArray[np.floating]:
        """Predict examples, any number of them.

        Args:
            x: (examples, ...) inputs.

        Returns:
            (examples, outputs) predictions in inference.
        """
        inputs = self._tensors(x)
        count = len(tf.nest.flatten(inputs)[0])
        pieces = []
        for start in range(0, max(count, 1), AT_ONCE):
            part = itemgetter(slice(start, start + AT_ONCE))
            pieces.append(self._forward(tf.nest.map_structure(part, inputs)))
        return np.concatenate([piece.numpy() for piece in pieces])

    def gradient(self, x: Any, of: Callable[[tf.Tensor], tf.Tensor]) -> Any:
        """Differentiate a number of each example with respect to its inputs.

        Args:
            x: (examples, ...) inputs, all of which run at once.
            of: maps (examples, outputs) predictions to (examples,) numbers, by
                TensorFlow's functions.

        Returns:
            Arrays of the structure and shapes of ``x``.

        Raises:
            ValueError: ``of`` gives another shape.
        """
        inputs = self._tensors(x)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            predictions = self._forward(inputs)
            values = tf.convert_to_tensor(of(predictions))
        if values.shape != predictions.shape[:1]:
            raise ValueError(
                f"of gives the shape {tuple(values.shape)}, expected one number for "
                f"each of {len(predictions)} examples"
            )
        zero = tf.UnconnectedGradients.ZERO
        gradients = tape.gradient(values, inputs, unconnected_gradients=zero)
        return tf.nest.map_structure(lambda one: one.numpy(), gradients)

    def class_activations(
        self, split: str = "valid", group_by: Grouping = "prediction"
    ) -> ClassActivations:
        """Sum the activations of the layers of interest over each class's examples.

        Args:
            split: ``train`` or ``valid``.
            group_by: whether an example counts for the class that is predicted, or
                for the one of its label.

        Returns:
            The sums of each class with an example, worked out once.

        Raises:
            ValueError: the task has no classes, or another value of an argument.
        """
        if not self._data.is_classification:
            raise ValueError("the task predicts real numbers, expected one of classes")
        if group_by not in get_args(Grouping):
            raise ValueError(
                f"group_by is {group_by!r}, expected one of {get_args(Grouping)}"
            )
        key = (split, group_by)
        if key not in self.collected:
            index = self._scored_index(split)
            self.collected[key] = self._collect(split, group_by, index)
        return self.collected[key]

    def activations(
        self, split: str = "valid"
    ) -> Iterator[tuple[Any, NDArray, dict[str, NDArray]]]:
        """Give the outputs of the layers of interest, a few examples at a time.

        Args:
            split: ``train`` or ``valid``.

        Yields:
            Inputs and labels as :meth:`batches` gives them, and by the name of each
            layer its outputs, (batch, ...); of the examples that
            :meth:`class_activations` looks at, too, in order.

        Raises:
            ValueError: another split.
        """
        index = self._scored_index(split)
        for x, y in self._data.examples(split).in_order(LOOKED_AT_ONCE, index):
            arrays = tf.nest.map_structure(lambda one: one.numpy(), (x, y))
            yield *arrays, self._outputs(x)

    def _scored_index(self, split: str) -> NDArray[np.int64]:
        """Choose the examples whose activations are looked at."""
        labels = self._data.split(split).labels
        bound = self._max_scored_examples
        if self._scored_sample == "first":
            return np.arange(min(bound, len(labels)))
        if not self._data.is_classification:
            return some_of(len(labels), bound)
        return some_of_each_class(labels, bound)

    def batches(
        self, split: str, batch_size: int = AT_ONCE
    ) -> Iterator[tuple[Any, NDArray]]:
        """Give every example once, in order: preprocessed, never augmented.

        Args:
            split: ``train`` or ``valid``.
            batch_size: examples at a time; the last may be fewer.

        Returns:
            Inputs and labels as arrays, labels as the task's loader gave them.

        Raises:
            ValueError: another split.
        """
        return self._data.examples(split).in_order(batch_size).as_numpy_iterator()

    def _tensors(self, x: Any) -> Any:
        """Turn inputs into tensors of the types that the network takes."""
        spec = self._data.input_spec
        return tf.nest.map_structure(lambda one, to: tf.cast(one, to.dtype), x, spec)


class PlainNetwork(TrainedNetwork):
    """A network that was trained as a Keras model of its own.

    Args:
        model: the model, with the weights that count.
        data: as for :class:`TrainedNetwork`.
        training: likewise.
        **known: likewise.
    """

    def __init__(
        self,
        model: keras.Model,
        data: TaskData,
        training: TrainingResult,
        **known: Any,
    ) -> None:
        super().__init__(data, training, **known)
        self._model = model

    @property
    def n_parameters(self) -> int:
        """Weights, trainable or not."""
        return self._model.count_params()

    @property
    def n_multiplications(self) -> int:
        """Products of convolutions and dense layers for one example."""
        return count_multiplications(self._model)

    def keras_model(self) -> keras.Model:
        """Return the network as a Keras model, which is not to be changed."""
        return self._model

    @cached_property
    def _forward(self) -> Callable[[Any], tf.Tensor]:
        model = self._model
        return traced(lambda x: model(x, training=False), self._data.input_spec)

    def _collect(
        self, split: str, group_by: Grouping, index: NDArray[np.int64]
    ) -> ClassActivations:
        return collect_activations(
            self._model,
            self._data.examples(split).in_order(SCORED_AT_ONCE, index),
            n_classes=self._data.n_classes,
            group_by=group_by,
            max_examples=len(index),
        )

    @cached_property
    def _traced_outputs(self) -> Callable[[Any], dict[str, tf.Tensor]]:
        model = self._model

        def outputs(x: Any) -> dict[str, tf.Tensor]:
            # Lower precision is none that NumPy knows.
            return {
                call.name: tf.cast(call.output, tf.float32)
                if call.output.dtype.size < tf.float32.size
                else call.output
                for call in record(model, x)[1]
            }

        return traced(outputs, self._data.input_spec)

    def _outputs(self, inputs: Any) -> dict[str, NDArray]:
        found = self._traced_outputs(inputs)
        return {name: one.numpy() for name, one in found.items()}
