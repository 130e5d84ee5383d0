"""Operations: what a node does to its inputs, as factories of Keras layers.

An operation holds no layers of a network. :meth:`Operation.build` makes fresh ones, so
that a network built twice shares nothing.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xnas.space.blocks import Block, Chain
from xnas.space.checks import SpaceError

if TYPE_CHECKING:
    import keras

    from xnas.space.nodes import Node


class Operation:
    """Applies one Keras layer; subclasses override :meth:`layers` or :meth:`build`.

    Args:
        layer: the layer to copy, its weights left behind, into every network.
        name: label in drawings and descriptions; the layer's class by default.

    Attributes:
        passes: whether anything comes out; where not, the node is cut out.
        is_pure: whether it has neither weights nor layers that introspectability looks
            at, so that it gives the same wherever it is applied to the same.
        search_space: the space of the nodes in ``sources``.
        sources: nodes that feed whichever node applies this operation, beside those
            connected to it.

    Raises:
        TypeError: ``layer`` is no Keras layer.
    """

    passes = True
    is_pure = False
    search_space: Any = None
    sources: Sequence["Node"] = ()

    def __init__(self, layer: Any = None, name: str = "") -> None:
        if layer is not None and not hasattr(layer, "get_config"):
            raise TypeError(
                f"Operation takes a Keras layer, found {type(layer).__name__}"
            )
        self._layer = layer
        self.name = name or type(self if layer is None else layer).__name__

    def init(self, current_node: "Node") -> None:
        """Connect :attr:`sources` to the node that always applies this operation."""
        if self.search_space is not None:
            for source in self.sources:
                self.search_space.connect(source, current_node)

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the chain of layers this operation applies.

        Args:
            scope: prefix of the layers' names, such as ``cell_0.edge_2``.

        Returns:
            Fresh layers, in the order they are applied.

        Raises:
            SpaceError: neither a layer was given nor this method overridden.
        """
        if self._layer is None:
            raise SpaceError(
                f"operation {self.name} has no layer, expected one, or a method layers"
            )
        config = self._layer.get_config()
        config["name"] = f"{scope}.{_own_name(self._layer)}"
        return [type(self._layer).from_config(config)]

    def build(self, scope: str) -> Block:
        """Make the layers for one place of one network.

        Args:
            scope: prefix of the layers' names.

        Returns:
            A function of a list of tensors that knows its layers.
        """
        return Chain(self.layers(scope))

    def signature(self) -> str | None:
        """Return what this operation does, the same for all that do the same.

        Networks are compared by it. A subclass that changes what an operation does
        returns ``None`` unless it says otherwise: its networks are compared by their
        choices alone.
        """
        if type(self) is not Operation or self._layer is None:
            return None
        config = {k: v for k, v in self._layer.get_config().items() if k != "name"}
        kind = type(self._layer)
        return f"{kind.__module__}.{kind.__qualname__} {config!r}"

    def __repr__(self) -> str:
        """Return class and label."""
        return f"{type(self).__name__}({self.name!r})"


class _LayerlessOperation(Operation):
    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make no layer."""
        return []

    def signature(self) -> str | None:
        """Return the class, which is all there is to know."""
        return type(self).__name__


class Identity(_LayerlessOperation):
    """Passes its input on."""

    def __init__(self, name: str = "skip") -> None:
        super().__init__(name=name)


class Zero(_LayerlessOperation):
    """Passes nothing on: whatever hangs on it alone disappears from the network."""

    passes = False

    def __init__(self, name: str = "zeroize") -> None:
        super().__init__(name=name)


class Tensor(_LayerlessOperation):
    """Stands for an input of the network; ``Tensor([])`` passes nothing on.

    Args:
        shape: of one example.
        name: label of the input.
    """

    passes = False

    def __init__(self, shape: Sequence[int] = (), name: str = "tensor") -> None:
        super().__init__(name=name)
        self.shape = tuple(shape)


class Connect(_LayerlessOperation):
    """Feeds other nodes into the node that chooses this operation.

    Several tensors get concatenated along their last axis.

    Args:
        search_space: the space that all nodes belong to.
        source_node: one node or a list of nodes.
        name: label in drawings; the sources' names by default.
    """

    def __init__(
        self, search_space: Any, source_node: "Node | list[Node]", name: str = ""
    ) -> None:
        sources = source_node if isinstance(source_node, list) else [source_node]
        super().__init__(name=name or f"connect({', '.join(map(str, sources))})")
        self.search_space = search_space
        self.sources = list(sources)

    def build(self, scope: str) -> Block:
        """Make the layer that concatenates."""
        from xnas.space.merges import Concatenate

        return Concatenate().build(scope)


def as_operation(op: Any) -> Operation:
    """Wrap a Keras layer; operations pass through.

    Raises:
        TypeError: neither of both.
    """
    return op if isinstance(op, Operation) else Operation(op)


def _own_name(layer: "keras.layers.Layer") -> str:
    """Drop the number that Keras appends to a name it made up.

    It counts all layers of the process, and names must not depend on those.
    """
    plain = re.sub(r"_\d+$", "", layer.name)
    made_up = plain.replace("_", "") == type(layer).__name__.lower()
    return plain if made_up else layer.name
