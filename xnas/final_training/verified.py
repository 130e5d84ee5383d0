"""Files of a model, run by their own runtimes before they count as written."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.declarations.functions import error_text
from xnas.errors import UsageError

TOLERANCE = 1e-4
"""What predictions may differ by, absolutely and relatively."""

N_EXAMPLES = 4

Inputs = Mapping[str, NDArray[np.float32]]
"""Name of each of a model's inputs to (examples, ...)."""


def made_up(model: keras.Model) -> Inputs:
    """Make examples of noise in [0, 1)."""
    rng = np.random.default_rng(0)
    return {
        tensor.name: rng.random((N_EXAMPLES, *tensor.shape[1:]), np.float32)
        for tensor in model.inputs
    }


def check_file(path: Path, format_: str, model: keras.Model, inputs: Inputs) -> None:
    """Check that a file predicts what its model predicts.

    Args:
        path: the file or folder.
        format_: ``keras``, ``saved-model`` or ``onnx``.
        model: what was written.
        inputs: a few examples.

    Raises:
        UsageError: its runtime cannot run it, or predicts something else.
    """
    # GPUs round products, and not the same way in every runtime.
    with tf.device("CPU:0"):
        expected = _predict(model, inputs)
        try:
            found = _RUNTIMES[format_](path, model, inputs)
        except Exception as error:  # of whatever type the runtime has for it
            reason = f"cannot be run ({error_text(error)})"
            raise UsageError(_refusal(format_, path, reason)) from error
    if found.shape != expected.shape or not np.allclose(
        found, expected, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True
    ):
        reason = "predicts other values than the model"
        if found.shape == expected.shape:
            reason += f", up to {np.abs(found - expected).max():.2g} apart"
        raise UsageError(_refusal(format_, path, reason))


def _refusal(format_: str, path: Path, reason: str) -> str:
    remedy = "other layers in the search space"
    if format_ != "keras":
        remedy = f"the same command without --export {format_}, or {remedy}"
    name = path.name.lstrip(".").replace(".part", "")  # that of the draft
    return f"{name} was not written, as it {reason}; expected {remedy}"


def _predict(model: keras.Model, inputs: Inputs) -> NDArray:
    return np.asarray(model(_structured(inputs), training=False))


def _structured(inputs: Inputs) -> Any:
    return dict(inputs) if len(inputs) > 1 else next(iter(inputs.values()))


def _run_keras(path: Path, model: keras.Model, inputs: Inputs) -> NDArray:
    try:
        return _predict(keras.models.load_model(path, compile=False), inputs)
    except (TypeError, ValueError):
        # Layers or functions of the task's own, which a model card tells of: what the
        # file says of weights alone, then, in the place of those that the model has.
        kept = model.get_weights()
        try:
            model.set_weights([np.zeros_like(one) for one in kept])
            model.load_weights(path)
            return _predict(model, inputs)
        finally:
            model.set_weights(kept)


def _run_saved_model(path: Path, model: keras.Model, inputs: Inputs) -> NDArray:
    loaded = tf.saved_model.load(str(path))  # kept, as it owns the weights
    return np.asarray(loaded.serve(_structured(inputs)))


def _run_onnx(path: Path, model: keras.Model, inputs: Inputs) -> NDArray:
    import onnxruntime  # of --export onnx alone

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, dict(inputs))
    return found


_RUNTIMES: dict[str, Callable[[Path, keras.Model, Inputs], NDArray]] = {
    "keras": _run_keras,
    "saved-model": _run_saved_model,
    "onnx": _run_onnx,
}
