"""The NAS-Bench-201 search space (Dong and Yang, ICLR 2020), in Keras.

A skeleton of stem, three stages of equal cells with a residual block of stride 2
between stages, and a classifier. A cell is a complete directed acyclic graph of nodes
whose edges each choose one of five operations; all cells share the choices.
"""

import math
from collections.abc import Sequence

from xnas.space.base import Node, Operation
from xnas.space.checks import Shape, SpaceError, check_count
from xnas.space.graph import KSearchSpace
from xnas.space.merges import Add, Concatenate
from xnas.space.nas_bench_201_operations import (
    AveragePool,
    Head,
    ReLUConvNorm,
    Residual,
    Stem,
)
from xnas.space.nodes import ConstantNode, MimeNode, VariableNode
from xnas.space.operations import Identity, Zero

STAGE_FILTERS = (16, 32, 64)


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
        (2,0), (2,1), (3,0), … of the cell, with the choices 0 = ``conv3x3``,
        1 = ``conv1x1``, 2 = ``avg_pool3x3``, 3 = ``zeroize``, 4 = ``skip``.

    Raises:
        SpaceError: an argument cannot be used.
    """
    space = KSearchSpace(input_shape, output_shape)
    _check_pictures(space.input_shape)
    check_count("n_nodes", n_nodes, lowest=2)
    check_count("stack_size", stack_size, lowest=1)
    last = _add_stem(space, _filters(STAGE_FILTERS[0], filter_scale_factor))
    edges = _edges(n_nodes)
    for stage, unscaled in enumerate(STAGE_FILTERS):
        filters = _filters(unscaled, filter_scale_factor)
        if stage:
            reduction = ConstantNode(Residual(filters), f"reduction_{stage - 1}")
            space.connect(last, reduction)
            last = reduction
        for cell in range(stage * stack_size, (stage + 1) * stack_size):
            last = _add_cell(space, last, cell, filters, edges)
    space.connect(last, ConstantNode(Head(space.output_shape, regression), "head"))
    space.compared_as = _one_cell(n_nodes)
    return space


def _one_cell(n_nodes: int) -> KSearchSpace:
    """Make a space of one cell: all cells are alike, so that one tells all."""
    space = KSearchSpace((1, 1, 1), (1, 1, 1))
    _add_cell(space, space.input_nodes[0], 0, 1, _edges(n_nodes))
    return space


def _edges(n_nodes: int) -> list[VariableNode]:
    n_edges = n_nodes * (n_nodes - 1) // 2
    return [VariableNode(f"edge_{i}", f"cell_0.edge_{i}") for i in range(n_edges)]


def _add_stem(space: KSearchSpace, filters: int) -> Node:
    stem = ConstantNode(Stem(filters), "stem")
    source: Node = space.input_nodes[0]
    if len(space.input_nodes) > 1:
        source = ConstantNode(Concatenate(space, space.input_nodes), "inputs")
    space.connect(source, stem)
    return stem


def cell_operations(filters: int) -> Sequence[Operation]:
    """Make what an edge of a cell chooses among.

    Args:
        filters: of the convolutions.
    """
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
    cell: int,
    filters: int,
    edges: Sequence[VariableNode],
) -> Node:
    """Add a cell; edges of the first one choose, those of later ones follow them.

    Args:
        space: where to add it.
        source: the cell's node 0.
        cell: its number.
        filters: of its convolutions.
        edges: of the first cell.

    Returns:
        The cell's last node.
    """
    points = [source]
    remaining = list(enumerate(edges))
    while remaining:
        point = ConstantNode(Add(), f"cell_{cell}.node_{len(points)}")
        for origin in points:
            number, chooser = remaining.pop(0)
            follower = MimeNode(chooser, f"cell_{cell}.edge_{number}")
            edge = follower if cell else chooser
            for operation in cell_operations(filters):
                edge.add_op(operation)
            space.connect(origin, edge)
            space.connect(edge, point)
        points.append(point)
    return points[-1]


def _filters(unscaled: int, scale: float) -> int:
    if not isinstance(scale, (int, float)) or not 0 < scale < math.inf:
        raise SpaceError(f"filter_scale_factor is {scale!r}, expected a number above 0")
    return max(1, round(unscaled * scale))


def _check_pictures(shapes: Sequence[Shape]) -> None:
    for shape in shapes:
        if len(shape) != 3:
            expected = "(height, width, channels)"
            raise SpaceError(f"input_shape is {shape}, expected {expected}")
        if shape[:2] != shapes[0][:2]:
            raise SpaceError(
                f"the inputs have shapes {shapes[0]} and {shape}, expected equal "
                "height and width"
            )
