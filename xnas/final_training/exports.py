"""The trained model in the formats of other tools."""

import shutil
import warnings
from pathlib import Path
from typing import Any

import keras

from xnas.final_training.folder import OutputFolder, move_draft
from xnas.results.folder import draft_of


def export_path(folder: OutputFolder, format_: str) -> Path:
    """Return where an export goes.

    Args:
        folder: of the training.
        format_: ``saved-model`` or ``onnx``.
    """
    names = {"saved-model": "saved_model", "onnx": "model.onnx"}
    return folder.root / names[format_]


def export_model(model: keras.Model, folder: OutputFolder, format_: str) -> None:
    """Write a model in another format, whole or not at all.

    Args:
        model: a functional model.
        folder: of the training.
        format_: ``saved-model`` or ``onnx``.
    """
    path = export_path(folder, format_)
    draft = draft_of(path)
    if draft.is_dir():
        shutil.rmtree(draft)
    if format_ == "onnx":
        model(_zeros(model))  # Keras asks for a model that was called before
    with warnings.catch_warnings():
        # Keras asks NumPy for a name that is gone.
        warnings.filterwarnings("ignore", "In the future `np.object`", FutureWarning)
        kind = "tf_saved_model" if format_ == "saved-model" else "onnx"
        model.export(str(draft), format=kind, verbose=False)
    move_draft(draft, path)


def _zeros(model: keras.Model) -> Any:
    """Make one example of nothing."""
    zeros = {
        tensor.name: keras.ops.zeros((1, *tensor.shape[1:]), tensor.dtype)
        for tensor in model.inputs
    }
    return zeros if len(zeros) > 1 else next(iter(zeros.values()))
