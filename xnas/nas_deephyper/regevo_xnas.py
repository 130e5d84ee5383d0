"""Regularised evolution as a search of DeepHyper."""

from typing import Any

from xnas.nas_deephyper.search import XNASSearch
from xnas.searches.regularized_evolution import (
    WEIGHT_PERF,
    WEIGHT_XAI,
    RegularizedEvolution,
)


class RegularizedEvolutionXNAS(XNASSearch):
    """Runs :class:`xnas.searches.regularized_evolution.RegularizedEvolution`.

    Args:
        *args: see :class:`~xnas.nas_deephyper.search.XNASSearch`.
        weight_perf: weight of the task's objective, the first of two ``weights``.
        weight_xai: weight of introspectability, the second.
        **kwargs: likewise; ``population_size``, ``sample_size``, ``weights``.

    Raises:
        ValueError: an argument cannot be used.
    """

    algorithm_class = RegularizedEvolution

    def __init__(
        self,
        *args: Any,
        weight_perf: float | None = None,
        weight_xai: float | None = None,
        **kwargs: Any,
    ) -> None:
        if weight_perf is not None or weight_xai is not None:
            if kwargs.get("weights") is not None:
                raise ValueError(
                    "weights are given beside weight_perf or weight_xai, expected "
                    "one way to state them"
                )
            both = (
                WEIGHT_PERF if weight_perf is None else weight_perf,
                WEIGHT_XAI if weight_xai is None else weight_xai,
            )
            n_objectives = len(kwargs.get("objectives") or ()) or kwargs.get(
                "n_objectives", 2
            )
            kwargs["weights"] = both[:n_objectives]
        super().__init__(*args, **kwargs)
