"""The NAS-Bench-201 search space (Dong and Yang, ICLR 2020), in Keras.

A skeleton of stem, three stages of equal cells with a residual block of stride 2
between stages, and a classifier. A cell is a complete directed acyclic graph of nodes
whose edges each choose one of five operations; all cells share the choices.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xnas.space.graph import KSearchSpace, Shape
from xnas.space.nodes import ConstantNode, MimeNode, Node, SpaceError, VariableNode
from xnas.space.operations import (
    Add,
    Apply,
    Concatenate,
    Identity,
    Operation,
    Tensors,
    Zero,
)

if TYPE_CHECKING:
    import keras

STAGE_FILTERS = (16, 32, 64)


class ReLUConvNorm(Operation):
    """ReLU, convolution, batch normalisation.

    Args:
        filters: of the convolution.
        size: side of its kernel.
    """

    def __init__(self, filters: int, size: int) -> None:
        super().__init__(name=f"conv{size}x{size}")
        self.filters = filters
        self.size = size

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the three layers."""
        import keras

        return [
            keras.layers.Activation("relu", name=f"{scope}.relu"),
            keras.layers.Conv2D(
                self.filters, self.size, padding="same", name=f"{scope}.conv"
            ),
            keras.layers.BatchNormalization(name=f"{scope}.norm"),
        ]


class AveragePool(Operation):
    """Average over 3 × 3 neighbours; keeps the size."""

    def __init__(self) -> None:
        super().__init__(name="avg_pool3x3")

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the layer."""
        import keras

        return [
            keras.layers.AveragePooling2D(
                3, strides=1, padding="same", name=f"{scope}.pool"
            )
        ]


class Stem(Operation):
    """Convolution and batch normalisation of the pictures.

    Args:
        filters: of the convolution.
    """

    def __init__(self, filters: int) -> None:
        super().__init__(name="stem")
        self.filters = filters

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the two layers."""
        import keras

        return [
            keras.layers.Conv2D(self.filters, 3, padding="same", name=f"{scope}.conv"),
            keras.layers.BatchNormalization(name=f"{scope}.norm"),
        ]


class Residual(Operation):
    """Two convolutions beside a pooled shortcut; halves the size.

    Args:
        filters: of all its convolutions.
    """

    def __init__(self, filters: int) -> None:
        super().__init__(name="residual")
        self.filters = filters

    def build(self, scope: str) -> Apply:
        """Make the layers and return the function that applies them."""
        from keras import layers

        def conv(size: int, name: str, strides: int = 1) -> layers.Layer:
            return layers.Conv2D(
                self.filters, size, strides, padding="same", name=f"{scope}.{name}"
            )

        main = [
            conv(3, "conv_a", strides=2),
            layers.BatchNormalization(name=f"{scope}.norm_a"),
            layers.Activation("relu", name=f"{scope}.relu_a"),
            conv(3, "conv_b"),
            layers.BatchNormalization(name=f"{scope}.norm_b"),
        ]
        shortcut = [
            layers.AveragePooling2D(2, 2, padding="same", name=f"{scope}.pool"),
            conv(1, "shortcut"),
        ]
        add = layers.Add(name=f"{scope}.add")
        relu = layers.Activation("relu", name=f"{scope}.relu")

        def apply(tensors: Tensors) -> "keras.KerasTensor":
            a = b = tensors[0]
            for layer in main:
                a = layer(a)
            for layer in shortcut:
                b = layer(b)
            return relu(add([a, b]))

        return apply


