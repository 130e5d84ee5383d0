"""An operation as a small model that is run on values handed in, not on its own.

That is what ``keras.StatelessScope`` is for: the layers are made once, and applied
wherever the operation may be.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import prod
from typing import Any

import keras
import tensorflow as tf
from keras.src.backend import get_keras_mask

from xnas.space.base import Operation
from xnas.space.carried import is_carried
from xnas.space.checks import Shape
from xnas.supernet.errors import UnsupportedSpaceError
from xnas.training.initial import recorded_initializers
from xnas.training.multiplications import count_multiplications
from xnas.training.optimizer import decaying
from xnas.xai.layers import counts_for_introspectability
from xnas.xai.recording import LayerCall, record

VECTORS = ("weights", "statistics", "seeds")
"""The three vectors that hold all variables: trained ones, others, random states."""


@dataclass(frozen=True)
class BranchVariable:
    """A variable of a branch.

    Args:
        vector: which of ``VECTORS`` holds its values.
        variable: the Keras variable.
        layer: the layer of the model that it belongs to.
        index: its index among the layer's variables.
        decays: whether it is a trained weight that decays.
        initial: maps a seed, (2,) int64, to the value it starts from.
    """

    vector: int
    variable: keras.Variable
    layer: keras.layers.Layer
    index: int
    decays: bool
    initial: Callable[[tf.Tensor], tf.Tensor]

    @property
    def size(self) -> int:
        """Numbers that it holds."""
        return prod(self.variable.shape)


class Branch:
    """One operation as a small model.

    Args:
        operation: the operation.
        scope: prefix of its layers' names.
        takes: which of the node's inputs it takes.
        shapes: those of all inputs of the node, without the batch.
        dtype: what it hands on.

    Raises:
        UnsupportedSpaceError: a layer keeps something that cannot be carried.
        SpaceError: the operation does not take such inputs.
    """

    def __init__(
        self,
        operation: Operation,
        scope: str,
        takes: tuple[int, ...],
        shapes: Sequence[Shape],
        dtype: str,
    ) -> None:
        self.takes = takes
        self.dtype = dtype
        inputs = [keras.Input(shapes[i]) for i in takes]
        with recorded_initializers() as initializers:
            output = operation.build(scope)(inputs)
        self.output_shape: Shape = tuple(output.shape[1:])
        self.model: keras.Model | None = None
        self.variables: list[BranchVariable] = []
        self.n_constants = 0
        if any(output is one for one in inputs):
            return
        self.model = keras.Model(inputs[0] if len(inputs) == 1 else inputs, output)
        trained = map(id, self.model.trainable_variables)
        decays = dict(zip(trained, decaying(self.model), strict=True))
        for layer in self.model.layers:
            _check_layer(layer)
            for index, variable in enumerate(layer.variables):
                if is_carried(variable) and not variable.dtype.startswith("float"):
                    # No vector could hold it, nor does it change.
                    self.n_constants += prod(variable.shape)
                    continue
                vector = _vector_of(layer, variable)
                marked = decays.get(id(variable), False)
                start = partial(initializers.value, layer, variable)
                if start(tf.zeros(2, tf.int64)) is None:
                    start = partial(_as_it_is, tf.constant(variable.value))
                self.variables.append(
                    BranchVariable(vector, variable, layer, index, marked, start)
                )
        if get_keras_mask(output) is not None:
            raise UnsupportedSpaceError(f"{operation.name} masks what follows it")
        self._check_calls(operation.name)

    def _check_calls(self, name: str) -> None:
        """Refuse what a call does beside its output, and only calling it shows.

        Raises:
            UnsupportedSpaceError: it adds a loss, or writes on trained weights.
        """
        model = self.model
        if model is None or not any(map(_may_do_more, model._flatten_layers())):
            return
        found: list[str] = []

        def note(values: list[tf.Tensor], inputs: list[tf.Tensor]) -> None:
            with self._scope(values, collect_losses=True) as scope:
                model(_structured(inputs), training=True)
                if scope.losses:
                    found.append("adds a loss of its own")
                if any(
                    scope.get_current_value(one.variable) is not value
                    for one, value in zip(self.variables, values, strict=True)
                    if one.vector == 0
                ):
                    found.append("writes on its trained weights")

        made = [one.variable for one in self.variables]
        values, inputs = (
            [tf.TensorSpec(one.shape, one.dtype) for one in some]
            for some in (made, model.inputs)
        )
        # Values that were known would decide what is called.
        tf.function(note, autograph=False).get_concrete_function(values, inputs)
        if found:
            raise UnsupportedSpaceError(f"{name} {found[0]}")

    def variables_of(self, vector: int) -> list[BranchVariable]:
        """List the variables that a vector holds."""
        return [one for one in self.variables if one.vector == vector]

    def size(self, vector: int) -> int:
        """Count the numbers that a vector holds for it."""
        return sum(one.size for one in self.variables_of(vector))

    @property
    def n_parameters(self) -> int:
        """Weights, trainable or not."""
        return self.size(0) + self.size(1) + self.n_constants

    @cached_property
    def n_multiplications(self) -> int:
        """Products that one example takes."""
        return 0 if self.model is None else count_multiplications(self.model)

    @cached_property
    def features(self) -> list[tuple[str, Shape]]:
        """Name and shape of each output that introspectability looks at."""
        found: list[LayerCall] = []

        def note(*inputs: tf.Tensor) -> tf.Tensor:
            made = [one.variable for one in self.variables]
            with self._scope([tf.zeros(v.shape, v.dtype) for v in made]):
                outputs, calls = record(self.model, _structured(inputs))
            found[:] = calls
            return outputs[0]

        if self.model is not None and any(
            counts_for_introspectability(layer)
            for layer in self.model._flatten_layers()
        ):
            specs = [tf.TensorSpec(one.shape, one.dtype) for one in self.model.inputs]
            tf.function(note, autograph=False).get_concrete_function(*specs)
        return [(call.name, tuple(call.output.shape[1:])) for call in found]

    def _scope(
        self, values: Sequence[tf.Tensor], *, collect_losses: bool = False
    ) -> keras.StatelessScope:
        variables = [one.variable for one in self.variables]
        return keras.StatelessScope(
            list(zip(variables, values, strict=True)), collect_losses=collect_losses
        )

    def apply(
        self,
        values: Sequence[tf.Tensor],
        inputs: Sequence[tf.Tensor],
        *,
        training: bool,
        is_recorded: bool = False,
    ) -> tuple[tf.Tensor, list[tf.Tensor], list[LayerCall]]:
        """Apply the operation to variables' values that are handed in.

        Args:
            values: one for each variable.
            inputs: all inputs of the node, (batch, ...) each.
            training: as for Keras's layers.
            is_recorded: whether what introspectability looks at is asked for.

        Returns:
            Its output, the values afterwards, and if recorded the call of each of
            :attr:`features`.
        """
        taken = [inputs[i] for i in self.takes]
        if self.model is None:
            return tf.cast(taken[0], self.dtype), list(values), []
        calls: list[LayerCall] = []
        with self._scope(values) as scope:
            if is_recorded and self.features:
                (output,), calls = record(
                    self.model, _structured(taken), training=training
                )
            else:
                output = self.model(_structured(taken), training=training)
            after = [scope.get_current_value(one.variable) for one in self.variables]
        return tf.cast(output, self.dtype), after, calls


def _structured(inputs: Sequence[tf.Tensor]) -> Any:
    return inputs[0] if len(inputs) == 1 else list(inputs)


def _may_do_more(layer: keras.layers.Layer) -> bool:
    """Whether a layer may do more than Keras's own do: give an output."""
    is_own = type(layer).__module__.partition(".")[0] != "keras"
    return is_own or isinstance(layer, keras.layers.SpectralNormalization)


def _as_it_is(value: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    return value


def _vector_of(layer: keras.layers.Layer, variable: keras.Variable) -> int:
    if any(variable is one for one in layer.trainable_variables):
        expected, vector = keras.config.floatx(), 0
    elif variable.dtype == keras.random.SeedGenerator(0).state.dtype:
        return 2
    else:
        expected, vector = keras.config.floatx(), 1
    if variable.dtype != expected:
        raise UnsupportedSpaceError(
            f"layer {layer.name} keeps a variable of type {variable.dtype}"
        )
    return vector


def _check_layer(layer: keras.layers.Layer) -> None:
    for inner in layer._flatten_layers():
        regularised = any(
            getattr(variable, "regularizer", None) is not None
            for variable in inner.variables
        )
        if regularised or getattr(inner, "activity_regularizer", None) is not None:
            raise UnsupportedSpaceError(f"layer {inner.name} is regularised")
        if any(getattr(v, "constraint", None) is not None for v in inner.variables):
            raise UnsupportedSpaceError(f"layer {inner.name} constrains its weights")
