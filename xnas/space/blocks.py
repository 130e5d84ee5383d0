"""Blocks: the layers that an operation gets in one place of one network."""

import abc
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from xnas.space.checks import SpaceError

if TYPE_CHECKING:
    import keras

# Symbolic tensors while a network is built; a block takes real ones just as well.
Tensors = Sequence[Any]


class Block(abc.ABC):
    """Layers made for one place, applied by calling the block.

    Calling it twice applies the same layers, weights shared.

    Args:
        layers: the layers, in the order they are applied.
    """

    def __init__(self, layers: Iterable["keras.layers.Layer"] = ()) -> None:
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
