"""What ``problem.py`` of a new task states, chosen by its data."""

from typing import Any

from xnas.new_task.found import Found
from xnas.new_task.literals import assignment, text_literal, with_exemption

FEWEST_STEPS = 40
"""Of an epoch, and"""
STEPS = 480
"""of a training: with fewer, batch normalisation has not averaged enough."""

FEWEST_EPOCHS, MOST_EPOCHS = 6, 20

SMALLEST_BATCH, LARGEST_BATCH = 8, 512

_PADDING_SHARE = 8


def problem_values(found: Found) -> dict[str, Any]:
    """Choose what the template of ``problem.py`` asks for.

    Args:
        found: what is known of the data.

    Returns:
        Values by name.
    """
    size = batch_size(found.n_train)
    steps = -(-found.n_train // size)
    # A crop would cut all of a picture of one row off.
    crops = found.are_pictures and min(found.input_shape[:2]) > 1
    images = {
        "Compose": found.flips,
        "Normalize": found.normalization,
        "RandomCrop": crops or found.flips,
        "RandomFlip": found.flips,
    }
    classes = assignment("CLASSES", [text_literal(name) for name in found.classes])
    labelled = with_exemption(f"# In the order of their labels.\n{classes}")
    return {
        "images": [name for name, is_used in images.items() if is_used],
        "classes": labelled if found.classes else "",
        "normalization": found.normalization,
        "pictures": found.are_pictures,
        "flips": found.flips,
        "padding": crops and max(1, round(min(found.input_shape[:2]) / _PADDING_SHARE)),
        "size": size,
        "steps": steps,
        "epochs": max(FEWEST_EPOCHS, min(MOST_EPOCHS, -(-STEPS // steps))),
        "regression": found.is_regression,
        "one_hot": found.one_hot,
    }


def batch_size(n_train: int) -> int:
    """Choose a power of two that gives 40 to 80 steps an epoch, within bounds."""
    fitting = max(1, n_train // FEWEST_STEPS)
    power = 2 ** (fitting.bit_length() - 1)
    return max(SMALLEST_BATCH, min(LARGEST_BATCH, power))
