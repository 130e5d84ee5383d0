"""Loads TensorFlow and Keras without what they say of themselves on standard error.

``TF_CPP_MIN_LOG_LEVEL`` has no say in the lines that its C++ libraries write while
they are loaded.
"""

import os
import sys
import tempfile
from contextlib import suppress

from xnas.errors import UsageError


def load_tensorflow(*, gpus: bool = False) -> None:
    """Load TensorFlow; what it wrote meanwhile is shown only if that fails.

    What ``keras.json`` says has no say: see :mod:`xnas.training.numerics`.

    Args:
        gpus: whether this process may use GPUs. TensorFlow would take nearly all
            memory of the first one with its first operation, and leave none to workers.

    Raises:
        ImportError: it cannot be loaded.
        TaskError: code has told Keras another type, order of axes or policy.
        UsageError: Keras was loaded before, with another backend.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever it, or keras.json, says
    keras = sys.modules.get("keras")
    if keras is not None and keras.config.backend() != "tensorflow":
        raise UsageError(
            f"Keras was loaded with the backend {keras.config.backend()!r} "
            "(KERAS_BACKEND, or ~/.keras/keras.json), expected 'tensorflow'"
        )
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        _import_quietly()
    if not gpus:
        import tensorflow as tf

        # Once it has computed, as in a notebook, there is nothing left to hide.
        with suppress(RuntimeError):
            tf.config.set_visible_devices([], "GPU")
    from xnas.training.numerics import pin_numerics

    pin_numerics()


def _import_quietly() -> None:
    sys.stderr.flush()
    with tempfile.TemporaryFile() as written:
        descriptor = os.dup(2)
        os.dup2(written.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        except BaseException:
            written.seek(0)
            os.write(descriptor, written.read())
            raise
        finally:
            os.dup2(descriptor, 2)
            os.close(descriptor)
