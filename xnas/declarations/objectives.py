"""From the names of objectives to what a search needs to know of them."""

import re
from collections.abc import Mapping, Sequence

from xnas.declarations.explainers import Explainer
from xnas.declarations.keras_names import find_alias, one_of
from xnas.objectives import INTROSPECTABILITY, MINIMISED, Metric, Objective

_TOP = re.compile(r"top_?(\d+)")


def resolve_objectives(
    names: Sequence[str],
    *,
    n_classes: int,
    metrics: Sequence[str] | None = None,
    explainers: Mapping[str, Explainer] | None = None,
    references: Mapping[str, float] | None = None,
) -> tuple[Objective, ...]:
    """Give each name its direction and its reference for the hypervolume.

    Args:
        names: of metrics such as ``val_acc__last``, of explainers, or one of
            :data:`~xnas.objectives.MINIMISED`; a minus in front minimises.
        n_classes: what the chance level follows from.
        metrics: keys of the training history; ``None`` not to check names.
        explainers: by name, beside introspectability.
        references: worst values that count, as measured, by name.

    Returns:
        One an objective, in order.

    Raises:
        ValueError: there are none, or one is named twice or is unknown.
    """
    found = tuple(
        _resolved(name, n_classes, metrics, explainers or {}, references or {})
        for name in names
    )
    known = [objective.name for objective in found]
    if not found or len(set(known)) < len(found):
        raise ValueError(
            f"objectives are {', '.join(names) or 'none'}, expected one or more "
            "different names"
        )
    return found


def _resolved(
    text: str,
    n_classes: int,
    metrics: Sequence[str] | None,
    explainers: Mapping[str, Explainer],
    references: Mapping[str, float],
) -> Objective:
    name, has_minus = text.removeprefix("-"), text.startswith("-")
    maximize, reference = True, None
    if name in MINIMISED:
        maximize = False
    elif name == INTROSPECTABILITY:
        reference = 0.0
    elif name in explainers:
        maximize, reference = explainers[name].maximize, explainers[name].reference
    else:
        _check_metric(text, metrics, explainers)
        reference = None if has_minus else chance_level(name, n_classes)
    return Objective(name, maximize and not has_minus, references.get(name, reference))


def _check_metric(
    text: str, metrics: Sequence[str] | None, explainers: Mapping[str, Explainer]
) -> None:
    metric = Metric.parse(text)
    if metrics is not None and find_alias(metric.name, metrics) is None:
        known = [*metrics, INTROSPECTABILITY, *explainers, *MINIMISED]
        raise ValueError(f"objective is {text!r}, expected {one_of(known)}")


def chance_level(name: str, n_classes: int) -> float | None:
    """Return the accuracy of guessing.

    Args:
        name: of the metric.
        n_classes: number of classes.

    Returns:
        k/n for a top-k accuracy (k is 5 where the name states none), 1/n for other
        accuracies; ``None`` for what is no accuracy.
    """
    if "acc" not in name or n_classes < 2:
        return None
    if "top" not in name:
        return 1 / n_classes
    stated = _TOP.search(name)
    return min(1.0, (int(stated[1]) if stated else 5) / n_classes)
