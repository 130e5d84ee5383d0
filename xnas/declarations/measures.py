"""Losses, metrics, objectives and classes that a task may name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isnan, nan
from typing import Any

from xnas.declarations.functions import check_function
from xnas.declarations.keras_names import find_alias, is_loss, is_metric, one_of
from xnas.objectives import Metric

_NAME = re.compile(r"-?[A-Za-z][\w.:-]*")


def check_loss(loss: Any) -> None:
    """Check a loss: a name that Keras knows, or a function.

    Raises:
        ValueError: Keras has no loss of that name.
        TypeError: neither a name nor a function of (labels, predictions).
    """
    if not isinstance(loss, str):
        check_function("loss", loss, "labels", "predictions")
    elif not is_loss(loss):
        raise ValueError(f"loss is {loss!r}, expected a name that Keras knows")


def checked_metrics(metrics: Iterable[Any]) -> list[Any]:
    """Return metrics as a list: names that Keras knows, or functions.

    Raises:
        ValueError: Keras has no metric of that name.
        TypeError: neither a name nor a function of (labels, predictions).
    """
    if isinstance(metrics, str) or not isinstance(metrics, Iterable):
        raise TypeError(f"metrics is {metrics!r}, expected a list")
    metrics = list(metrics)
    for metric in metrics:
        if hasattr(metric, "update_state"):
            raise TypeError(
                f"metric {metric!r} found, which counts from one network to the next, "
                "expected its name or a function"
            )
        if not isinstance(metric, str):
            check_function("metrics", metric, "labels", "predictions")
            _check_named(metric)
        elif not is_metric(metric):
            raise ValueError(
                f"metric {metric!r} found, expected a name that Keras knows"
            )
    names = [metric_name(metric) for metric in metrics]
    if len(set(names)) < len(names):
        raise ValueError(f"metrics are {', '.join(names)}, expected different names")
    return metrics


def metric_name(metric: Any) -> str:
    """Return what the history calls a metric."""
    return metric if isinstance(metric, str) else metric.__name__


def _check_named(metric: Any) -> None:
    """Check that a function has a name for the history.

    Raises:
        TypeError: it has none.
    """
    name = getattr(metric, "__name__", None)
    if not isinstance(name, str) or not name.isidentifier():
        raise TypeError(
            f"metric {name or metric!r} found, which has no name for the history, "
            "expected a function made by def"
        )


def history_keys(metrics: Sequence[Any]) -> list[str]:
    """Name what a training history holds for each epoch.

    Args:
        metrics: names or functions.

    Returns:
        Loss and metrics of training, those of validation, and the learning rate.
    """
    keys = ["loss", *map(metric_name, metrics)]
    return [*keys, *(f"val_{key}" for key in keys), "lr"]


def history_key(objective: str, keys: Iterable[str]) -> str | None:
    """Find what of a history an objective looks at.

    Args:
        objective: such as ``val_acc__last``.
        keys: names in the history.

    Returns:
        One of the keys; ``None`` if the objective is no metric.
    """
    return find_alias(Metric.parse(objective).name, keys)


def first_metric(names: Iterable[str], metrics: Sequence[Any]) -> str | None:
    """Find the first of some objectives that is out of the history.

    Args:
        names: of objectives of any kind.
        metrics: names or functions.
    """
    keys = history_keys(metrics)
    for name in names:
        try:
            if history_key(name, keys) is not None:
                return name
        except ValueError:  # the name of something else
            continue
    return None


def metric_value(history: Mapping[str, Sequence[float]], objective: str) -> float:
    """Compute an objective out of a history.

    Args:
        history: name to one value an epoch.
        objective: such as ``val_acc__last``, ``val_acc__max`` or ``-val_loss__min``.

    Returns:
        What is to be maximised: the value of the epoch that counts, negated where it
        is to be small; NaN where there is none.

    Raises:
        ValueError: the history does not hold it.
    """
    key = history_key(objective, history)
    if key is None:
        raise ValueError(f"objective is {objective!r}, expected {one_of(history)}")
    parsed, values = Metric.parse(objective), history[key]
    if parsed.epoch == "last":
        value = values[-1] if values else nan
    else:
        choose = max if parsed.epoch == "max" else min
        value = choose((v for v in values if not isnan(v)), default=nan)
    return parsed.sign * value


def check_objective(objective: str, metrics: Sequence[Any]) -> None:
    """Check that an objective is among what is measured.

    Args:
        objective: such as ``val_acc__last``.
        metrics: names or functions.

    Raises:
        ValueError: it is not, or has another form.
    """
    keys = history_keys(metrics)
    if history_key(objective, keys) is None:
        raise ValueError(
            f"objective is {objective!r}, expected {one_of(keys)} (the metrics that "
            "were set)"
        )


def checked_objective_names(names: Sequence[Any]) -> tuple[str, ...]:
    """Check how the objectives of a search are written, whatever they are.

    Args:
        names: of objectives, in order, each with a minus in front to minimise it.

    Returns:
        The same.

    Raises:
        ValueError: none, one that is no name, or one twice.
    """
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(
                f"objectives hold {name!r}, expected names such as val_acc__last, "
                "introspectability or -n_parameters"
            )
    bare = [name.removeprefix("-") for name in names]
    if not names or len(set(bare)) < len(bare):
        raise ValueError(
            f"objectives are {', '.join(names) or 'none'}, expected one or more, each "
            "once"
        )
    return tuple(names)


def checked_class_names(names: Iterable[Any]) -> list[str]:
    """Return names of classes as text.

    Raises:
        ValueError: fewer than two names, or a name twice.
    """
    names = [str(name) for name in names]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"classes are {names}, expected two or more different names")
    return names
