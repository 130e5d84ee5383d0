"""Operations that take any number of inputs; with one alone they add no layer."""

from collections.abc import Sequence
from typing import Any

from xnas.space.base import Node, Operation
from xnas.space.blocks import Block, Layer, Tensors, activation_layers, make_layer


class MergeBlock(Block):
    """Merges by its last layers what its own :meth:`prepare` made alike.

    Args:
        scope: prefix of the names of layers made later.
        layers: the layer that merges, and those that follow.
    """

    def __init__(self, scope: str, layers: Sequence[Layer]) -> None:
        super().__init__(layers)
        self._chain = list(layers)
        self._scope = scope
        self._made: dict[str, Any] = {}

    def __call__(self, tensors: Tensors) -> Any:
        """Merge; one tensor alone passes through."""
        if len(tensors) == 1:
            return tensors[0]
        value: Any = self.prepare(list(tensors))
        for layer in self._chain:
            value = layer(value)
        return value

    def prepare(self, tensors: list[Any]) -> list[Any]:
        """Make two tensors or more fit for merging."""
        return tensors

    def made_once(self, class_name: str, name: str, *args: Any) -> Any:
        """Return the layer of this name; shapes tell which layers a merge needs.

        Args:
            class_name: of a class of ``keras.layers``.
            name: unique within the block.
            *args: of the layer, used when it is made.
        """
        if name not in self._made:
            self._made[name] = make_layer(class_name, f"{self._scope}.{name}", *args)
            self.layers.append(self._made[name])
        return self._made[name]


class FlatteningBlock(MergeBlock):
    """Flattens tensors of unequal rank before they are merged."""

    def prepare(self, tensors: list[Any]) -> list[Any]:
        """Flatten all where ranks differ."""
        if len({len(t.shape) for t in tensors}) == 1:
            return tensors
        return [
            self.made_once("Flatten", f"flatten_{i}")(t) for i, t in enumerate(tensors)
        ]


class ProjectingBlock(MergeBlock):
    """Projects all tensors to the width of the first one before they are merged."""

    def prepare(self, tensors: list[Any]) -> list[Any]:
        """Append axes of size one to lower ranks, then project."""
        alike = self.raised(tensors)
        width = int(alike[0].shape[-1])
        return [
            t
            if t.shape[-1] == width
            else self.made_once("Dense", f"project_{i}", width)(t)
            for i, t in enumerate(alike)
        ]

    def raised(self, tensors: list[Any]) -> list[Any]:
        """Append axes of size one to lower ranks."""
        rank = max(len(t.shape) for t in tensors)
        return [self._raised(i, t, rank) for i, t in enumerate(tensors)]

    def _raised(self, i: int, tensor: Any, rank: int) -> Any:
        if not (missing := rank - len(tensor.shape)):
            return tensor
        shape = (*tensor.shape[1:], *[1] * missing)
        return self.made_once("Reshape", f"reshape_{i}", shape)(tensor)


class Merge(Operation):
    """A merge that may name the nodes it merges, which connects them.

    Args:
        search_space: the space of the stacked nodes.
        stacked_nodes: nodes to connect to the node that holds this operation.
        name: label in drawings; the class by default.
    """

    def __init__(
        self,
        search_space: Any = None,
        stacked_nodes: Sequence[Node] | None = None,
        name: str = "",
    ) -> None:
        super().__init__(name=name)
        if stacked_nodes and search_space is None:
            raise TypeError(f"{self.name} takes stacked_nodes only with a search_space")
        self.search_space = search_space
        self.sources = list(stacked_nodes or ())


class _Sum(Merge):
    activation: Any = None

    def adding_layers(self, scope: str) -> list[Layer]:
        """Make the layer that adds, and the activation of the sum, if any."""
        add = make_layer("Add", f"{scope}.add")
        return [add, *activation_layers(scope, self.activation)]


class Add(_Sum):
    """Adds tensors of equal shape."""

    @property
    def only_adds(self) -> bool:
        """Whether all it does is to add."""
        return type(self).build is Add.build and self.activation is None

    def build(self, scope: str) -> Block:
        """Make the layer that adds."""
        return MergeBlock(scope, self.adding_layers(scope))


class Concatenate(Merge):
    """Concatenates tensors; where their ranks differ, all get flattened.

    Args:
        search_space: the space of the stacked nodes.
        stacked_nodes: nodes to connect to the node that holds this operation.
        axis: axis to concatenate along.
        name: label in drawings; the class by default.
    """

    def __init__(
        self,
        search_space: Any = None,
        stacked_nodes: Sequence[Node] | None = None,
        axis: int = -1,
        name: str = "",
    ) -> None:
        super().__init__(search_space, stacked_nodes, name)
        self.axis = axis

    def build(self, scope: str) -> Block:
        """Make the layer that concatenates."""
        layer = make_layer("Concatenate", f"{scope}.concatenate", axis=self.axis)
        return FlatteningBlock(scope, [layer])


class AddByProjecting(_Sum):
    """Adds tensors after dense layers have given all the width of the first one.

    Args:
        search_space: the space of the stacked nodes.
        stacked_nodes: nodes to connect to the node that holds this operation.
        activation: of the sum, if any.
        axis: axis to project; dense layers act on the last one only.
        name: label in drawings; the class by default.

    Raises:
        ValueError: another axis than the last.
    """

    def __init__(
        self,
        search_space: Any = None,
        stacked_nodes: Sequence[Node] | None = None,
        activation: Any = None,
        axis: int = -1,
        name: str = "",
    ) -> None:
        super().__init__(search_space, stacked_nodes, name)
        if axis != -1:
            raise ValueError(f"axis is {axis}, expected -1, the one that is projected")
        self.activation = activation

    def build(self, scope: str) -> Block:
        """Make the layers that add; projections are made when shapes are known."""
        return ProjectingBlock(scope, self.adding_layers(scope))
