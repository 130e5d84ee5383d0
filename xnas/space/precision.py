"""The precision in which a network's layers compute; weights are float32 in all."""

from collections.abc import Iterator
from contextlib import contextmanager

FULL = "float32"

PRECISIONS = (FULL, "mixed_bfloat16", "mixed_float16")
"""Names of Keras's policies: products in all or in half of the bits."""


def compute_dtype(precision: str) -> str:
    """Return the type of what layers hand on; loads Keras.

    Args:
        precision: one of :data:`PRECISIONS`.
    """
    import keras

    return (
        keras.config.floatx() if precision == FULL else precision.removeprefix("mixed_")
    )


def is_mixed() -> bool:
    """Whether layers that are made now compute in half of the bits; loads Keras."""
    import keras

    return keras.config.dtype_policy().name in PRECISIONS[1:]


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Have layers that are made meanwhile compute in a precision.

    Args:
        precision: one of :data:`PRECISIONS`; the full one changes nothing but a mixed
            one around it.
    """
    import keras

    before = keras.config.dtype_policy()
    if precision == FULL and before.name not in PRECISIONS:
        yield  # doubles, which only whoever asked Keras for them has
        return
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
