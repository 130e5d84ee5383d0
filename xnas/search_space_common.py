"""What ``search_space.py`` files import: spaces, their vocabulary, and a summary."""

import sys
from collections.abc import Callable, Sequence

from xnas.errors import XNASError
from xnas.space import (
    Add,
    AddByProjecting,
    Concatenate,
    Connect,
    ConstantNode,
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
    "Add",
    "AddByProjecting",
    "Concatenate",
    "Connect",
    "ConstantNode",
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
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        space = create_search_space()
        space.set_ops([_choice(word) for word in words])
        space.create_model().summary()
    except XNASError as error:
        print(f"search_space: {error}", file=sys.stderr)
        return 2
    return 0


def _choice(word: str) -> int | float:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    raise SpaceError(f"choice {word!r} found, expected a number")
