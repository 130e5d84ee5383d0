"""A task out of arrays in an npz file."""

import os

import numpy as np

from xnas.errors import TaskError, UsageError
from xnas.new_task.found import (
    SEED,
    VALID_FRACTION,
    Found,
    Normalization,
    count_parts,
    summarize_classes,
    test_share,
)
from xnas.tasks.arrays import group_labels, load_arrays, read_array_file
from xnas.tasks.suspicions import coarse_validation

LONGEST_PICTURE = 4
"""Times its shorter side; beyond that, gray pictures may be series."""


def inspect_npz(
    file: str, kind: str | None = None, test_fraction: float | None = None
) -> Found:
    """Look at an npz file.

    Args:
        file: its arrays are named as :func:`xnas.tasks.arrays.load_arrays` says.
        kind: one of :data:`xnas.tasks.arrays.KINDS`; told by the shape if ``None``.
        test_fraction: share of examples to test; chosen by their number if ``None``.

    Raises:
        TaskError: the file is not of that form, or its shape does not tell the kind.
        UsageError: a share to test is asked for, and the file has examples for that.
    """
    chosen = kind or _guess_kind(file, read_array_file(file).train[0].shape[1:])
    held = read_array_file(file, chosen)
    if held.test and test_fraction:
        raise UsageError(
            f"--test-share found, expected none: {file} has examples to test already"
        )
    groups = group_labels(held)
    sizes_of_classes = np.bincount(groups)
    share, untested = (
        (0.0, []) if held.test else test_share(sizes_of_classes, test_fraction)
    )
    parts = load_arrays(file, VALID_FRACTION, SEED, test_fraction=share, kind=chosen)
    X, y = parts[0]
    sizes = [len(labels) for _, labels in parts]
    summary = [
        f"{sum(sizes)} examples of shape {X.shape[1:]}, taken for {_named(X.shape)}"
        f"{' (--kind says otherwise)' * (kind is None)}: {count_parts(sizes)}.",
        *untested,
    ]
    if held.label_form == "real":
        n_outputs = y.shape[1] if y.ndim == 2 else 1
        summary.append(
            f"Labels are real numbers, {n_outputs} an example: a regression."
        )
    else:
        n_outputs = len(held.classes)
        summary += summarize_classes(held.classes, groups)
        summary += coarse_validation(sizes[1])
    are_pictures = X.ndim == 4
    return Found(
        "load_npz.py",
        {
            "path": os.path.abspath(file),
            "standardize_examples": not are_pictures,
            "label_form": held.label_form,
            "has_test": len(parts) == 3,
            "test_fraction": share,
            # Unsaid where it is what load_arrays does by itself.
            "kind": chosen if chosen == "series" or kind else None,
        },
        X.shape[1:],
        n_outputs,
        len(y),
        summary,
        classes=held.classes,
        one_hot=held.label_form == "one-hot",
        normalization=Normalization.of(X) if are_pictures else None,
    )


def _guess_kind(file: str, shape: tuple[int, ...]) -> str:
    """Tell what examples are by their shape: features, or one with channels last.

    Raises:
        TaskError: it does not tell series from gray pictures.
    """
    if len(shape) == 1:
        return "features"
    short, long = sorted(shape[:2])
    if short == 1 < long:
        return "series"
    if shape[2] == 1 and long >= LONGEST_PICTURE * short:
        raise TaskError(
            f"{file}: examples of shape {shape[:2]} found, either gray pictures or "
            f"series of {shape[0]} steps with {shape[1]} channels, expected "
            "--kind pictures or --kind series (or features) to say which"
        )
    return "pictures"


def _named(shape: tuple[int, ...]) -> str:
    if len(shape) == 4:
        return f"pictures of {shape[1]} × {shape[2]}"
    return f"series of {shape[1]} steps" if len(shape) == 3 else "features"