class Head(Operation):
    """Global average pooling and a dense layer.

    Args:
        output_shape: shape of one prediction.
        activation: of the dense layer: ``softmax``, or ``linear`` for regression.
    """

    def __init__(self, output_shape: Shape, activation: str) -> None:
        super().__init__(name="head")
        self.output_shape = output_shape
        self.activation = activation

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the layers; a prediction of higher rank is reshaped."""
        import keras

        chain = [
            keras.layers.GlobalAveragePooling2D(name=f"{scope}.pool"),
            keras.layers.Dense(
                math.prod(self.output_shape),
                activation=self.activation,
                name=f"{scope}.dense",
            ),
        ]
        if len(self.output_shape) > 1:
            chain.append(keras.layers.Reshape(self.output_shape, name=f"{scope}.shape"))
        return chain


def nas_bench_201_search_space(
    input_shape: Shape | list[Shape],
    output_shape: Shape,
    regression: bool = False,
    n_nodes: int = 4,
    stack_size: int = 5,
    filter_scale_factor: float = 1,
) -> KSearchSpace:
    """Make the NAS-Bench-201 search space.

    Args:
        input_shape: (height, width, channels) of a picture; several pictures of equal
            height and width are concatenated along their channels.
        output_shape: shape of one prediction, such as (10,) for ten classes.
        regression: linear predictions instead of softmax.
        n_nodes: nodes of a cell, 4 in the paper; a cell has n(n−1)/2 edges.
        stack_size: cells a stage, 5 in the paper.
        filter_scale_factor: scales the 16, 32 and 64 filters of the three stages.

    Returns:
        The space; its variable nodes ``edge_0``, ``edge_1``, … are the edges (1,0),
        (2,0), (2,1), (3,0), … of the cell, with the choices 0 = 3 × 3 convolution,
        1 = 1 × 1 convolution, 2 = average pooling, 3 = nothing, 4 = skip connection.

    Raises:
        SpaceError: an argument cannot be used.
    """
    space = KSearchSpace(input_shape, output_shape)
    _check_arguments(space, n_nodes, stack_size, filter_scale_factor)
    filters = [max(1, round(f * filter_scale_factor)) for f in STAGE_FILTERS]
    last = _add_stem(space, filters[0])
    edges: list[VariableNode] = []
    cell = 0
    for stage, stage_filters in enumerate(filters):
        if stage:
            reduction = ConstantNode(Residual(stage_filters), f"reduction_{stage - 1}")
            space.connect(last, reduction)
            last = reduction
        for _ in range(stack_size):
            last = _add_cell(space, last, f"cell_{cell}", stage_filters, n_nodes, edges)
            cell += 1
    activation = "linear" if regression else "softmax"
    space.connect(last, ConstantNode(Head(space.output_shape, activation), "head"))
    return space


def _add_stem(space: KSearchSpace, filters: int) -> Node:
    stem = ConstantNode(Stem(filters), "stem")
    source: Node = space.input_nodes[0]
    if len(space.input_nodes) > 1:
        source = ConstantNode(Concatenate(space, space.input_nodes), "inputs")
        space.add_node(source)
    space.connect(source, stem)
    return stem


def _choices(filters: int) -> Sequence[Operation]:
    return (
        ReLUConvNorm(filters, 3),
        ReLUConvNorm(filters, 1),
        AveragePool(),
        Zero(),
        Identity(),
    )


def _add_cell(
    space: KSearchSpace,
    source: Node,
    scope: str,
    filters: int,
    n_nodes: int,
    edges: list[VariableNode],
) -> Node:
    """Add a cell; the first one's edges choose, later cells' edges follow them.

    Args:
        space: where to add it.
        source: the cell's node 0.
        scope: name of the cell.
        filters: of its convolutions.
        n_nodes: nodes of the cell, the source included.
        edges: the choosing edges; filled by the first cell.

    Returns:
        The cell's last node.
    """
    first = not edges
    points: list[Node] = [source]
    number = 0
    for i in range(1, n_nodes):
        point = ConstantNode(Add(), f"{scope}.node_{i}")
        for origin in points:
            name = f"{scope}.edge_{number}"
            if first:
                edge = VariableNode(f"edge_{number}", scope=name)
                edges.append(edge)
            else:
                edge = MimeNode(edges[number], name)
            for operation in _choices(filters):
                edge.add_op(operation)
            space.connect(origin, edge)
            space.connect(edge, point)
            number += 1
        points.append(point)
    return points[-1]


def _check_arguments(
    space: KSearchSpace, n_nodes: int, stack_size: int, filter_scale_factor: float
) -> None:
    for shape in space.input_shape:
        if len(shape) != 3:
            raise SpaceError(
                f"input_shape is {shape}, expected (height, width, channels)"
            )
    if len({shape[:2] for shape in space.input_shape}) > 1:
        raise SpaceError(
            f"the inputs have shapes {space.input_shape}, expected equal height and "
            "width"
        )
    for name, value, lowest in (("n_nodes", n_nodes, 2), ("stack_size", stack_size, 1)):
        if not isinstance(value, int) or value < lowest:
            raise SpaceError(
                f"{name} is {value!r}, expected a whole number, {lowest} or more"
            )
    if not filter_scale_factor > 0:
        raise SpaceError(
            f"filter_scale_factor is {filter_scale_factor!r}, expected above 0"
        )
