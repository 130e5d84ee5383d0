"""Losses and metrics that a task may name."""

from collections.abc import Iterable, Sequence
from typing import Any

from xnas.declarations.functions import check_function
from xnas.declarations.keras_names import is_loss, is_metric


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
        elif not is_metric(metric):
            raise ValueError(
                f"metric {metric!r} found, expected a name that Keras knows"
            )
    return metrics


def history_keys(metrics: Sequence[Any]) -> list[str]:
    """Name what a training history holds for each epoch.

    Args:
        metrics: names or functions.

    Returns:
        Loss and metrics of training, those of validation, and the learning rate.
    """
    names = [m if isinstance(m, str) else m.__name__ for m in metrics]
    keys = ["loss", *names]
    return [*keys, *(f"val_{key}" for key in keys), "lr"]
