"""Hyperparameters of ``Problem.hyperparameters``: defaults, and what they may be."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from xnas.declarations.keras_names import (
    CALLBACKS,
    OPTIMIZER_ARGUMENTS,
    OPTIMIZERS,
    STEERING_CALLBACKS,
    one_of,
)
from xnas.errors import did_you_mean, one_line
from xnas.records import python_values
from xnas.space.precision import FULL, PRECISIONS

DEFAULTS: dict[str, Any] = {
    # Examples a training step.
    "batch_size": 512,
    # Highest learning rate, reached after the warm-up.
    "learning_rate": 0.1,
    # Name of a Keras optimizer; "sgd" has momentum 0.9, Nesterov's way.
    "optimizer": "sgd",
    # More arguments of the optimizer; momentum, nesterov, beta_1, clipnorm and the like
    # may also be stated as hyperparameters.
    "optimizer_kwargs": {},
    "num_epochs": 1,
    # "cosine" to 0 over all steps after a linear warm-up, or "constant" without one.
    "schedule": "cosine",
    # Epochs that the warm-up takes.
    "warmup_epochs": 0.25,
    # Factor of an L2 penalty, weight_decay * sum(weight ** 2), on kernels and biases of
    # convolutions and dense layers; the reported loss does not hold it.
    "weight_decay": 0.0,
    # What layers compute in: all of float32, or "mixed_bfloat16" or "mixed_float16",
    # quicker on GPUs made for it; weights, loss and prediction are float32 in all.
    "precision": FULL,
    # Weight of the paper's regulariser: the mean cosine of the batch's classes, over
    # "all" layers of interest or those of the "last-stage" alone.
    "regularize_introspectability": 0.0,
    "regularized_layers": "all",
    # Keras callbacks: name to arguments.
    "callbacks": {},
    # Of no effect, as progress is the search's to show; 2021 files set it.
    "verbose": 0,
}

SCHEDULES = ("cosine", "constant")

REGULARIZED = ("all", "last-stage")


def checked_hyperparameters(values: Mapping[str, Any]) -> dict[str, Any]:
    """Check hyperparameters, each by itself and together.

    Args:
        values: name to value; defaults stand for those left out.

    Returns:
        The same, NumPy's numbers as Python's.

    Raises:
        ValueError: an unknown name, a value that cannot be used, or two for the same
            argument of the optimizer.
    """
    values = python_values(values)
    for name, value in values.items():
        if name in _OF_OPTIMIZERS:
            continue
        if name not in DEFAULTS:
            raise ValueError(
                f"hyperparameter {name!r} found, expected {one_of(DEFAULTS)}, or an "
                "argument of the optimizer"
                + did_you_mean(name, [*DEFAULTS, *_OF_OPTIMIZERS])
            )
        is_good, expected = _CHECKS[name]
        if not is_good(value):
            raise ValueError(f"hyperparameter {name} is {value!r}, expected {expected}")
    settings = {**DEFAULTS, **values}
    _check_optimizer_arguments(settings)
    for name, arguments in settings["callbacks"].items():
        _check_callback(name, arguments, settings["schedule"])
    return dict(values)


def optimizer_arguments(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return all arguments that hyperparameters state for the optimizer.

    Args:
        settings: hyperparameters, ``optimizer_kwargs`` among them.
    """
    stated = {name: settings[name] for name in settings if name in _OF_OPTIMIZERS}
    return {**stated, **settings["optimizer_kwargs"]}


def _check_optimizer_arguments(settings: Mapping[str, Any]) -> None:
    optimizer = settings["optimizer"].lower()
    own = (*OPTIMIZERS[optimizer], *OPTIMIZER_ARGUMENTS)
    given = settings["optimizer_kwargs"]
    for name, value in settings.items():
        if name not in _OF_OPTIMIZERS:
            continue
        if name not in own:
            raise ValueError(
                f"hyperparameter {name!r} found, which optimizer {optimizer} does not "
                f"take, expected {one_of(own)}"
            )
        if not isinstance(value, (int, float)):
            raise ValueError(
                f"hyperparameter {name} is {value!r}, expected a number, True or False"
            )
        if name in given and given[name] != value:
            raise ValueError(
                f"hyperparameter {name} is {value!r} and {given[name]!r} in "
                "optimizer_kwargs, expected one of them"
            )


_OF_OPTIMIZERS = {*OPTIMIZER_ARGUMENTS}.union(*OPTIMIZERS.values())


def _check_callback(name: str, arguments: Any, schedule: str) -> None:
    if name not in CALLBACKS:
        raise ValueError(f"callback {name!r} found, expected {one_of(CALLBACKS)}")
    if not _is_arguments(arguments):
        raise ValueError(
            f"callback {name} has {arguments!r}, expected a dictionary of arguments"
        )
    if arguments.get("restore_best_weights"):
        raise ValueError(
            f"callback {name} has restore_best_weights=True, expected an objective "
            "such as val_acc__max, which keeps the best epoch's weights"
        )
    if name in STEERING_CALLBACKS and schedule != "constant":
        raise ValueError(
            f"callback {name} changes the learning rate, expected schedule='constant' "
            f"beside it and found {schedule!r}"
        )
    import keras  # the one check that only Keras can make

    try:
        getattr(keras.callbacks, name)(**arguments)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"callback {name} has {dict(arguments)}, expected arguments that Keras "
            f"takes ({one_line(error)})"
        ) from error


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_number(value: Any) -> bool:
    is_real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_real and isfinite(value) and value >= 0


def _is_arguments(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "batch_size": (_is_count, "a whole number, 1 or more"),
    "learning_rate": (lambda v: _is_number(v) and v > 0, "a number above 0"),
    "optimizer": (
        lambda v: isinstance(v, str) and v.lower() in OPTIMIZERS,
        one_of(OPTIMIZERS),
    ),
    "optimizer_kwargs": (_is_arguments, "a dictionary of arguments"),
    "num_epochs": (_is_count, "a whole number, 1 or more"),
    "schedule": (lambda v: v in SCHEDULES, one_of(SCHEDULES)),
    "warmup_epochs": (_is_number, "a number, 0 or more"),
    "weight_decay": (_is_number, "a number, 0 or more"),
    "precision": (lambda v: v in PRECISIONS, one_of(PRECISIONS)),
    "regularize_introspectability": (_is_number, "a number, 0 or more"),
    "regularized_layers": (lambda v: v in REGULARIZED, one_of(REGULARIZED)),
    "callbacks": (
        _is_arguments,
        "a dictionary from names of Keras callbacks to their arguments",
    ),
    "verbose": (lambda v: v in (0, 1, 2), "0, 1 or 2"),
}
