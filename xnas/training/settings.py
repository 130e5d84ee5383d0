"""Names and values that ``Problem.hyperparameters`` and ``objective`` admit."""

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

DEFAULTS: dict[str, Any] = {
    # Examples a training step.
    "batch_size": 512,
    # Highest learning rate, reached after the warm-up.
    "learning_rate": 0.1,
    # Name of a Keras optimizer; "sgd" alone means momentum 0.9, Nesterov's way.
    "optimizer": "sgd",
    # More arguments of the optimizer.
    "optimizer_kwargs": {},
    "num_epochs": 1,
    # "cosine" to 0 over all steps, or "constant".
    "schedule": "cosine",
    # Epochs of linear warm-up.
    "warmup_epochs": 0.25,
    # L2 decay of kernels and biases of convolutions and dense layers.
    "weight_decay": 5e-4,
    # Keras callbacks: name to arguments.
    "callbacks": {},
    # Kept for 2021 files; progress is the search's to show.
    "verbose": 0,
}

OPTIMIZERS = ("adadelta", "adagrad", "adam", "adamax", "adamw", "ftrl", "lion")
OPTIMIZERS += ("loss_scale_optimizer", "nadam", "rmsprop", "sgd", "adafactor")
SCHEDULES = ("cosine", "constant")
STEERS_LEARNING_RATE = ("ReduceLROnPlateau", "LearningRateScheduler")

OBJECTIVE = re.compile(r"(-?)([A-Za-z]\w*?)(?:__(last|max|min))?")


def check_hyperparameter(name: str, value: Any) -> None:
    """Check one hyperparameter.

    Raises:
        ValueError: an unknown name, or a value that cannot be used.
    """
    if name not in DEFAULTS:
        raise ValueError(
            f"hyperparameter {name!r} is not known, expected one of "
            f"{', '.join(DEFAULTS)}"
        )
    check, expected = _CHECKS[name]
    if not check(value):
        raise ValueError(f"hyperparameter {name} is {value!r}, expected {expected}")


def check_objective(objective: str) -> None:
    """Check the form of an objective.

    Raises:
        ValueError: it has another form.
    """
    if not isinstance(objective, str) or not OBJECTIVE.fullmatch(objective):
        raise ValueError(
            f"objective is {objective!r}, expected a form such as val_acc__last"
        )


def read_objective(objective: str) -> tuple[int, str, str]:
    """Split an objective.

    Args:
        objective: such as ``-val_loss__min``.

    Returns:
        Sign (1 or −1), name in the history, and ``last``, ``max`` or ``min``.
    """
    check_objective(objective)
    match = OBJECTIVE.fullmatch(objective)
    sign, name, epoch = match.groups() if match else ("", objective, None)
    return (-1 if sign else 1), name, epoch or "last"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and isfinite(value)
        and value >= 0
    )


def _is_optimizer(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if value.lower() in OPTIMIZERS:
        return True
    import keras  # only an unusual name is worth loading Keras for

    try:
        keras.optimizers.get(value)
    except ValueError:
        return False
    return True


def _is_callbacks(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    if not all(isinstance(arguments, Mapping) for arguments in value.values()):
        return False
    if not value:
        return True
    import keras

    for name, arguments in value.items():
        kind = getattr(keras.callbacks, str(name), None)
        if not (isinstance(kind, type) and issubclass(kind, keras.callbacks.Callback)):
            return False
        try:
            kind(**arguments)
        except (TypeError, ValueError):
            return False
    return True


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "batch_size": (_is_count, "a whole number, 1 or more"),
    "learning_rate": (lambda v: _is_number(v) and v > 0, "a number above 0"),
    "optimizer": (_is_optimizer, "the name of a Keras optimizer"),
    "optimizer_kwargs": (lambda v: isinstance(v, Mapping), "a dictionary"),
    "num_epochs": (_is_count, "a whole number, 1 or more"),
    "schedule": (lambda v: v in SCHEDULES, "cosine or constant"),
    "warmup_epochs": (_is_number, "a number, 0 or more"),
    "weight_decay": (_is_number, "a number, 0 or more"),
    "callbacks": (
        _is_callbacks,
        "a dictionary from names of Keras callbacks to their arguments",
    ),
    "verbose": (lambda v: isinstance(v, int), "a whole number"),
}
