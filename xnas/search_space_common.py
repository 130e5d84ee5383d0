"""What ``search_space.py`` files import: spaces, their vocabulary, and a summary."""

import os
import sys
from collections.abc import Callable, Sequence

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

__all__ = [
    "Activation",
    "Add",
    "AddByProjecting",
    "AutoKSearchSpace",
    "Block",
    "Chain",
    "Concatenate",
    "Connect",
    "ConstantNode",
    "Dense",
    "Dropout",
    "Flatten",
    "Identity",
    "KSearchSpace",
    "MimeNode",
    "MirrorNode",
    "Node",
    "Operation",
    "SpaceError",
    "Tensor",
    "VariableNode",
    "Zero",
    "nas_bench_201_search_space",
    "summarize",
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


def _choice(word: str) -> int | float:
    try:
        return float(word) if "." in word else int(word)
    except ValueError:
        raise SpaceError(
            f"choice {word!r} found, expected a whole number or a float in [0, 1)"
        ) from None
