"""Explainers by name: those that are shipped, a task's own, and other packages'.

Nothing here loads TensorFlow; what the modules of others load is theirs.
"""

from collections.abc import Iterable
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.explainers import Explainer
from xnas.declarations.functions import check_function
from xnas.errors import UsageError
from xnas.evaluation.built_in import built_in_explainers
from xnas.evaluation.settings import RunSettings
from xnas.imports import load_object
from xnas.objectives import INTROSPECTABILITY, LAYER_MEAN
from xnas.problem import NaProblem

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork
    from xnas.xai.compiled import Grouping

GROUP = "xnas.explainers"
"""Entry points of installed packages: name to function."""

_ACTIVATIONS_SCORE = partial(
    Explainer, reference=0.0, bounds=(0.0, 2.0), cost=2.0, needs_classes=True
)


def introspectability(
    network: "TrainedNetwork",
    settings: RunSettings,
    weights: NDArray[np.float64] | None = None,
) -> float:
    """Score how differently a network's layers react to different classes.

    Args:
        network: the network.
        settings: whose type and grouping count.
        weights: how pairs of classes weigh, if not all the same; see
            :func:`~xnas.evaluation.weights.pair_weights`.
    """
    if settings.explainability_type == LAYER_MEAN:
        return layer_mean(network, settings.group_by)
    return network.class_activations(group_by=settings.group_by).score(
        weights, divide_by_mean_similarity=settings.divide_by_mean_similarity
    )


def layer_mean(network: "TrainedNetwork", group_by: "Grouping" = "prediction") -> float:
    """Score each layer on its own; see :func:`xnas.scores.layer_mean_from_gram`.

    Args:
        network: the network.
        group_by: what decides an example's class.
    """
    return network.class_activations(group_by=group_by).layer_mean()


def find_explainers(names: Iterable[str], problem: NaProblem) -> dict[str, Explainer]:
    """Find what may be an objective, or be recorded, beside introspectability.

    Args:
        names: of objectives and of what is recorded, each perhaps with a minus. An
            entry point's name, and an import path, which has dots and is the
            explainer's name as it is, are looked up; other names may be of metrics.
        problem: the task.

    Returns:
        By name: the shipped ones, and, which win over them, all of the task's own, and
        those of ``names`` that others supply. Their functions may have attributes
        ``maximize`` (true by default) and ``reference``.

    Raises:
        UsageError: there is no such function, or it takes other arguments.
        TaskError: its module cannot be imported.
    """
    found = {LAYER_MEAN: _ACTIVATIONS_SCORE(LAYER_MEAN, layer_mean)}
    found |= {one.name: one for one in problem.explainers}
    registered = {entry.name: entry for entry in entry_points(group=GROUP)}
    for name in (name.removeprefix("-") for name in names):
        if name in found:
            continue
        if name in registered:
            path = registered[name].value.replace(":", ".")
            found[name] = _of_others(name, load_object(path, f"the explainer {name}"))
        elif "." in name:
            found[name] = _of_others(name, load_object(name, "the explainer"))
    return built_in_explainers() | found


def _of_others(name: str, function: Any) -> Explainer:
    try:
        check_function(f"the explainer {name}", function, "network")
    except TypeError as error:
        raise UsageError(str(error)) from error
    maximize = bool(getattr(function, "maximize", True))
    return Explainer(name, function, maximize, getattr(function, "reference", None))


def explainers_of_run(
    settings: RunSettings,
    problem: NaProblem,
    weights: NDArray[np.float64] | None = None,
) -> dict[str, Explainer]:
    """Find all explainers of a run, with what its settings say of them.

    Args:
        settings: of the run.
        problem: the task.
        weights: as for :func:`introspectability`.

    Returns:
        By name.

    Raises:
        UsageError: as for :func:`find_explainers`.
        TaskError: likewise.
    """
    found = find_explainers(settings.measured, problem)
    by_layer = partial(layer_mean, group_by=settings.group_by)
    found[LAYER_MEAN] = _ACTIVATIONS_SCORE(LAYER_MEAN, by_layer)
    score = partial(introspectability, settings=settings, weights=weights)
    found[INTROSPECTABILITY] = _ACTIVATIONS_SCORE(INTROSPECTABILITY, score)
    return found
