"""A task out of nothing but the shape of its examples."""

import math

from xnas.errors import UsageError
from xnas.new_task.found import Found

_PER_CLASS = 40
_FEWEST_PER_CLASS = 5
_NUMBERS = 2**25  # in all examples: 128 MB


def invent(input_shape: tuple[int, ...], n_classes: int) -> Found:
    """Describe random data that stand for those to come.

    Args:
        input_shape: (features,) or (height, width, channels).
        n_classes: number of classes.

    Raises:
        UsageError: they would be too large.
    """
    affordable = _NUMBERS // (math.prod(input_shape) * n_classes)
    if affordable < _FEWEST_PER_CLASS:
        raise UsageError(
            f"--input-shape {','.join(map(str, input_shape))} and --classes "
            f"{n_classes} found, expected less: {_FEWEST_PER_CLASS} placeholders a "
            f"class within {_NUMBERS:,} numbers"
        )
    per_class = min(_PER_CLASS, affordable)
    n_train = n_classes * (per_class - max(1, round(per_class / 5)))
    return Found(
        "load_placeholder.py",
        {"shape": input_shape, "n_classes": n_classes, "per_class": per_class},
        input_shape,
        n_classes,
        n_train,
        [
            f"{n_classes * per_class} random examples of shape {input_shape} in "
            f"{n_classes} classes stand for your data: load_data.py says what to "
            "replace."
        ],
        classes=[str(label) for label in range(n_classes)],
    )
