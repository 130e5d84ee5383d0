"""The trained model in the formats of other tools."""

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xnas.errors import UsageError
from xnas.final_training.folder import OutputFolder, move_draft, remove
from xnas.final_training.verified import Inputs, check_file, made_up
from xnas.results.folder import draft_of


def export_path(folder: OutputFolder, format_: str) -> Path:
    """Return where an export goes.

    Args:
        folder: of the training.
        format_: ``saved-model`` or ``onnx``.
    """
    names = {"saved-model": "saved_model", "onnx": "model.onnx"}
    return folder.root / names[format_]


def export_model(
    model: keras.Model,
    folder: OutputFolder,
    format_: str,
    inputs: Inputs | None = None,
) -> None:
    """Write a model in another format, whole and right or not at all.

    Args:
        model: a functional model.
        folder: of the training.
        format_: ``saved-model`` or ``onnx``.
        inputs: examples that the file is tried with, noise by default.

    Raises:
        UsageError: what was written does not predict what the model predicts.
    """
    path = export_path(folder, format_)
    draft = draft_of(path)
    remove(draft)
    if format_ == "onnx":
        model(_zeros(model))  # Keras asks for a model that was called before
        for layer in model._flatten_layers():
            if isinstance(layer, keras.layers.Normalization):
                # As tensors they would become inputs, which nobody gives.
                layer.mean, layer.variance = map(np.array, (layer.mean, layer.variance))
    with warnings.catch_warnings():
        # Keras asks NumPy for a name that is gone.
        warnings.filterwarnings("ignore", "In the future `np.object`", FutureWarning)
        keras_format = "tf_saved_model" if format_ == "saved-model" else "onnx"
        model.export(str(draft), format=keras_format, verbose=False)
    try:
        check_file(draft, format_, model, inputs or made_up(model))
    except UsageError:
        remove(draft)
        raise
    move_draft(draft, path)


def _zeros(model: keras.Model) -> Any:
    """Make one example of nothing."""
    zeros = {
        tensor.name: keras.ops.zeros((1, *tensor.shape[1:]), tensor.dtype)
        for tensor in model.inputs
    }
    return zeros if len(zeros) > 1 else next(iter(zeros.values()))
