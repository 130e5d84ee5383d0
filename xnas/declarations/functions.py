"""Functions that a task hands over: what they take, and how to tell of them."""

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from textwrap import shorten
from typing import Any, TypeVar

from xnas.errors import TaskError, XNASError

Result = TypeVar("Result")

LONGEST = 400
"""Characters of another library's error that are shown."""


def check_function(name: str, function: Any, *args: Any, **kwargs: Any) -> None:
    """Check that something can be called with certain arguments.

    Args:
        name: of the method that takes the function.
        function: what it was given.
        *args: stand-ins for the arguments by position.
        **kwargs: the arguments by name.

    Raises:
        TypeError: it is no function, or does not take them.
    """
    if not callable(function):
        raise TypeError(f"{name} is {function!r}, expected a function")
    try:
        signature = inspect.signature(function)
    except ValueError:  # built in, of unknown signature
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(
            f"{name}: {describe(function)} takes {signature}, expected a function of "
            f"({', '.join([*map(str, args), *kwargs])}): {error}"
        ) from error


def default_of(function: Callable, argument: str) -> Any:
    """Return an argument's default, ``None`` where there is none."""
    parameter = inspect.signature(function).parameters.get(argument)
    if parameter is None or parameter.default is parameter.empty:
        return None
    return parameter.default


def file_of(function: Any) -> str:
    """Name the file that defines a function or the class of an object."""
    for candidate in (function, type(function)):
        try:
            return inspect.getsourcefile(candidate) or describe(function)
        except TypeError:
            continue
    return describe(function)


def describe(value: Any) -> Any:
    """Turn functions and objects into their names, at any depth.

    Args:
        value: anything; functions with arguments filled in become both.

    Returns:
        The same in JSON-able form.
    """
    if isinstance(value, Mapping):
        return {str(key): describe(entry) for key, entry in value.items()}
    if isinstance(value, partial):
        return {"function": describe(value.func), **describe(value.keywords)}
    if isinstance(value, (list, tuple)):
        return [describe(entry) for entry in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    # Addresses differ from one process to the next.
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def as_lines(title: str, description: Mapping[str, Any]) -> str:
    """Write a description, two levels deep, as indented lines."""
    lines = [title]
    for name, value in description.items():
        nested = value if isinstance(value, Mapping) else {}
        flat = ", ".join(map(str, value)) if isinstance(value, list) else value
        lines.append(f"  {name}:" if nested else f"  {name}: {flat}")
        lines += [f"    {key}: {entry}" for key, entry in nested.items()]
    return "\n".join(lines)


def error_text(error: Exception) -> str:
    """Word another library's error on one line, cut between words where it is long."""
    words = shorten(str(error), LONGEST, placeholder=" …")
    return f"{type(error).__name__}: {words}"


def call_of_task(name: str, call: Callable[[], Result], file: str) -> Result:
    """Call what a task supplies.

    Args:
        name: of the function, for messages.
        call: calls it.
        file: where it is defined, for messages.

    Raises:
        TaskError: it fails, other than by an error of this package.
    """
    try:
        return call()
    except XNASError:
        raise
    except Exception as error:
        raise TaskError(f"{file}: {name} failed: {error_text(error)}") from error
