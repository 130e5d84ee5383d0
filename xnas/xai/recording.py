"""Runs a model symbolically, notes what its layers of interest give, and plans.

Two identities save most of the work of averaging activations. Activation layers of
one kind that read the same tensor have the same output (on the edges out of one node
of a cell, say). And a convolution is affine, so that its mean output over the
examples of a class is its output for their mean input.
"""

import inspect
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import keras
import tensorflow as tf

from xnas.xai.layers import (
    averages_through,
    counts_for_introspectability,
    function_of,
    is_unpacked,
)


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer of interest.

    Args:
        name: the layer's, after the names of the models it is nested in.
        layer: the layer.
        input: the one (batch, ...) tensor it read; None if it read several.
        output: (batch, ...) what it gave.
    """

    name: str
    layer: keras.layers.Layer
    input: Any
    output: tf.Tensor

    @property
    def size(self) -> int:
        """Features an example of the output."""
        return features_of(self.output)


def record(
    model: keras.Model, inputs: Any, *, training: bool = False
) -> tuple[list[tf.Tensor], list[LayerCall]]:
    """Run a model and note every call of a layer of interest.

    Args:
        model: a functional or sequential model.
        inputs: what the model takes, (batch, ...) each.
        training: as for Keras's layers.

    Returns:
        The model's outputs, and the calls in an order in which inputs come first.

    Raises:
        ValueError: an output of interest has no fixed shape.
    """
    recorder = _Recorder(training)
    outputs = recorder.run(model, inputs, scope="")
    for call in recorder.calls:
        if None in call.output.shape[1:]:
            raise ValueError(
                f"layer {call.name!r} must give outputs of a fixed shape, but gives "
                f"{tuple(call.output.shape)}"
            )
    return keras.tree.flatten(outputs), recorder.calls


def tensors_to_average(calls: Sequence[LayerCall]) -> list[tf.Tensor]:
    """Choose what to average over examples, the rest following through the layers.

    Args:
        calls: what :func:`record` noted.

    Returns:
        Different (batch, ...) tensors. Going through the calls in order, each output
        is one of them or the layer, affine, read a tensor whose mean is known by then.
    """
    averaged: list[tf.Tensor] = []
    known: set[Hashable] = set()
    for call in calls:
        chosen = call.output
        if _follows_from_mean(call):
            cheaper = features_of(call.input) <= call.size
            chosen = call.input if cheaper or call.input.ref() in known else chosen
        if call.output.ref() not in known and chosen.ref() not in known:
            averaged.append(chosen)
        known.update((chosen.ref(), call.output.ref()))
    return averaged


def features_of(tensor: tf.Tensor) -> int:
    """Count the numbers a tensor holds for each example.

    Args:
        tensor: (batch, ...) of a fixed shape but for the batch.

    Returns:
        The product of the other dimensions.
    """
    return prod(tensor.shape[1:])


def class_sums(tensor: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
    """Add a tensor up over the examples of each class.

    Args:
        tensor: (batch, ...) of a fixed shape but for the batch.
        members: (batch, classes) floats, 1 where an example counts for a class; or
            (batch,), for which each example stands alone.

    Returns:
        (classes, features) of the type of ``members``; or (batch, features).
    """
    flat = tf.cast(tf.reshape(tensor, (-1, features_of(tensor))), members.dtype)
    if members.shape.rank == 1:
        return flat
    return tf.matmul(members, flat, transpose_a=True)


def _follows_from_mean(call: LayerCall) -> bool:
    return (
        averages_through(call.layer)
        and call.input is not None
        and call.input.dtype.is_floating
        and None not in call.input.shape[1:]
    )


class _Recorder:
    def __init__(self, training: bool) -> None:
        self._training = training
        self.calls: list[LayerCall] = []
        self._times_called: Counter[str] = Counter()
        self._outputs: dict[Hashable, Any] = {}

    def run(self, model: keras.Model, inputs: Any, scope: str) -> Any:
        # Keras itself matches names and structure of the inputs here. The input of a
        # sequential model is what it was last called on, if it was.
        expected = model.inputs if isinstance(model, keras.Sequential) else model.input
        flat = keras.tree.flatten(keras.Model(expected, model.inputs)(inputs))
        fixed = [
            tf.ensure_shape(tensor, reference.shape)
            for tensor, reference in zip(flat, model.inputs, strict=True)
        ]
        graph = keras.Model(model.inputs, model.outputs)
        # The one place that runs a Keras graph layer by layer: feature extraction
        # through `layer.output` knows neither shared nor nested layers.
        return graph._run_through_graph(
            fixed,
            operation_fn=lambda layer: partial(self._call, scope, layer),
        )

    def _call(self, scope: str, layer: Any, *args: Any, **kwargs: Any) -> Any:
        name = scope + layer.name
        if is_unpacked(layer):
            return self.run(layer, args[0], scope=f"{name}.")
        if "training" in inspect.signature(layer.call).parameters:
            kwargs["training"] = self._training
        if not counts_for_introspectability(layer):
            return layer(*args, **kwargs)
        tensors = keras.tree.flatten((args, kwargs))
        tensors = [one for one in tensors if tf.is_tensor(one)]
        source = tensors[0] if len(tensors) == 1 else None
        outputs = self._call_once(source, layer, args, kwargs)
        for output in keras.tree.flatten(outputs):
            nth = self._times_called[name]
            self._times_called[name] += 1
            label = f"{name}:{nth}" if nth else name
            self.calls.append(LayerCall(label, layer, source, output))
        return outputs

    def _call_once(
        self, source: tf.Tensor | None, layer: Any, args: Any, kwargs: Any
    ) -> Any:
        function = function_of(layer)
        if source is None or function is None:
            return layer(*args, **kwargs)
        key = (source.ref(), function)
        if key not in self._outputs:
            self._outputs[key] = layer(*args, **kwargs)
        return self._outputs[key]
