"""The trained network as a model that Keras loads without this package."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xnas.errors import UsageError
from xnas.final_training.folder import move_draft, remove
from xnas.final_training.verified import N_EXAMPLES, Inputs, check_file, made_up
from xnas.results.folder import draft_of
from xnas.training.data import TaskData
from xnas.training.images import Normalize


def includes_preprocessing(preprocessing: Callable | None) -> bool:
    """Whether a task's preprocessing becomes a layer of the model.

    Args:
        preprocessing: the task's function, if any.
    """
    return isinstance(preprocessing, Normalize)


def plain_model(model: keras.Model, data: TaskData) -> keras.Model:
    """Make a model of a trained network, free of its optimizer.

    Args:
        model: the network, functional.
        data: of its task; :class:`~xnas.training.images.Normalize` becomes the model's
            first layer, other preprocessing stays outside.

    Returns:
        A model that shares the network's layers and weights.
    """
    inputs: Any = {tensor.name: tensor for tensor in model.inputs}
    if len(inputs) == 1:
        inputs = model.inputs[0]
    # Not compiled, unlike the network, whose optimizer Keras alone does not know.
    plain = keras.Model(inputs, model.outputs[0], name=model.name)
    if isinstance(data.preprocessing, Normalize):
        return _normalizing(plain, data.preprocessing, data.train.inputs[0].shape[1:])
    return plain


def _normalizing(
    model: keras.Model, normalize: Normalize, shape: tuple[int, ...]
) -> keras.Model:
    pictures = keras.Input(shape, name=model.inputs[0].name)
    layer = keras.layers.Normalization(
        mean=[mean * normalize.scale for mean in normalize.mean],
        variance=[(std * normalize.scale) ** 2 for std in normalize.std],
        name="normalize",
    )
    return keras.Model(pictures, model(layer(pictures)), name="normalized_network")


def save_model(model: keras.Model, path: Path, inputs: Inputs | None = None) -> None:
    """Write a model, whole and right or not at all.

    Args:
        model: of :func:`plain_model`.
        path: the file, ending in ``.keras``.
        inputs: examples that the file is tried with, noise by default.

    Raises:
        UsageError: what was written does not predict what the model predicts.
    """
    draft = draft_of(path)
    model.save(draft)
    try:
        check_file(draft, "keras", model, inputs or made_up(model))
    except UsageError:
        remove(draft)
        raise
    move_draft(draft, path)


def examples(model: keras.Model, data: TaskData) -> Inputs:
    """Return the first validation examples, as the model of a task takes them.

    Args:
        model: of :func:`plain_model`.
        data: of its task.
    """
    names = [tensor.name for tensor in model.inputs]
    if includes_preprocessing(data.preprocessing):
        given = [array[:N_EXAMPLES] for array in data.valid.inputs]
    else:
        (inputs, _) = next(iter(data.validation_batches(N_EXAMPLES)))
        given = keras.tree.flatten(inputs)
    return {n: np.asarray(one, np.float32) for n, one in zip(names, given, strict=True)}


def foreign_objects(model: keras.Model) -> list[str]:
    """Name what plain Keras cannot make again: layers and functions of other code.

    Args:
        model: any model.

    Returns:
        Import paths of classes, names of functions, sorted.
    """
    return sorted(set(_foreign(json.loads(model.to_json()))))


def _foreign(config: Any) -> Iterator[str]:
    if isinstance(config, list):
        for entry in config:
            yield from _foreign(entry)
    if not isinstance(config, dict):
        return
    name, module = config.get("class_name"), str(config.get("module"))
    if name and not module.startswith("keras."):
        if name == "function":  # its module is not recorded
            yield str(config.get("config"))
        elif name == "__lambda__" or config.get("registered_name"):
            yield f"{module}.{name}"
    for entry in config.values():
        yield from _foreign(entry)
