"""A task out of arrays in an npz file."""

import os

from xnas.new_task.found import (
    SEED,
    VALID_FRACTION,
    Found,
    Normalization,
    summarize_classes,
)
from xnas.tasks.arrays import group_labels, load_arrays, read_array_file

_PARTS = ("to train", "to validate", "to test")


def inspect_npz(file: str) -> Found:
    """Look at an npz file.

    Args:
        file: its arrays are named as in :data:`xnas.tasks.arrays.KEYS`.

    Raises:
        TaskError: the file is not of that form.
    """
    held = read_array_file(file)
    parts = load_arrays(file, VALID_FRACTION, SEED)
    X, y = parts[0]
    are_pictures = X.ndim == 4
    is_regression = held.label_form == "real"
    counts = ", ".join(
        f"{len(labels)} {name}"
        for name, (_, labels) in zip(_PARTS, parts, strict=False)
    )
    summary = [
        f"{sum(len(labels) for _, labels in parts)} examples of shape "
        f"{X.shape[1:]}: {counts}."
    ]
    if is_regression:
        n_outputs = y.shape[1] if y.ndim == 2 else 1
        summary.append(
            f"Labels are real numbers, {n_outputs} an example: a regression."
        )
    else:
        n_outputs = len(held.classes)
        summary += summarize_classes(held.classes, group_labels(held))
    return Found(
        "load_npz.py",
        {
            "path": os.path.abspath(file),
            "standardize_examples": not are_pictures,
            "label_form": held.label_form,
            "has_test": held.test is not None,
        },
        X.shape[1:],
        n_outputs,
        len(y),
        summary,
        classes=held.classes,
        one_hot=held.label_form == "one-hot",
        normalization=Normalization.of(X) if are_pictures else None,
    )
