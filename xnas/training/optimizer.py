"""Optimizers by name, their schedule, and which weights decay."""

from collections.abc import Mapping
from typing import Any

import keras


def make_optimizer(
    settings: Mapping[str, Any], steps_per_epoch: int
) -> keras.optimizers.Optimizer:
    """Make the optimizer that a task's hyperparameters describe.

    Args:
        settings: the hyperparameters.
        steps_per_epoch: training steps of one epoch.

    Returns:
        A fresh optimizer; ``sgd`` has momentum 0.9, Nesterov's way, unless
        ``optimizer_kwargs`` say otherwise.
    """
    name = settings["optimizer"].lower()
    config: dict[str, Any] = {"learning_rate": learning_rate(settings, steps_per_epoch)}
    if name == "sgd":
        config |= {"momentum": 0.9, "nesterov": True}
    kind = type(keras.optimizers.get(settings["optimizer"]))
    return kind(**{**config, **settings["optimizer_kwargs"]})


def learning_rate(settings: Mapping[str, Any], steps_per_epoch: int) -> Any:
    """Make the schedule: linear warm-up, then cosine decay to 0 (SGDR, eq. 5).

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
        0.0, total - warmup, warmup_target=rate, warmup_steps=warmup
    )


def decayed_weights(model: keras.Model) -> list[bool]:
    """Say which trainable weights decay: those of convolutions and dense layers.

    Args:
        model: the network.

    Returns:
        One flag for each of ``model.trainable_variables``; biases decay as kernels
        do, scales and shifts of batch normalisation do not.
    """
    kinds = (
        keras.layers.Dense,
        keras.layers.Conv1D,
        keras.layers.Conv2D,
        keras.layers.Conv3D,
        keras.layers.DepthwiseConv1D,
        keras.layers.DepthwiseConv2D,
        keras.layers.SeparableConv1D,
        keras.layers.SeparableConv2D,
        keras.layers.Conv1DTranspose,
        keras.layers.Conv2DTranspose,
        keras.layers.Conv3DTranspose,
    )
    decayed = {
        id(weight)
        for layer in model._flatten_layers()
        if isinstance(layer, kinds)
        for weight in layer.trainable_variables
    }
    return [id(weight) in decayed for weight in model.trainable_variables]
