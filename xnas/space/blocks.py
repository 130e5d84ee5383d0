"""Blocks: the layers that an operation gets at one node of one network."""

import abc
from collections.abc import Iterable, Sequence
from typing import Any

from xnas.space.checks import SpaceError

Layer = Any
"""A ``keras.layers.Layer``: Keras has no types, and is not loaded before it is used."""

Tensors = Sequence[Any]
"""Symbolic ones while a network is built; a block takes real ones just as well."""


def make_layer(class_name: str, name: str, *args: Any, **kwargs: Any) -> Layer:
    """Make a layer; loads Keras.

    Args:
        class_name: of a class of ``keras.layers``.
        name: of the layer.
        *args: of the class.
        **kwargs: likewise.
    """
    import keras

    return getattr(keras.layers, class_name)(*args, name=name, **kwargs)


def activation_layers(scope: str, activation: Any) -> list[Layer]:
    """Make the layer of an activation, none where there is none.

    Args:
        scope: prefix of its name.
        activation: a name that Keras knows or a function, if any.
    """
    if activation is None:
        return []
    return [make_layer("Activation", f"{scope}.activation", activation)]


class Block(abc.ABC):
    """Layers made for one node, applied by calling the block.

    Calling it twice applies the same layers, weights shared.

    Args:
        layers: the layers, in the order they are applied.
    """

    def __init__(self, layers: Iterable[Layer] = ()) -> None:
        self.layers = list(layers)

    @abc.abstractmethod
    def __call__(self, tensors: Tensors) -> Any:
        """Apply the layers.

        Args:
            tensors: what arrives, one tensor or more; not changed.

        Returns:
            One tensor.
        """


class Chain(Block):
    """Applies one layer after another; several tensors reach the first as a list."""

    def __call__(self, tensors: Tensors) -> Any:
        """Apply the layers.

        Raises:
            SpaceError: several tensors arrive and there is no layer to merge them.
        """
        if len(tensors) > 1 and not self.layers:
            raise SpaceError(f"{len(tensors)} inputs found, expected one; merge them")
        value: Any = tensors[0] if len(tensors) == 1 else list(tensors)
        for layer in self.layers:
            value = layer(value)
        return value
