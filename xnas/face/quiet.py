"""Loads TensorFlow and Keras without what they say of themselves on standard error.

``TF_CPP_MIN_LOG_LEVEL`` has no say in the lines that its C++ libraries write while
they are loaded.
"""

import os
import sys
import tempfile


def load_tensorflow() -> None:
    """Load TensorFlow; what it wrote meanwhile is shown only if that fails.

    What ``keras.json`` says has no say: see :mod:`xnas.training.numerics`.

    Raises:
        ImportError: it cannot be loaded.
        TaskError: code has told Keras another type, order of axes or policy.
    """
    if "tensorflow" not in sys.modules:
        _load_silently()
    from xnas.training.numerics import pin_numerics

    pin_numerics()


def _load_silently() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
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
