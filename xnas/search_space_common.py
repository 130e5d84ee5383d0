"""What ``search_space.py`` files import: spaces, their vocabulary, and a summary."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from xnas.drawing import cell_svg
from xnas.drawing.png import svg_to_png
from xnas.errors import XNASError
from xnas.space import (
    Activation,
    Add,
    AddByProjecting,
    AutoKSearchSpace,
    Block,
    Chain,
    Concatenate,
    Connect,
    ConstantNode,
    Dense,
    Dropout,
    Flatten,
    Identity,
    KSearchSpace,
    MimeNode,
    MirrorNode,
    Node,
    Operation,
    SpaceError,
    Tensor,
    VariableNode,
    Zero,
    nas_bench_201_search_space,
)
from xnas.space.cells_of_2021 import (
    AddByProjectingND,
    AddStrictly,
    AvgPool2DBlock,
    Conv2DBlock,
    DenseBlock,
    IdentityBlock,
    NASBench201Cell,
    NASBench201ResidualBlock,
    NASBlock,
    NullableIdentity,
    SeparableConv2DBlock,
    add_conv2d_to_,
    add_dense_to_,
    add_pool2d_to_,
)
from xnas.space.operations_2d import (
    AvgPool2D,
    BatchNormalization,
    Conv2D,
    GlobalAveragePooling2D,
    MaxPool2D,
    SeparableConv2D,
)

__all__ = [
    "Activation",
    "Add",
    "AddByProjecting",
    "AddByProjectingND",
    "AddStrictly",
    "AutoKSearchSpace",
    "AvgPool2D",
    "AvgPool2DBlock",
    "BatchNormalization",
    "Block",
    "Chain",
    "Concatenate",
    "Connect",
    "ConstantNode",
    "Conv2D",
    "Conv2DBlock",
    "Dense",
    "DenseBlock",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "Identity",
    "IdentityBlock",
    "KSearchSpace",
    "MaxPool2D",
    "MimeNode",
    "MirrorNode",
    "NASBench201Cell",
    "NASBench201ResidualBlock",
    "NASBlock",
    "Node",
    "NullableIdentity",
    "Operation",
    "SeparableConv2D",
    "SeparableConv2DBlock",
    "SpaceError",
    "Tensor",
    "VariableNode",
    "Zero",
    "add_conv2d_to_",
    "add_dense_to_",
    "add_pool2d_to_",
    "nas_bench_201_search_space",
    "summarize",
    "summarize_search_space_arch",
]


def summarize(
    create_search_space: Callable[[], KSearchSpace], argv: Sequence[str] | None = None
) -> int:
    """Print Keras's summary of one network; the ``main`` of ``search_space.py`` files.

    Args:
        create_search_space: makes the space, all arguments left at their defaults.
        argv: one choice a variable node; ``sys.argv[1:]`` if ``None``.

    Returns:
        The exit status: 0, or 2 after one sentence on stderr.
    """
    words = sys.argv[1:] if argv is None else argv
    try:
        space = create_search_space()
        space.set_ops([_choice(word) for word in words])
        # Keras loads TensorFlow here, whose greetings are of no use to anybody.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        space.create_model().summary()
    except XNASError as error:
        print(f"search_space: {error}", file=sys.stderr)
        return 2
    return 0


SAMPLED = "sampled_neural_network.png"


def summarize_search_space_arch(
    search_space: KSearchSpace, ops: Sequence[int | float], plot_shapes: bool = True
) -> None:
    """Print and draw one network, as ``search_space.py`` files of 2021 ask for.

    Args:
        search_space: the space.
        ops: one choice a variable node: whole numbers, or floats in [0, 1).
        plot_shapes: whether Keras's summary, which has the shapes, is printed, too.

    Raises:
        SpaceError: the choices do not fit, or make no network.
        OSError: the drawing cannot be written into the working folder.
    """
    search_space.set_ops(ops)
    chosen = [node.index for node in search_space.variable_nodes]
    print(
        f"{search_space.size:,} genotypes of {len(chosen)} choices; this one: {chosen}"
    )
    for node in search_space.variable_nodes:
        print(f"  {node.name}: {node.op.name}")
    model = search_space.create_model()
    if plot_shapes:
        model.summary()
    drawing = cell_svg(search_space.describe(), chosen, theme="light")
    Path(SAMPLED).write_bytes(svg_to_png(drawing, 1200))
    print(f"Drawn: {SAMPLED}")


def _choice(word: str) -> int | float:
    try:
        return float(word) if "." in word else int(word)
    except ValueError:
        raise SpaceError(
            f"choice {word!r} found, expected a whole number or a float in [0, 1)"
        ) from None
