"""Multiplications that one example takes, counted from a network's graph."""

from collections.abc import Iterator
from math import prod

import keras

from xnas.xai.layers import DEPTHWISE, PLAIN, SEPARABLE, TRANSPOSED

_KERNELS = (*PLAIN, keras.layers.Dense)


def count_multiplications(model: keras.Model) -> int:
    """Count the products of convolutions and dense layers, without running them.

    Args:
        model: a functional or sequential model, those nested in it counted as well; a
            layer called several times counts each time.

    Returns:
        Products of weights and values for one example: padding counts, biases and
        layers of other types do not.
    """
    return sum(_calls(model))


def _calls(model: keras.Model) -> Iterator[int]:
    graph = keras.Model(model.inputs, model.outputs)
    for nodes in graph._nodes_by_depth.values():
        for node in nodes:
            layer = node.operation
            if isinstance(layer, keras.Model) and hasattr(layer, "outputs"):
                yield count_multiplications(layer)
            elif node.input_tensors:
                sizes = [
                    prod(tensors[0].shape[1:])
                    for tensors in (node.input_tensors, node.outputs)
                ]
                yield _of_call(layer, *sizes)


def _of_call(layer: keras.layers.Layer, n_in: int, n_out: int) -> int:
    """Count the products of one call from the sizes of its input and output."""
    if isinstance(layer, SEPARABLE):
        inner, outer = layer.depthwise_kernel.shape, layer.pointwise_kernel.shape
        points = n_out // layer.filters
        return points * (prod(inner) + prod(outer))
    if isinstance(layer, DEPTHWISE):
        return n_out * prod(layer.kernel.shape[:-2])
    # The last axis of a kernel is that of the outputs, or where transposed the inputs.
    if isinstance(layer, TRANSPOSED):
        return n_in * prod(layer.kernel.shape[:-1])
    if isinstance(layer, _KERNELS):
        return n_out * prod(layer.kernel.shape[:-1])
    return 0
