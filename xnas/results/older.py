"""What older versions recorded of training, in the words of this one."""

import copy
from collections.abc import Mapping
from typing import Any

PENALTY = "penalty"
"""Recorded as what ``weight_decay`` is, where the format does not say so."""


def infos_in_todays_words(infos: Mapping[str, Any], latest: int) -> dict[str, Any]:
    """Translate how the networks of a run are trained.

    Before format 3, ``weight_decay * weight`` was added to the gradient; now
    ``weight_decay`` is the factor of a penalty, whose gradient is twice that. What a
    run went by becomes a setting of its own, so that it goes on by it whatever its
    task says, or leaves unsaid, today.

    Args:
        infos: ``init_infos.json`` of a run; not changed.
        latest: format of today.

    Returns:
        The same in the meaning of today, and marked so.
    """
    found = copy.deepcopy(dict(infos))
    _complete(found.get("problem"))
    format_ = found.get("format", 1)
    if format_ >= 3 or found.get("weight_decay") == PENALTY:
        return found
    translated = _translate(found.get("problem"))
    for name in ("run_settings", "arguments"):
        if translated and isinstance(found.get(name), dict):
            own = dict(found[name].get("hyperparameters") or {})  # of pairs, once
            found[name]["hyperparameters"] = {**own, **translated}
    # Tables of the first format stay what they are, so that it has to as well.
    return found | ({"weight_decay": PENALTY} if format_ < 2 else {"format": latest})


def training_in_todays_words(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Translate what a training in full was started with, likewise.

    Args:
        settings: ``training.json``; not changed.
    """
    found = copy.deepcopy(dict(settings))
    _complete(found.get("task"))
    if found.get("weight_decay") != PENALTY:
        _translate(found.get("task"))
    return found


def _complete(task: Any) -> None:
    """Add what a task's hyperparameters did not say yet, in their place."""
    values = task.get("hyperparameters") if isinstance(task, dict) else None
    if isinstance(values, dict) and "weight_decay" in values:
        values.setdefault("regularize_introspectability", 0.0)
        values.setdefault("regularized_layers", "all")


def _translate(task: Any) -> dict[str, Any]:
    """Translate a task's hyperparameters in their place; return those that differ."""
    values = task.get("hyperparameters") if isinstance(task, dict) else None
    if not isinstance(values, dict) or "weight_decay" not in values:
        return {}
    values["weight_decay"] /= 2
    values.setdefault("precision", "float32")
    return {"weight_decay": values["weight_decay"]}
