"""The function of a task that makes its search space."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from xnas.declarations.functions import default_of, describe, error_text, file_of
from xnas.errors import TaskError, XNASError
from xnas.space import KSearchSpace

SHAPES = ("input_shape", "output_shape")
"""Arguments of it that the data may fill in."""


def stated_shapes(make: partial[KSearchSpace]) -> dict[str, Any]:
    """Return those of :data:`SHAPES` that have a keyword or a default.

    Args:
        make: the function with its keywords.
    """
    keywords = make.keywords
    shapes = {name: keywords.get(name, default_of(make.func, name)) for name in SHAPES}
    return {name: shape for name, shape in shapes.items() if shape is not None}


def make_space(
    make: partial[KSearchSpace],
    overrides: Mapping[str, Any],
    shapes: Mapping[str, Any],
    precision: str,
) -> KSearchSpace:
    """Call the function, and check what it returns.

    Args:
        make: the function with its keywords.
        overrides: keywords that replace them.
        shapes: those of the data, for what of :data:`SHAPES` has no value.
        precision: what its networks compute in.

    Raises:
        TaskError: it fails, or returns something else.
        ValueError: a shape is missing.
    """
    file, name = file_of(make.func), describe(make.func)
    stated = {**stated_shapes(make), **make.keywords, **overrides}
    missing = [shape for shape in SHAPES if shape not in stated]
    if not set(missing) <= set(shapes):
        raise ValueError(
            f"{name} has no default for {' and '.join(missing)}, expected the shapes "
            "of the data"
        )
    try:
        space = make(**{shape: shapes[shape] for shape in missing}, **overrides)
    except XNASError as error:
        raise TaskError(f"{file}: {error}") from error
    except Exception as error:
        raise TaskError(f"{file}: {name} failed: {error_text(error)}") from error
    if not isinstance(space, KSearchSpace):
        raise TaskError(
            f"{file}: {name} returned {type(space).__name__}, expected a KSearchSpace"
        )
    space.precision = precision
    return space
