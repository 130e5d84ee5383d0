"""Operations without weights: what passes inputs on, or nothing, or other nodes."""

from collections.abc import Sequence
from typing import Any

from xnas.space.base import Node, Operation
from xnas.space.blocks import Block, Layer
from xnas.space.merges import Concatenate


class _LayerlessOperation(Operation):
    def layers(self, scope: str) -> list[Layer]:
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
        self, search_space: Any, source_node: Node | list[Node], name: str = ""
    ) -> None:
        sources = source_node if isinstance(source_node, list) else [source_node]
        super().__init__(name=name or f"connect({', '.join(map(str, sources))})")
        self.search_space = search_space
        self.sources = list(sources)

    def build(self, scope: str) -> Block:
        """Make the layer that concatenates."""
        return Concatenate().build(scope)
