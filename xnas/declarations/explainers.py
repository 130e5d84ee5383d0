"""Explainers: what maps a trained network to one number."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from xnas.declarations.functions import check_function
from xnas.objectives import INTROSPECTABILITY, LAYER_MEAN, MINIMISED
from xnas.records import RESERVED

_NAME = re.compile(r"[A-Za-z](?:(?!__)[\w-])*")
_TAKEN = (INTROSPECTABILITY, LAYER_MEAN, *MINIMISED, *RESERVED, "knee")


@dataclass(frozen=True)
class Explainer:
    """Scores a trained network.

    Args:
        name: by which it is an objective, or is recorded.
        function: takes the trained network and returns one number.
        maximize: whether more is better.
        reference: the worst value that counts for the hypervolume, ``None`` if none
            is known.
        bounds: the least and the greatest value there can be.
        cost: what it takes, in passes of ``predict`` over the validation data.
        needs_classes: whether it means something only where each example is of one
            class.
    """

    name: str
    function: Callable[..., Any]
    maximize: bool = True
    reference: float | None = None
    bounds: tuple[float, float] = (-inf, inf)
    cost: float | None = None
    needs_classes: bool = False

    @classmethod
    def checked(
        cls,
        function: Any,
        name: str | None,
        maximize: bool,
        reference: float | None = None,
        others: Sequence["Explainer"] = (),
    ) -> "Explainer":
        """Make an explainer of what a task states.

        Args:
            function: takes the trained network and returns one number.
            name: the function's own by default, with dashes for underscores.
            maximize: whether more is better.
            reference: the worst value that counts.
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
        if name in _TAKEN:
            raise ValueError(
                f"explainability has the name {name!r}, which means something already, "
                "expected another: name=..."
            )
        if name in (other.name for other in others):
            raise ValueError(
                f"explainability has the name {name!r} twice, expected one for each "
                "function: name=..."
            )
        return cls(name, function, bool(maximize), reference)
