"""Types of flag values; argparse names the flag and prints the sentence."""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from math import isfinite, nan
from typing import Any, NoReturn

MAX_SEED = 2**31 - 1

NAMES = ("--objectives", "--record", "--reference", "--pick")
"""Flags whose values may begin with a minus, which argparse takes for a flag."""

PICKED_BY = ("estimated", "observed")
"""Those of ``xnas.results.picks``, which waits for numpy."""

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def _refuse(text: str, expected: str) -> NoReturn:
    raise argparse.ArgumentTypeError(f"{text!r} found, expected {expected}")


def whole_number(lowest: int, highest: int | None = None) -> Callable[[str], int]:
    """Make the type of a whole number in a range.

    Args:
        lowest: the least allowed.
        highest: the greatest allowed, ``None`` for no limit.

    Returns:
        A function for argparse's ``type``.
    """
    bounds = f" from {lowest} to {highest}" if highest else f", {lowest} or more"

    def read(text: str) -> int:
        value = int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else lowest - 1
        if value < lowest or (highest is not None and value > highest):
            _refuse(text, f"a whole number{bounds}")
        return value

    return read


def count_or_none(text: str) -> int | None:
    """Read a whole number of 1 or more, or ``none`` for no limit."""
    if text.lower() == "none":
        return None
    if not re.fullmatch(r"\+?[0-9]+", text) or int(text) < 1:
        _refuse(text, "a whole number, 1 or more, or none")
    return int(text)


def number(*, positive: bool) -> Callable[[str], float]:
    """Make the type of a finite number.

    Args:
        positive: whether 0 is refused; negative ones always are.

    Returns:
        A function for argparse's ``type``.
    """

    def read(text: str) -> float:
        value = _number(text)
        if not value >= 0 or (positive and value == 0):
            _refuse(text, f"a number {'above' if positive else 'of at least'} 0")
        return value

    return read


def _number(text: str) -> float:
    """Read a finite number; NaN if it is none."""
    try:
        value = float(text)
    except ValueError:
        return nan
    return value if isfinite(value) else nan


def reader(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Have argparse show what a reader says of a text that it cannot use.

    Args:
        read: raises ``ValueError`` with what was found and expected.
    """

    def shown(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return shown


def boolean(text: str) -> bool:
    """Read ``true`` or ``false``, in any case."""
    if text.lower() not in ("true", "false"):
        _refuse(text, "true or false")
    return text.lower() == "true"


def memory_size(text: str) -> int:
    """Read a size such as ``4G``, ``512MB`` or a number of bytes.

    Returns:
        Bytes, counted by 1024.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", text, re.IGNORECASE)
    size = int(float(match[1]) * _UNITS[match[2].upper()]) if match else 0
    return size or _refuse(text, "a size such as 4G or 512M")


def names(text: str) -> tuple[str, ...]:
    """Read names between commas."""
    found = tuple(name.strip() for name in text.split(","))
    return found if all(found) else _refuse(text, "names between commas")


def setting(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE``; values are JSON where they can be, else text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        _refuse(text, "NAME=VALUE such as num_epochs=1")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def reference(text: str) -> tuple[str, float]:
    """Read ``NAME=VALUE``, a finite number."""
    name, _, value = text.rpartition("=")
    if not name or _number(value) != _number(value):
        _refuse(text, "NAME=VALUE such as val_acc__last=0.1")
    return name, float(value)


def joined(argv: Sequence[str]) -> list[str]:
    """Write ``--objectives -a,b`` as ``--objectives=-a,b``, for argparse.

    Args:
        argv: a command line.
    """
    words: list[str] = []
    for word in argv:
        is_value = word.startswith("-") and not word.startswith("--")
        if is_value and words and words[-1] in NAMES:
            words[-1] += f"={word}"
        else:
            words.append(word)
    return words
