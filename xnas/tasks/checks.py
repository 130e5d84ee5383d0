"""Checks of a task's arrays; each failure is one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.keras_names import CATEGORICAL_LOSSES, SPARSE_LOSSES, loss_name
from xnas.errors import TaskError
from xnas.training.split import Split


class ContractError(Exception):
    """What a task supplies is not as it has to be: one sentence, without its file."""


@contextmanager
def breaches_in(file: Any) -> Iterator[None]:
    """Name the file that breaches are of.

    Raises:
        TaskError: there was one.
    """
    try:
        yield
    except ContractError as breach:
        raise TaskError(f"{file}: {breach}") from breach


FINITE_CHUNK = 4096
"""Examples looked at in one go, so that checking needs little memory."""

_LARGEST = float(np.finfo(np.float32).max)


def check_split(split: Split, name: str) -> None:
    """Check that there are examples, as many labels, and finite numbers.

    Args:
        split: the examples.
        name: ``training``, ``validation`` or ``test``.

    Raises:
        ContractError: something is wrong with them.
    """
    sizes = [len(array) for array in split.inputs]
    if {*sizes} != {len(split.labels)}:
        found = " and ".join(str(size) for size in sizes)
        raise ContractError(
            f"{found} {name} inputs found for {len(split.labels)} labels, "
            "expected equally many"
        )
    if not len(split.labels):
        raise ContractError(f"no {name} examples found, expected one or more")
    for array in split.inputs:
        check_numbers(array, f"{name} inputs")
    check_numbers(split.labels, f"{name} labels")


def check_numbers(array: NDArray, what: str) -> None:
    """Check that an array holds finite real numbers.

    Args:
        array: any shape.
        what: to call it in the message.

    Raises:
        ContractError: it holds NaN, infinity, or something else than numbers.
    """
    if array.dtype.kind not in "fiub":
        raise ContractError(
            f"{what} of type {array.dtype} found, expected real numbers"
        )
    if array.dtype.itemsize > 8:
        raise ContractError(f"{what} of type {array.dtype} found, expected float32")
    if array.dtype.kind == "f":
        for start in range(0, len(array), FINITE_CHUNK):
            chunk = array[start : start + FINITE_CHUNK]
            if not np.isfinite(chunk).all():
                raise ContractError(
                    f"NaN or infinity found in the {what}, expected finite numbers"
                )
            if array.dtype.itemsize > 4 and np.abs(chunk).max(initial=0) > _LARGEST:
                raise ContractError(
                    f"numbers above {_LARGEST:.1g} found in the {what}, expected some "
                    "that float32 holds"
                )


def check_unmasked(array: Any, what: str) -> None:
    """Check that nothing of an array is masked, as masks get lost in training.

    Args:
        array: anything.
        what: holds it, as the beginning of the message.

    Raises:
        ContractError: something is.
    """
    if np.ma.is_masked(array):
        count = np.ma.count_masked(array)
        raise ContractError(
            f"{what} {count} masked values, expected none: fill them as by "
            "X.filled(X.mean()), or leave those examples out"
        )


def check_equal_shapes(train: Split, other: Split, name: str) -> None:
    """Check that two splits hold examples of the same shapes.

    Args:
        train: training examples.
        other: the others.
        name: ``validation`` or ``test``.

    Raises:
        ContractError: they differ.
    """
    both = (train, other)
    inputs = ([array.shape[1:] for array in split.inputs] for split in both)
    labels = (split.labels.shape[1:] for split in both)
    for what, (expected, found) in (("inputs", inputs), ("labels", labels)):
        if expected != found:
            raise ContractError(
                f"{name} {what} of shape {found} found, expected {expected} "
                "as in the training examples"
            )


def is_one_hot(labels: NDArray) -> bool:
    """Whether every row of labels, (n, classes), is a one among zeros."""
    return (
        labels.ndim == 2
        and bool(((labels == 0) | (labels == 1)).all())
        and bool((labels.sum(axis=1) == 1).all())
    )


def check_one_class(labels: NDArray, name: str) -> None:
    """Check that labels do not name several classes an example.

    Args:
        labels: (n,) or (n, columns).
        name: ``training``, ``validation`` or ``test``.

    Raises:
        ContractError: they are rows of zeros and ones that do not add up to one.
    """
    if labels.ndim != 2 or labels.shape[1] < 2 or not np.isin(labels, (0, 1)).all():
        return
    sums = labels.sum(axis=1)
    if (sums != 1).any():
        row = labels[(sums != 1).argmax()].astype(int).tolist()
        raise ContractError(
            f"multi-label {name} labels found (a row {_short(row)}), expected one-hot "
            "rows, one class an example: make a task of each label, or a class of each "
            "combination"
        )


def _short(row: list[int]) -> str:
    return str(row) if len(row) < 9 else f"{str(row[:8])[:-1]}, …]"


def are_integers(labels: NDArray) -> bool:
    """Whether labels are integers, (n,)."""
    return labels.ndim == 1 and labels.dtype.kind in "iu"


def check_labels(labels: NDArray, name: str, loss: Any) -> None:
    """Check that labels have the form that a loss of classes wants.

    Args:
        labels: (n,) integers or (n, classes) one-hot.
        name: ``training``, ``validation`` or ``test``.
        loss: of the task; a function of its own may take any labels.

    Raises:
        ContractError: they have the other form, or none.
    """
    name_of_loss = loss_name(loss)
    if name_of_loss in SPARSE_LOSSES and not are_integers(labels):
        other, expected = is_one_hot(labels), "integers (n,)"
        advice = "loss categorical_crossentropy"
    elif name_of_loss in CATEGORICAL_LOSSES and not is_one_hot(labels):
        check_one_class(labels, name)
        other, expected = are_integers(labels), "one-hot rows (n, classes)"
        advice = "loss sparse_categorical_crossentropy"
    else:
        return
    found = f"{labels.dtype} of shape {labels.shape}"
    raise ContractError(
        f"{name} labels are {found}, expected {expected} for the loss "
        f"{name_of_loss}" + (f", or the {advice}" if other else "")
    )


def check_classes(labels: NDArray, name: str, n_classes: int) -> None:
    """Check that labels lie within the classes.

    Args:
        labels: (n,) integers or (n, classes) one-hot.
        name: ``training``, ``validation`` or ``test``.
        n_classes: number of classes.

    Raises:
        ContractError: one does not.
    """
    if labels.ndim == 2:
        if labels.shape[1] != n_classes:
            raise ContractError(
                f"one-hot {name} labels of {labels.shape[1]} classes found, "
                f"expected {n_classes}"
            )
        return
    outside = labels[(labels < 0) | (labels >= n_classes)]
    if len(outside):
        raise ContractError(
            f"{name} label {outside[0]} found, expected 0 to {n_classes - 1}"
        )
