"""Objectives: what a search looks for, as data.

An objective has a name, a direction and, where one is known, a reference for the
hypervolume. Searches maximise: what is to be minimised is stored negated and shown as
it was measured.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf, isnan
from typing import Any, Literal, cast

Epoch = Literal["last", "max", "min"]

_FORM = re.compile(r"(-?)([A-Za-z](?:(?!__)\w)*)(?:__(last|max|min))?")


INTROSPECTABILITY = "introspectability"

LAYER_MEAN = "activations-layer-mean"
"""The mean over layers of each layer's own introspectability."""

TRAINING_TIME = "training_time"

COUNTED = ("n_parameters", "n_multiplications")
"""What is the same in all trainings of a network."""

MINIMISED = (*COUNTED, TRAINING_TIME)
"""What is measured of every network beside its metrics; less is better."""


@dataclass(frozen=True)
class Objective:
    """One of the things that a search looks for.

    Args:
        name: of what is measured, such as ``val_acc__last`` or ``n_parameters``.
        maximize: whether more is better.
        reference: the worst value that counts, as measured, ``None`` if none is known.
    """

    name: str
    maximize: bool = True
    reference: float | None = None

    @property
    def label(self) -> str:
        """The name, with a remark if less is better."""
        return self.name if self.maximize else f"{self.name} (less is better)"

    @property
    def text(self) -> str:
        """The name, with a minus in front if less is better."""
        return self.name if self.maximize else f"-{self.name}"

    def stored(self, measured: float) -> float:
        """Return what a search maximises."""
        return measured if self.maximize else 0.0 - measured

    def shown(self, stored: float) -> float:
        """Return what was measured."""
        return stored if self.maximize else 0.0 - stored

    def to_json(self) -> dict[str, Any]:
        """Return the objective as a JSON-able dictionary."""
        return {
            "name": self.name,
            "maximize": self.maximize,
            "reference": self.reference,
        }


def short_number(value: float) -> str:
    """Write a measured value for people, with some four digits."""
    size = abs(value)
    if isinf(value):
        return f"{value}"
    if 0 < size < 0.001:
        return f"{value:.3g}"
    is_whole = size >= 100 and value == int(value)
    digits = 0 if size >= 1000 or is_whole else 1 if size >= 100 else 2
    return f"{value:,.{digits if size >= 10 else 4}f}"


def shown_reference(objectives: Sequence[Objective]) -> tuple[float, ...] | None:
    """Return the worst corner as measured, ``None`` unless all of it is known."""
    known = [one.reference for one in objectives if one.reference is not None]
    return tuple(known) if len(known) == len(objectives) else None


def reference_point(objectives: Sequence[Objective]) -> tuple[float, ...] | None:
    """Return the worst corner in stored values, ``None`` unless all of it is known."""
    shown = shown_reference(objectives)
    if shown is None:
        return None
    return tuple(one.stored(x) for one, x in zip(objectives, shown, strict=True))


def recorded_objectives(infos: Mapping[str, Any]) -> tuple[Objective, ...]:
    """Read the objectives of a run.

    Args:
        infos: ``init_infos.json``; earlier versions recorded names, with a minus where
            less is better, and the corner of the hypervolume beside them.

    Raises:
        ValueError: there are none, or they have another form.
    """
    recorded = infos.get("objectives")
    if not isinstance(recorded, list) or not recorded:
        raise ValueError("objectives are missing")
    corner = infos.get("hypervolume_reference") or [None] * len(recorded)
    try:
        return tuple(map(_recorded, recorded, corner))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"objectives are {recorded!r}") from error


def _recorded(entry: Any, corner: float | None) -> Objective:
    if isinstance(entry, Mapping):
        return Objective(entry["name"], entry["maximize"], entry["reference"])
    named = Objective(entry.removeprefix("-"), not entry.startswith("-"))
    reference = None if corner is None else named.shown(float(corner))
    return Objective(named.name, named.maximize, reference)


@dataclass(frozen=True)
class Metric:
    """One number out of a training history, such as ``val_acc__last``.

    Args:
        name: key of the history.
        epoch: which epoch's value counts.
        sign: −1 to minimise that value, else 1.
    """

    name: str
    epoch: Epoch = "last"
    sign: int = 1

    @classmethod
    def parse(cls, text: str) -> "Metric":
        """Read ``name``, ``name__last``, ``name__max`` or ``name__min``.

        Args:
            text: the metric; a minus in front minimises; without a suffix the
                last epoch counts.

        Returns:
            The metric.

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
