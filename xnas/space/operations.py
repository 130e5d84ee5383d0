"""Operations: what a node does to its inputs, as factories of Keras layers.

An operation holds no layers. :meth:`Operation.build` makes fresh ones, so that a
network built twice shares nothing.
"""

import abc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

    from xnas.space.nodes import Node

Tensors = Sequence["keras.KerasTensor"]
Apply = Callable[[Tensors], "keras.KerasTensor"]


class Operation:
    """Applies one Keras layer, or none for subclasses that say what they do.

    Args:
        layer: the layer to copy into every network; its name becomes part of the
            copies' names.
        name: label in drawings and descriptions; the layer's class by default.

    Raises:
        TypeError: ``layer`` is no Keras layer.
    """

    def __init__(self, layer: Any = None, name: str = "") -> None:
        if layer is not None and not hasattr(layer, "get_config"):
            raise TypeError(
                f"Operation takes a Keras layer, found {type(layer).__name__}"
            )
        self._layer = layer
        self.name = name or type(self if layer is None else layer).__name__

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the chain of layers this operation applies.

        Args:
            scope: prefix of the layers' names, such as ``cell_0.edge_2``.

        Returns:
            Fresh layers; none for an operation that is no chain of layers.
        """
        if self._layer is None:
            return []
        config = self._layer.get_config()
        config["name"] = f"{scope}.{config['name'].split('.')[-1]}"
        return [type(self._layer).from_config(config)]

    def build(self, scope: str) -> Apply:
        """Make the layers and return the function that applies them.

        Args:
            scope: prefix of the layers' names.

        Returns:
            A function from one or more tensors to one. Several inputs reach only
            the first layer of a chain, as a list.
        """
        chain = self.layers(scope)

        def apply(tensors: Tensors) -> "keras.KerasTensor":
            value: Any = tensors[0] if len(tensors) == 1 else list(tensors)
            for layer in chain:
                value = layer(value)
            return value

        return apply

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class Identity(Operation):
    """Passes its input on."""

    def __init__(self, name: str = "skip") -> None:
        super().__init__(name=name)


class Zero(Operation):
    """Passes nothing on: whatever hangs on it alone disappears from the network."""

    def __init__(self, name: str = "zeroize") -> None:
        super().__init__(name=name)


class Tensor(Operation):
    """Stands for an input of the network.

    Args:
        shape: of one example.
        name: label of the input.
    """

    def __init__(self, shape: tuple[int | None, ...], name: str = "input") -> None:
        super().__init__(name=name)
        self.shape = tuple(shape)


class Connect(Operation):
    """Feeds the outputs of other nodes into the node that chooses this operation.

    Args:
        search_space: the space both belong to; kept for DeepHyper's signature.
        source_node: one node or several.
        name: label in drawings.
    """

    def __init__(
        self, search_space: Any, source_node: "Node | Sequence[Node]", name: str = ""
    ) -> None:
        sources = (
            list(source_node)
            if isinstance(source_node, (list, tuple))
            else [source_node]
        )
        super().__init__(name=name or f"connect({', '.join(n.name for n in sources)})")
        self.sources: list[Node] = sources

    def build(self, scope: str) -> Apply:
        """Merge by concatenation where more than one tensor arrives."""
        return Concatenate().build(scope)


class Merge(Operation, abc.ABC):
    """Takes any number of inputs; with one alone it adds no layer."""

    def __init__(self, search_space: Any = None, name: str = "") -> None:
        super().__init__(name=name)

    @abc.abstractmethod
    def _merge(self, tensors: Tensors, scope: str) -> "keras.KerasTensor":
        """Merge two or more tensors."""

    def build(self, scope: str) -> Apply:
        """Return the function that merges."""

        def apply(tensors: Tensors) -> "keras.KerasTensor":
            return tensors[0] if len(tensors) == 1 else self._merge(tensors, scope)

        return apply


class Add(Merge):
    """Adds tensors of equal shape."""

    def _merge(self, tensors: Tensors, scope: str) -> "keras.KerasTensor":
        import keras

        return keras.layers.Add(name=f"{scope}.add")(list(tensors))


class _Stacking(Merge):
    """A merge that may name the nodes it merges, which connects them.

    Args:
        search_space: the space both belong to; kept for DeepHyper's signature.
        stacked_nodes: nodes to connect to the node that holds this operation.
        axis: axis of the merge.
    """

    def __init__(
        self,
        search_space: Any = None,
        stacked_nodes: "Sequence[Node] | None" = None,
        axis: int = -1,
        name: str = "",
    ) -> None:
        super().__init__(search_space, name)
        self.stacked_nodes = list(stacked_nodes or [])
        self.axis = axis


class Concatenate(_Stacking):
    """Concatenates tensors; ones of lower rank are flattened with the others."""

    def _merge(self, tensors: Tensors, scope: str) -> "keras.KerasTensor":
        import keras

        tensors = list(tensors)
        if len({len(t.shape) for t in tensors}) > 1:
            tensors = [
                keras.layers.Flatten(name=f"{scope}.flatten_{i}")(t)
                for i, t in enumerate(tensors)
            ]
        return keras.layers.Concatenate(axis=self.axis, name=f"{scope}.concatenate")(
            tensors
        )


class AddByProjecting(_Stacking):
    """Projects tensors to the widest one by dense layers, then adds them.

    Args:
        search_space: the space both belong to; kept for DeepHyper's signature.
        stacked_nodes: nodes to connect to the node that holds this operation.
        activation: name of the activation of the sum, if any.
        axis: axis to project; the last is the only one dense layers act on.
    """

    def __init__(
        self,
        search_space: Any = None,
        stacked_nodes: "Sequence[Node] | None" = None,
        activation: str | None = None,
        axis: int = -1,
        name: str = "",
    ) -> None:
        super().__init__(search_space, stacked_nodes, axis, name)
        self.activation = activation

    def _merge(self, tensors: Tensors, scope: str) -> "keras.KerasTensor":
        import keras

        widest = max(int(t.shape[self.axis]) for t in tensors)
        projected = [
            t
            if t.shape[self.axis] == widest
            else keras.layers.Dense(widest, name=f"{scope}.project_{i}")(t)
            for i, t in enumerate(tensors)
        ]
        total = keras.layers.Add(name=f"{scope}.add")(projected)
        if self.activation is None:
            return total
        return keras.layers.Activation(self.activation, name=f"{scope}.activation")(
            total
        )


def as_operation(op: Any) -> Operation:
    """Wrap a Keras layer; operations pass through.

    Raises:
        TypeError: neither of both.
    """
    return op if isinstance(op, Operation) else Operation(op)
