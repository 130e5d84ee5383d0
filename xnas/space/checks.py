"""Checks that several modules of search spaces share."""

from collections.abc import Sequence
from operator import index
from typing import Any

from xnas.errors import UsageError
from xnas.names import UNFIT

Shape = tuple[int, ...]


class SpaceError(UsageError, ValueError):
    """A search space or genotype that cannot be used."""


def checked_name(what: str, name: Any) -> str:
    """Return the name of a node or an operation.

    Args:
        what: is named, for the message.
        name: anything a caller may have given; ``None`` stands for an empty one.

    Raises:
        SpaceError: it is no text, or has characters that no page or table can show.
    """
    if name is None:
        return ""
    if not isinstance(name, str):
        raise SpaceError(f"{what} is named {name!r:.60}, expected a text")
    if unfit := UNFIT.search(name):
        raise SpaceError(
            f"{what} {name!a:.60} has the character {unfit[0]!a} in its name, expected "
            "characters that can be shown"
        )
    return name


def checked_shape(name: str, shape: Any) -> Shape:
    """Return a shape as a tuple of whole numbers.

    Args:
        name: what the shape belongs to, for the message.
        shape: anything a caller may have given.

    Raises:
        SpaceError: it is no sequence of positive whole numbers.
    """
    try:
        sizes = tuple(index(size) for size in shape)
    except TypeError:
        sizes = ()
    if not sizes or min(sizes) < 1:
        raise SpaceError(
            f"{name} is {shape!r}, expected a tuple of positive whole numbers"
        )
    return sizes


def checked_input_shapes(input_shape: Shape | list[Shape]) -> list[Shape]:
    """Return one shape for each input.

    Args:
        input_shape: one tuple, or a list of tuples for several inputs.

    Raises:
        SpaceError: it is neither.
    """
    if not isinstance(input_shape, list):
        return [checked_shape("input_shape", input_shape)]
    if not input_shape:
        raise SpaceError("input_shape is [], expected a tuple for each input")
    return [
        checked_shape(f"input_shape[{i}]", shape) for i, shape in enumerate(input_shape)
    ]


def check_count(name: str, value: Any, lowest: int) -> None:
    """Check a whole number.

    Raises:
        SpaceError: it is another type, or below ``lowest``.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
        raise SpaceError(
            f"{name} is {value!r}, expected a whole number, {lowest} or more"
        )


def quoted(names: Sequence[str]) -> str:
    """Join names for a message: ``'a', 'b'``."""
    return ", ".join(repr(name) for name in names)
