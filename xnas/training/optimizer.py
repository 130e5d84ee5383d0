"""Optimizers by name, their schedule, and which weights decay."""

from collections.abc import Mapping
from typing import Any

import keras

from xnas.declarations.hyperparameters import optimizer_arguments
from xnas.errors import TaskError, one_line
from xnas.xai.layers import CONVOLUTIONS

_DECAYING_LAYERS = (keras.layers.Dense, *CONVOLUTIONS)


class _OneProcess:
    """Leaves out an optimizer's sum of gradients over processes.

    TensorFlow would register a gradient for it, for good and with the whole graph, so
    that every network trained would stay in memory.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars: list) -> list:
        return grads_and_vars


def make_optimizer(
    settings: Mapping[str, Any], steps_per_epoch: int
) -> keras.optimizers.Optimizer:
    """Make the optimizer that a task's hyperparameters describe.

    Args:
        settings: the hyperparameters.
        steps_per_epoch: training steps of one epoch.

    Returns:
        A fresh optimizer; ``sgd`` has momentum 0.9, Nesterov's way, unless the
        hyperparameters say otherwise. In float16 it takes gradients of a
        loss that it scales.

    Raises:
        TaskError: it does not take its arguments.
    """
    name = settings["optimizer"].lower()
    config: dict[str, Any] = {"learning_rate": learning_rate(settings, steps_per_epoch)}
    if name == "sgd":
        config |= {"momentum": 0.9, "nesterov": True}
    # Keras's own look-up by name leaves some of its optimizers out.
    classes = {found.lower(): found for found in dir(keras.optimizers)}
    base = getattr(keras.optimizers, classes[name])
    alone = type(base.__name__, (_OneProcess, base), {})
    arguments = optimizer_arguments(settings)
    try:
        optimizer = alone(**{**config, **arguments})
    except (TypeError, ValueError) as error:
        raise TaskError(
            f"optimizer {name} has optimizer_kwargs {arguments}, "
            f"expected arguments that Keras takes ({one_line(error)})"
        ) from error
    if settings["precision"] == "mixed_float16":
        # Without a scale, small gradients vanish. Keras begins at 2 ** 15 and leaves
        # steps out until nothing overflows, which short trainings cannot spare.
        return keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2.0**10)
    return optimizer


def learning_rate(settings: Mapping[str, Any], steps_per_epoch: int) -> Any:
    """Make the schedule: linear warm-up, then cosine decay to 0.

    Loshchilov and Hutter, *SGDR*, arXiv 1608.03983, eq. 5, without restarts.

    Args:
        settings: the hyperparameters.
        steps_per_epoch: training steps of one epoch.

    Returns:
        A Keras schedule, or the constant rate.
    """
    rate = settings["learning_rate"]
    if settings["schedule"] == "constant":
        return rate
    total = settings["num_epochs"] * steps_per_epoch
    warmup = min(round(settings["warmup_epochs"] * steps_per_epoch), total - 1)
    if warmup < 1:
        return keras.optimizers.schedules.CosineDecay(rate, total)
    return keras.optimizers.schedules.CosineDecay(
        # The line through 0 one step earlier: a rate of 0 wastes a step, or divides.
        rate / (warmup + 1),
        total - warmup,
        warmup_target=rate,
        warmup_steps=warmup,
    )


def decaying(model: keras.Model) -> list[bool]:
    """Say which trainable weights decay: those of convolutions and dense layers.

    Args:
        model: the network.

    Returns:
        One flag for each of ``model.trainable_variables``; biases decay as kernels
        do, scales and shifts of batch normalisation do not.
    """
    decaying = {
        id(weight)
        for layer in model._flatten_layers()
        if isinstance(layer, _DECAYING_LAYERS)
        for weight in layer.trainable_variables
    }
    return [id(weight) in decaying for weight in model.trainable_variables]
