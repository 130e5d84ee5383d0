"""From a trained network to what a run function returns."""

import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from math import inf, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from xnas.declarations.explainers import Explainer
from xnas.declarations.measures import metric_value
from xnas.errors import EvaluationError
from xnas.objectives import INTROSPECTABILITY, MINIMISED, TRAINING_TIME, Objective

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork


class Measured:
    """What a network scores, each thing worked out when it is first asked for.

    Args:
        network: the network.
        explainers: by name.

    Attributes:
        xai_time: seconds that explainers took so far, ``None`` before the first.
    """

    def __init__(
        self, network: "TrainedNetwork", explainers: Mapping[str, Explainer]
    ) -> None:
        self._network = network
        self._explainers = explainers
        self._known: dict[str, float] = {}
        self.xai_time: float | None = None

    def value(self, name: str) -> float:
        """Measure something.

        Args:
            name: of an explainer, one of :data:`~xnas.objectives.MINIMISED`, or of a
                metric such as ``val_acc__last``.

        Returns:
            The value as it is measured.

        Raises:
            Exception: what an explainer raises, with its name.
        """
        if name not in self._known:
            self._known[name] = self._measure(name)
        return self._known[name]

    def _measure(self, name: str) -> float:
        if name in self._explainers:
            started = time.perf_counter()
            try:
                return explain(self._explainers[name], self._network)
            finally:
                taken = time.perf_counter() - started
                self.xai_time = (self.xai_time or 0.0) + taken
        if name == TRAINING_TIME:
            return round(self._network.training_time, 3)
        if name in MINIMISED:
            return getattr(self._network, name)
        return metric_value(self._network.history, name)

    def recorded(self, name: str) -> float | None:
        """Measure something that only is written down.

        Args:
            name: as for :meth:`value`.

        Returns:
            The value; ``None`` where there is none, for a reason that goes to stderr.
        """
        try:
            value = self.value(name)
        except Exception:
            traceback.print_exc()
            print(f"{name} is left out of this evaluation's row", file=sys.stderr)
            return None
        return None if isnan(value) else value


def explain(explainer: Explainer, network: "TrainedNetwork") -> float:
    """Let an explainer score a network.

    Args:
        explainer: the explainer.
        network: the network.

    Returns:
        What it returned; infinite only where that is the worst value.

    Raises:
        EvaluationError: NaN (``nan``), or no number (``exception``).
        Exception: what the explainer raises, with a note that names it.
    """
    try:
        found = explainer.function(network)
        value = np.asarray(found)
    except Exception as error:
        error.add_note(f"explainer {explainer.name!r} failed")
        raise
    if value.ndim or value.dtype.kind not in "iuf":
        raise _no_number("exception", explainer, found)
    number = float(value)
    if np.isnan(number):
        raise _no_number("nan", explainer, found)
    if number == (np.inf if explainer.maximize else -np.inf):
        raise _no_number("exception", explainer, found)
    return number


def _no_number(reason: str, explainer: Explainer, found: Any) -> EvaluationError:
    return EvaluationError(
        reason,
        f"explainer {explainer.name!r} returned {repr(found)[:100]}, expected a number",
    )


def run_output(
    network: "TrainedNetwork",
    objectives: Sequence[Objective],
    recorded: Sequence[str],
    explainers: Mapping[str, Explainer],
) -> dict[str, Any]:
    """Measure a network.

    Args:
        network: the network.
        objectives: what is looked for, in order.
        recorded: names of what is written down besides.
        explainers: those among them, by name.

    Returns:
        ``objective``, a number or a tuple of them, to be maximised; and ``metadata``,
        as measured.

    Raises:
        Exception: what an explainer among the objectives raises, with its name.
    """
    measured = Measured(network, explainers)
    values = tuple(_stored(one, measured.value(one.name)) for one in objectives)
    names = dict.fromkeys(["n_parameters", TRAINING_TIME, *recorded])
    if INTROSPECTABILITY in {one.name for one in objectives}:
        names[INTROSPECTABILITY] = None
    metadata = {name: measured.recorded(name) for name in names}
    if measured.xai_time is not None:
        metadata["xai_time"] = round(measured.xai_time, 3)
    return {"objective": values if len(values) > 1 else values[0], "metadata": metadata}


def _stored(objective: Objective, measured: float) -> float:
    """Return what is maximised.

    Raises:
        EvaluationError: nothing could be better.
    """
    stored = objective.stored(measured)
    if stored == inf:
        raise EvaluationError(
            "exception",
            f"the objective {objective.text} is {measured}, expected a finite number "
            "or the infinity that is worst",
        )
    return stored
