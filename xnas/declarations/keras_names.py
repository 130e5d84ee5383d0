"""Names that Keras knows things by, so that a task is checked without loading it."""

import re
from collections.abc import Iterable
from types import FunctionType

_MOMENTS = ("beta_1", "beta_2", "epsilon")

OPTIMIZERS: dict[str, tuple[str, ...]] = {
    "adadelta": ("rho", "epsilon"),
    "adafactor": (
        *("beta_2_decay", "epsilon_1", "epsilon_2"),
        *("clip_threshold", "relative_step"),
    ),
    "adagrad": ("initial_accumulator_value", "epsilon"),
    "adam": (*_MOMENTS, "amsgrad"),
    "adamax": _MOMENTS,
    "adamw": (*_MOMENTS, "amsgrad"),
    "ftrl": (
        *("learning_rate_power", "initial_accumulator_value"),
        *("l1_regularization_strength", "l2_regularization_strength"),
        *("l2_shrinkage_regularization_strength", "beta"),
    ),
    "lamb": _MOMENTS,
    "lion": ("beta_1", "beta_2"),
    "muon": ("momentum", "nesterov", "epsilon", "ns_steps", "rms_rate"),
    "nadam": _MOMENTS,
    "rmsprop": ("rho", "momentum", "epsilon", "centered"),
    "sgd": ("momentum", "nesterov"),
}
"""Each with arguments of its own that hyperparameters may name."""

OPTIMIZER_ARGUMENTS = (
    *("clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum"),
    *("ema_overwrite_frequency", "gradient_accumulation_steps"),
)
"""What all of them take besides."""

CALLBACKS = (
    *("CSVLogger", "EarlyStopping", "LearningRateScheduler", "ModelCheckpoint"),
    *("ReduceLROnPlateau", "TerminateOnNaN"),
)
"""Those whose work is done between epochs; steps run inside TensorFlow."""

STEERING_CALLBACKS = ("LearningRateScheduler", "ReduceLROnPlateau")
"""Those that change the learning rate."""

CATEGORICAL_LOSSES = ("categorical_crossentropy", "categorical_focal_crossentropy")
"""Those that want one-hot labels."""

SPARSE_LOSSES = ("sparse_categorical_crossentropy",)
"""Those that want integer labels."""

BINARY_LOSSES = ("binary_crossentropy", "binary_focal_crossentropy")
"""Those of zeros and ones, one a class or a label."""

_LOSSES = (
    *(*CATEGORICAL_LOSSES, *SPARSE_LOSSES, "binary_crossentropy", "huber"),
    *("kl_divergence", "mae", "mean_absolute_error", "mean_squared_error", "mse"),
)

_METRICS = (
    *("acc", "accuracy", "categorical_accuracy", "mae", "mse", "r2_score"),
    *("sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy"),
    "top_k_categorical_accuracy",
)

_ALIASES_OF_LOSSES = {"bce": "binary_crossentropy"}

_BASES_OF_LOSSES = ("keras_saveable", "loss", "loss_function_wrapper")

_ALIASES = {"acc": "accuracy", "accuracy": "acc"}


def is_loss(name: str) -> bool:
    """Whether Keras has a loss of that name; only a rare one loads Keras to see."""
    if name in _LOSSES:
        return True
    import keras

    try:
        keras.losses.get(name)
    except ValueError:
        return False
    return True


def loss_name(loss: object) -> str | None:
    """Name a loss as Keras does its functions.

    Args:
        loss: a name of Keras's function or class, or one of those, or an object of
            such a class or of one derived from it.

    Returns:
        The function's name; ``None`` for a function of one's own.
    """
    if isinstance(loss, str):
        return _ALIASES_OF_LOSSES.get(loss.lower(), _snake_case(loss))
    if isinstance(loss, FunctionType):
        is_keras = loss.__module__.partition(".")[0] == "keras"
        return loss.__name__ if is_keras else None
    found = loss if isinstance(loss, type) else type(loss)
    names = [
        _snake_case(base.__name__)
        for base in found.__mro__
        if base.__module__.partition(".")[0] == "keras"
    ]
    return next((name for name in names if name not in _BASES_OF_LOSSES), None)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def is_metric(name: str) -> bool:
    """Whether Keras has a metric of that name; only a rare one loads Keras to see."""
    if name in _METRICS:
        return True
    import keras

    try:
        keras.metrics.get(name)
    except (ValueError, TypeError):  # TypeError: the metric needs arguments
        return False
    return True


def find_alias(name: str, keys: Iterable[str]) -> str | None:
    """Find a value of the history by either of Keras's names of the accuracy.

    Args:
        name: such as ``val_acc``.
        keys: names there are.

    Returns:
        The one that is meant, ``None`` if there is none.
    """
    prefix = "val_" if name.startswith("val_") else ""
    bare = name.removeprefix(prefix)
    candidates = (name, prefix + _ALIASES.get(bare, bare))
    return next((key for key in candidates if key in set(keys)), None)


def one_of(names: Iterable[str]) -> str:
    """Word a choice for a sentence."""
    return f"one of {', '.join(names)}"
