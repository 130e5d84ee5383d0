"""One way to see both pictures, one to compare them, one to decide."""

import sys

import keras

from xnas.search_space_common import (
    Concatenate,
    ConstantNode,
    Dense,
    Identity,
    KSearchSpace,
    MirrorNode,
    Node,
    Operation,
    SpaceError,
    VariableNode,
    summarize,
)


class Convolution(Operation):
    """A convolution, its activation, and pooling that halves height and width."""

    def __init__(self, filters: int, size: int) -> None:
        super().__init__(name=f"conv_{size}x{size}_{filters}")
        self.filters, self.size = filters, size

    def layers(self, scope: str) -> list[keras.layers.Layer]:
        """Make the layers; their names start with the place they are made for."""
        return [
            keras.layers.Conv2D(
                self.filters, self.size, padding="same", name=f"{scope}.conv"
            ),
            keras.layers.Activation("relu", name=f"{scope}.activation"),
            keras.layers.AveragePooling2D(2, padding="same", name=f"{scope}.pool"),
        ]


def create_search_space(
    input_shape: tuple[int, ...] | list[tuple[int, ...]] = [(8, 8, 1), (8, 8, 1)],  # noqa: B006
    output_shape: tuple[int, ...] = (3,),
) -> KSearchSpace:
    """Make the search space of this task."""
    if not isinstance(input_shape, list) or len(input_shape) != 2:
        raise SpaceError(f"input_shape is {input_shape}, expected two shapes")
    space = KSearchSpace(input_shape, output_shape)
    merged = VariableNode(name="compare")
    for op in (Concatenate(), keras.layers.Subtract(), keras.layers.Multiply()):
        merged.add_op(op)

    seen: list[Node] = list(space.input_nodes)
    for step in (1, 2):
        see = VariableNode(name=f"see_{step}")
        for filters in (8, 16):
            for size in (3, 5):
                see.add_op(Convolution(filters, size))
        see.add_op(Identity())
        # The second picture is seen by the very same layers.
        for i, node in enumerate((see, MirrorNode(see, name=f"see_{step}_too"))):
            space.connect(seen[i], node)
            seen[i] = node
    for node in seen:
        space.connect(node, merged)

    last = ConstantNode(keras.layers.Flatten(), name="flatten")
    space.connect(merged, last)
    decide = VariableNode(name="decide")
    for units in (16, 64):
        decide.add_op(Dense(units, "relu"))
    decide.add_op(Identity())
    space.connect(last, decide)
    output = ConstantNode(Dense(output_shape[0], "softmax"), name="output")
    space.connect(decide, output)
    return space


if __name__ == "__main__":
    sys.exit(summarize(create_search_space))
