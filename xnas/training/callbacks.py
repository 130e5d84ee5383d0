"""Keras callbacks by name, called between epochs."""

from collections.abc import Mapping
from typing import Any

import keras

from xnas.declarations.keras_names import find_alias, one_of
from xnas.errors import TaskError


def make_callbacks(
    model: keras.Model, callbacks: Mapping[str, Mapping[str, Any]], keys: list[str]
) -> keras.callbacks.CallbackList:
    """Make the callbacks of a task.

    Args:
        model: the compiled network.
        callbacks: name to arguments.
        keys: names in the history.

    Returns:
        One callback that calls them all.

    Raises:
        TaskError: one monitors what is not in the history.
    """
    made = []
    for name, arguments in callbacks.items():
        callback = getattr(keras.callbacks, name)(**arguments)
        if hasattr(callback, "monitor"):
            key = find_alias(callback.monitor, keys)
            if key is None:
                raise TaskError(
                    f"callback {name} monitors {callback.monitor!r}, expected "
                    f"{one_of(keys)}"
                )
            callback.monitor = key
        made.append(callback)
    return keras.callbacks.CallbackList(made, model=model, add_history=False)
