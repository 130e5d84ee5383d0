"""Numbers and times as the page writes them."""

import re
from math import isfinite
from typing import Any

from markupsafe import Markup, escape

from xnas.objectives import short_number
from xnas.report.comparison import Spread
from xnas.results.durations import duration
from xnas.results.texts import moment


def exact(value: float) -> str:
    """Write a number so that reading it gives the same number."""
    return repr(float(value))


def short(value: float) -> str:
    """Write a number with some four digits."""
    return short_number(value).replace("-", "−")


def plain(value: float) -> str:
    """Write a number that people chose."""
    return (short(value) if abs(value) >= 1000 else f"{value:.4g}").replace("-", "−")


def counted(count: int, noun: str) -> str:
    """Write a number of things."""
    return f"{whole(count)} {noun}" if count == 1 else f"{whole(count)} {noun}s"


def signed(value: float) -> str:
    """Write a change with its sign."""
    text = short_number(value)
    return ("" if text.startswith("-") else "+") + text.replace("-", "−")


def whole(value: int) -> str:
    """Write a whole number with separated thousands."""
    return f"{int(value):,}"


def spread(value: Spread | None) -> str:
    """Write mean, least and greatest."""
    if value is None or not isfinite(value.mean):
        return "none"
    return f"{short(value.mean)} ({short(value.low)} … {short(value.high)})"


def spread_duration(value: Spread | None) -> str:
    """Write mean, least and greatest of time spans."""
    if value is None:
        return "none"
    low, high = duration(value.low), duration(value.high)
    return f"{duration(value.mean)} ({low} … {high})"


def command(text: str) -> Markup:
    """Mark up a command so that no line ends within a flag and its short value."""
    parts = re.split(r"(?<=\s)(--[\w-]+(?: \w{1,20}(?!\S))?)", text)
    flag = Markup('<span class="flag">{}</span>')
    # Every other part is what was split at.
    return Markup().join(
        flag.format(part) if i % 2 else escape(part) for i, part in enumerate(parts)
    )


FILTERS: dict[str, Any] = {
    function.__name__: function
    for function in (
        *(exact, short, plain, counted, signed, whole),
        *(duration, moment, spread, spread_duration, command),
    )
}
