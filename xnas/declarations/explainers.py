"""Explainers that a task states: what maps a trained network to one number."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xnas.declarations.functions import check_function

_NAME = re.compile(r"[A-Za-z](?:(?!__)[\w-])*")


@dataclass(frozen=True)
class Explainer:
    """Scores a trained network.

    Args:
        name: by which it is an objective, or is recorded.
        function: takes the trained network and returns one number.
        maximize: whether more is better.
    """

    name: str
    function: Callable[..., Any]
    maximize: bool = True

    @classmethod
    def checked(
        cls,
        function: Any,
        name: str | None,
        maximize: bool,
        others: Sequence["Explainer"] = (),
    ) -> "Explainer":
        """Make an explainer of what a task states.

        Args:
            function: takes the trained network and returns one number.
            name: the function's own by default, with dashes for underscores.
            maximize: whether more is better.
            others: those that the task has stated before.

        Raises:
            TypeError: ``function`` is no function of one argument.
            ValueError: its name cannot be written among objectives, or is another's.
        """
        check_function("explainability", function, "network")
        if name is None:
            name = getattr(function, "__name__", type(function).__name__)
            name = name.replace("_", "-")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(
                f"explainability has the name {name!r}, expected letters, digits and "
                "dashes, from a letter on: name=..."
            )
        if name in (other.name for other in others):
            raise ValueError(
                f"explainability has the name {name!r} twice, expected one for each "
                "function: name=..."
            )
        return cls(name, function, bool(maximize))
