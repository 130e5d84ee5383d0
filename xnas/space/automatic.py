"""A search space that ends itself, as DeepHyper's ``AutoKSearchSpace`` did."""

import math

from xnas.space.base import Node, Operation
from xnas.space.blocks import Layer, make_layer
from xnas.space.checks import Shape
from xnas.space.graph import KSearchSpace
from xnas.space.merges import Concatenate
from xnas.space.nodes import ConstantNode


class AutoKSearchSpace(KSearchSpace):
    """A space whose networks end in a dense layer of the output's shape.

    Nodes that feed no other are concatenated before it.

    Args:
        input_shape: shape of one example, or a list of shapes for several inputs.
        output_shape: shape of one prediction.
        regression: linear predictions instead of softmax.

    Raises:
        SpaceError: a shape is no tuple of positive whole numbers.
    """

    def __init__(
        self,
        input_shape: Shape | list[Shape],
        output_shape: Shape,
        regression: bool = False,
    ) -> None:
        super().__init__(input_shape, output_shape)
        self.regression = regression

    def closing_nodes(self) -> list[Node]:
        """Return the node that merges all ends, and the one that predicts."""
        feeding = {source for source, _ in self.graph.edges}
        feeding.update(s for n in self.graph for op in n.ops for s in op.sources)
        merge = Concatenate()
        merge.sources = [
            node
            for node in self.graph
            if node not in feeding and node not in self.input_nodes
        ]
        merge_node = ConstantNode(merge, "output_merge")
        head = _FlatHead(self)
        head.sources = [merge_node]
        return [merge_node, ConstantNode(head, "output")]


class _FlatHead(Operation):
    def __init__(self, space: AutoKSearchSpace) -> None:
        super().__init__(name="head")
        self.space = space

    def layers(self, scope: str) -> list[Layer]:
        """Make a flattening layer and those that predict."""
        return [
            make_layer("Flatten", f"{scope}.flatten"),
            *prediction_layers(scope, self.space.output_shape, self.space.regression),
        ]


def prediction_layers(scope: str, output_shape: Shape, regression: bool) -> list[Layer]:
    """Make the dense layer that predicts, and reshape predictions of higher rank.

    Args:
        scope: prefix of the layers' names.
        output_shape: shape of one prediction.
        regression: linear predictions instead of softmax.

    Returns:
        One layer or two.
    """
    activation = "linear" if regression else "softmax"
    size = math.prod(output_shape)
    layers = [make_layer("Dense", f"{scope}.dense", size, activation=activation)]
    if len(output_shape) > 1:
        layers.append(make_layer("Reshape", f"{scope}.reshape", output_shape))
    return layers
