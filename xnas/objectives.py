"""Objectives such as ``val_acc__last``: one number out of a training history."""

import re
from dataclasses import dataclass
from math import isnan
from typing import Literal, cast

Epoch = Literal["last", "max", "min"]

_FORM = re.compile(r"(-?)([A-Za-z](?:(?!__)\w)*)(?:__(last|max|min))?")


@dataclass(frozen=True)
class Objective:
    """What the search maximises.

    Args:
        name: key of the history.
        epoch: which epoch's value counts.
        sign: −1 to minimise that value, else 1.
    """

    name: str
    epoch: Epoch = "last"
    sign: int = 1

    @classmethod
    def parse(cls, text: str) -> "Objective":
        """Read ``name``, ``name__last``, ``name__max`` or ``name__min``.

        Args:
            text: the objective; a minus in front minimises; without a suffix the
                last epoch counts.

        Returns:
            The objective.

        Raises:
            ValueError: another form.
        """
        match = _FORM.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise ValueError(
                f"objective is {text!r}, expected a form such as val_acc__last"
            )
        sign, name, epoch = match.groups()
        return cls(name, cast(Epoch, epoch or "last"), -1 if sign else 1)

    def improves(self, value: float, best: float) -> bool:
        """Whether an epoch's value takes the place of the best so far.

        Args:
            value: of this epoch.
            best: of the epochs before; NaN if there is none.

        Returns:
            Always true for ``__last``; never for NaN otherwise.
        """
        if self.epoch == "last":
            return True
        if isnan(value) or isnan(best):
            return isnan(best) and not isnan(value)
        return value > best if self.epoch == "max" else value < best
