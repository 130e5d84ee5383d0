"""Values as Python source that ``ruff format`` and ``ruff check`` leave alone."""

from collections.abc import Sequence

WIDTH = 88

EXEMPTION = "# ruff: noqa: E501, RUF001, RUF100"
"""For names that are too long or look like others; RUF100 as not all of them do."""

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def text_literal(text: str) -> str:
    """Write a string, readable where it can be and escaped where it must be."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(char, quote) for char in text) + quote


def text_assignment(name: str, text: str) -> str:
    """Write a constant string on a line of its own.

    Args:
        name: of the constant.
        text: its value.

    Returns:
        The line, after one that exempts it from checks if need be.
    """
    line = f"{name} = {text_literal(text)}"
    skip = "  # fmt: skip" if _is_wide(line) else ""
    return with_exemption(line + skip)


def assignment(name: str, values: Sequence[str], brackets: str = "[]") -> str:
    """Write a constant list or tuple, on one line where it fits.

    Args:
        name: of the constant.
        values: as source.
        brackets: the two around them.

    Returns:
        One line, or one line a value.
    """
    left, right = brackets[0], brackets[1]
    comma = "," if brackets == "()" and len(values) == 1 else ""
    line = f"{name} = {left}{', '.join(values)}{comma}{right}"
    if not _is_wide(line):
        return line
    return "\n".join([f"{name} = {left}", *(f"    {v}," for v in values), right])


def with_exemption(lines: str) -> str:
    """Put a line before others that exempts the file from checks if need be."""
    is_plain = lines.isascii() and not any(map(_is_wide, lines.splitlines()))
    return lines if is_plain else f"{EXEMPTION}\n{lines}"


def _is_wide(line: str) -> bool:
    """Whether a line may be too long; characters beyond ASCII may take two columns."""
    return sum(1 if char.isascii() else 2 for char in line) > WIDTH


def _escaped(char: str, quote: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char == quote:
        return f"\\{char}"
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
