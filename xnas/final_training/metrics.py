"""``metrics.json`` and ``history.csv``: all scores in numbers."""

from collections.abc import Mapping, Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from xnas.evaluation.built_in import built_in_explainers
from xnas.final_training.choice import Chosen
from xnas.final_training.settings import Settings
from xnas.final_training.statistics import CONFIDENCE, Estimate, estimate
from xnas.objectives import (
    INTROSPECTABILITY,
    LAYER_MEAN,
    MINIMISED,
    TRAINING_TIME,
)
from xnas.results.regularized import regularized
from xnas.results.texts import csv_text

if TYPE_CHECKING:
    from xnas.final_training.replicate import Outcome

SHARES = ("acc", "auc", "precision", "recall", "f1")
"""Parts of the names of metrics that lie between 0 and 1."""

NO_TEST_DATA = (
    "The task has no test data: the validation score is on the data that chose the "
    "network."
)


def best_of(outcomes: "Sequence[Outcome]") -> "Outcome":
    """Choose the replicate whose model is kept in front.

    Args:
        outcomes: of all replicates, their objectives in order of weight.

    Returns:
        The one with the best validation objective, the first of equal ones; test data
        have no say.
    """

    def by_weight(outcome: "Outcome") -> tuple[float, ...]:
        return tuple(
            -value if name in outcome.minimised else value
            for name, value in outcome.validation.items()
            if name != TRAINING_TIME  # which is no merit of a model
        )

    return max(outcomes, key=by_weight)


def estimates(outcomes: "Sequence[Outcome]", part: str) -> dict[str, Estimate] | None:
    """Estimate each objective over all replicates.

    Args:
        outcomes: of all replicates.
        part: ``validation`` or ``test``.

    Returns:
        Estimates by the objectives' names; ``None`` without such data.
    """
    scores: list[Mapping[str, float]] = [getattr(one, part) for one in outcomes]
    if scores[0] is None:
        return None
    by_name = {name: [one[name] for one in scores] for name in scores[0]}
    return {
        name: estimate(values, possible=_possible(name, values))
        for name, values in by_name.items()
    }


def _possible(name: str, values: Sequence[float]) -> tuple[float, float]:
    """Return the range of a score; none where a value, such as a percentage, is out."""
    low, high = -inf, inf
    if any(word in name.lower() for word in SHARES):
        low, high = 0.0, 1.0
    elif name in (INTROSPECTABILITY, LAYER_MEAN):
        low, high = 0.0, 2.0
    elif name in MINIMISED:
        low = 0.0
    elif name in built_in_explainers():
        low, high = built_in_explainers()[name].bounds
    return (low, high) if all(low <= one <= high for one in values) else (-inf, inf)


def describe_training(
    settings: Settings,
    chosen: Chosen,
    outcomes: "Sequence[Outcome]",
    scoring: Mapping[str, Any],
    versions: Mapping[str, Any],
    by_class: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Put together ``metrics.json``.

    Args:
        settings: of the training.
        chosen: the evaluation that was trained.
        outcomes: of all replicates.
        scoring: how introspectability is measured, settings by name.
        versions: of what they depend on.
        by_class: the model's accuracy by class and part of the data.

    Returns:
        JSON-able dictionary; what is infinite is ``None``.
    """
    parts = {name: estimates(outcomes, name) for name in ("validation", "test")}
    return {
        "settings": settings.to_json(),
        "objectives": list(outcomes[0].validation),
        "scoring": dict(scoring),
        "search": _finite_of(chosen.scores),
        "estimate": {
            name: {"mean": mean, "sd": deviation}
            for name, (mean, deviation) in chosen.estimates.items()
        }
        or None,
        **{name: found and _to_json(found) for name, found in parts.items()},
        "regularized": regularized(settings.task.get("hyperparameters")),
        "note": NO_TEST_DATA if parts["test"] is None else None,
        "confidence": CONFIDENCE,
        "n_parameters": outcomes[0].n_parameters,
        "by_class": by_class,
        "best_replicate": best_of(outcomes).replicate,
        "replicates": [_replicate(one) for one in outcomes],
        "environment": dict(versions),
    }


def history_csv(outcomes: "Sequence[Outcome]") -> str:
    """Write the histories of all replicates as one table.

    Args:
        outcomes: of all replicates.

    Returns:
        CSV with the columns ``replicate`` and ``epoch``, both counted from 1, and
        what the histories hold.
    """
    names = list(outcomes[0].history)
    rows = (
        [one.replicate, epoch + 1, *(one.history[name][epoch] for name in names)]
        for one in outcomes
        for epoch in range(one.epochs)
    )
    return csv_text(["replicate", "epoch", *names], rows)


def _to_json(found: Mapping[str, Estimate]) -> dict[str, Any]:
    return {
        name: {
            "values": [_finite(value) for value in one.values],
            "mean": _finite(one.mean),
            "interval": one.interval and list(one.interval),
        }
        for name, one in found.items()
    }


def _replicate(one: "Outcome") -> dict[str, Any]:
    return {
        "replicate": one.replicate,
        "seed": one.seed,
        "epochs": one.epochs,
        "validation": _finite_of(one.validation),
        "test": one.test and _finite_of(one.test),
        "last_epoch": _finite_of({name: v[-1] for name, v in one.history.items()}),
        "test_metrics": one.test_metrics and _finite_of(one.test_metrics),
    }


def _finite_of(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in values.items()}


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
