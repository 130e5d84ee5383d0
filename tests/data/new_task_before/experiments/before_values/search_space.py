"""Dense layers in a chain, any of which may be left out, with skip connections."""

import sys

from xnas.search_space_common import (
    AddByProjecting,
    Connect,
    ConstantNode,
    Dense,
    Identity,
    KSearchSpace,
    Node,
    VariableNode,
    Zero,
    summarize,
)

UNITS = (16, 32, 64, 128)
ACTIVATIONS = ("relu", "tanh")


def create_search_space(
    input_shape: tuple[int, ...] | list[tuple[int, ...]] = (5,),
    output_shape: tuple[int, ...] = (1,),
    n_layers: int = 4,
) -> KSearchSpace:
    """Make the search space of this task."""
    space = KSearchSpace(input_shape, output_shape)
    points: list[Node] = [space.input_nodes[0]]
    for i in range(n_layers):
        layer = VariableNode(name=f"layer_{i}")
        for units in UNITS:
            for activation in ACTIVATIONS:
                layer.add_op(Dense(units, activation))
        layer.add_op(Identity())  # leaves the layer out
        space.connect(points[-1], layer)
        points.append(_with_skip(space, layer, points[:-1], i) if i else layer)
    output = ConstantNode(Dense(output_shape[-1]), name="output")
    space.connect(points[-1], output)
    return space


def _with_skip(
    space: KSearchSpace, layer: Node, earlier: list[Node], i: int
) -> ConstantNode:
    """Add what comes from one of the earlier points, or from none, to a layer."""
    skip = VariableNode(name=f"skip_{i}")
    skip.add_op(Zero())
    for point in earlier:
        skip.add_op(Connect(space, point))
    return ConstantNode(AddByProjecting(space, [layer, skip]), name=f"sum_{i}")


if __name__ == "__main__":
    sys.exit(summarize(create_search_space))
