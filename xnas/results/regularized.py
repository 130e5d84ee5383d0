"""The mark of runs and models that the paper's regulariser trained.

Their introspectability was part of the loss: optimised directly, it no longer means
what it means elsewhere.
"""

from collections.abc import Mapping
from typing import Any

REGULARIZED = "(regularised)"
"""Follows the name of what is marked, where there is room for no more."""

INCOMPARABLE = (
    "Some of these runs were regularised for introspectability and others were not, or "
    "otherwise: their scores do not compare."
)


def regularized(hyperparameters: Mapping[str, Any] | None) -> str | None:
    """Tell how networks were regularised.

    Args:
        hyperparameters: of the task; those of earlier versions lack it.

    Returns:
        Weight and layers; ``None`` if they were not.
    """
    values = hyperparameters or {}
    weight = values.get("regularize_introspectability")
    if not weight:
        return None
    return f"{weight:g}, {values.get('regularized_layers', 'all')} layers"


def regularized_run(infos: Mapping[str, Any]) -> str | None:
    """Tell how the networks of a run were regularised.

    Args:
        infos: ``init_infos.json``.

    Returns:
        As :func:`regularized`.
    """
    parts = (infos.get(name) or {} for name in ("problem", "run_settings"))
    return regularized(
        {k: v for part in parts for k, v in (part.get("hyperparameters") or {}).items()}
    )


def meaning_of_mark(found: str) -> str:
    """Say what the mark means.

    Args:
        found: what :func:`regularized` told.
    """
    return (
        f"Regularised for introspectability ({found}): the score was trained for, and "
        "does not compare with that of networks without the regulariser."
    )
