"""What Keras is told elsewhere of numbers, which results must not hang on."""

import json
from pathlib import Path
from typing import Any

import keras
from keras.src.backend.config import keras_home

from xnas.errors import TaskError

PINNED = {
    "floatx": "float32",
    "image_data_format": "channels_last",
    "epsilon": 1e-7,
}
"""What networks, data and scores are made for."""


def pin_numerics() -> None:
    """Overrule ``keras.json``, and refuse what code has set; call before building.

    Raises:
        TaskError: ``keras.config`` was told another type, order of axes or policy.
    """
    for name, pinned in PINNED.items():
        found = getattr(keras.config, name)()
        if found == pinned:
            continue
        if found != _keras_file().get(name):
            raise TaskError(
                f"keras.config.set_{name}({found!r}) was called, expected {pinned!r}"
            )
        getattr(keras.config, f"set_{name}")(pinned)
        if name == "floatx" and keras.config.dtype_policy().name == found:
            keras.config.set_dtype_policy(pinned)  # worked out before
    policy = keras.config.dtype_policy().name
    if policy != PINNED["floatx"]:
        raise TaskError(
            f"keras.config.set_dtype_policy({policy!r}) was called, expected "
            'Problem.hyperparameters(precision="mixed_bfloat16") or "mixed_float16" '
            "in problem.py instead"
        )


def _keras_file() -> dict[str, Any]:
    """Read what the user's ``keras.json`` says, if there is one."""
    try:
        content = json.loads(Path(keras_home(), "keras.json").read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
