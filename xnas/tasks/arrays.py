"""Arrays in an npz file, read into the form that ``load_data`` returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.errors import TaskError
from xnas.tasks.array_files import find_names, read_arrays
from xnas.tasks.checks import (
    ContractError,
    breaches_in,
    check_numbers,
    check_one_class,
    is_one_hot,
)

Pair = tuple[NDArray[Any], NDArray[Any]]

PIECE = 2**20
"""Rows that are measured in one go."""

KINDS = ("pictures", "series", "features")
"""What examples may be taken for."""

_EXPECTED = "X and y, x_train and y_train, images and labels, or data and labels"


@dataclass(frozen=True)
class ArrayFile:
    """What an npz file holds.

    Args:
        train: training examples and labels; all that there are, if ``valid`` is None.
        valid: those to validate.
        test: those to test.
        label_form: ``integer``, ``one-hot`` or ``real``.
        classes: names of the classes; none for real labels.
    """

    train: Pair
    valid: Pair | None
    test: Pair | None
    label_form: str
    classes: list[str]


def load_arrays(
    file: str | Path,
    valid_fraction: float = 0.2,
    seed: int = 0,
    standardize_examples: bool = False,
    standardize_targets: bool = False,
    *,
    test_fraction: float = 0,
    kind: str | None = None,
) -> tuple[Pair, ...]:
    """Read the examples of an npz file.

    Args:
        file: its arrays are named as in :data:`xnas.tasks.array_files.KEYS` or
            :data:`~xnas.tasks.array_files.COMMON_KEYS`.
        valid_fraction: share of the training examples, and of each class, that
            validates where the file has no examples for that.
        seed: decides which examples those are.
        standardize_examples: whether each feature is shifted and scaled to the mean 0
            and the standard deviation 1 among the training examples; of series, each
            channel.
        standardize_targets: likewise for real labels.
        test_fraction: share of the training examples, and of each class, that tests
            where the file has no examples for that; taken before those to validate.
        kind: one of :data:`KINDS`; ``None`` for pictures where examples have two axes
            or three, and features where they have one.

    Returns:
        Pairs (examples, labels) to train and to validate, and a third one to test
        where there are some. Gray pictures get an axis of one channel; series are
        (n, steps, channels); labels that are names or any whole numbers are counted
        from 0.

    Raises:
        TaskError: the file is not of that form.
    """
    found = read_array_file(file, kind)
    valid_fraction = 0 if found.valid else valid_fraction
    test_fraction = 0 if found.test else test_fraction
    X, y = found.train
    chosen = split_in_parts(group_labels(found), valid_fraction, test_fraction, seed)
    train, *rest = [(X[part], y[part]) for part in chosen]
    # Those that the file has come where those would be that are split off.
    valid = found.valid or rest.pop(0)
    parts = [train, valid, *([found.test] if found.test else rest)]
    examples = [X for X, _ in parts]
    labels = [y for _, y in parts]
    if standardize_examples:
        examples = _standardized(examples)
    if standardize_targets:
        labels = _standardized(labels)
    return tuple(zip(examples, labels, strict=True))


def read_array_file(file: str | Path, kind: str | None = None) -> ArrayFile:
    """Read an npz file, and find out what its labels are.

    Args:
        file: as for :func:`load_arrays`.
        kind: likewise.

    Raises:
        TaskError: it is no npz file, lacks arrays, or holds some that do not fit.
    """
    path = Path(file)
    with breaches_in(path):
        if kind not in (None, *KINDS):
            raise ContractError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
        return _described(read_arrays(path), kind)


def _described(arrays: Mapping[str, NDArray[Any]], kind: str | None) -> ArrayFile:
    train = _find_pair(arrays, "training", kind)
    if train is None:
        shown = ", ".join(sorted(arrays)) or "no array"
        raise ContractError(f"{shown} found, expected {_EXPECTED}")
    valid, test = (_find_pair(arrays, part, kind) for part in ("validation", "test"))
    form, classes = _describe_labels(train[1], least=2 if valid is None else 1)

    def fitted(part: str, pair: Pair) -> Pair:
        return pair[0], _fit_labels(pair[1], form, classes, part)

    train = fitted("training", train)
    valid, test = (
        pair and fitted(part, pair)
        for part, pair in (("validation", valid), ("test", test))
    )
    for other in (valid, test):
        if other is not None:
            _check_shapes(train, other)
    return ArrayFile(train, valid, test, form, [str(name) for name in classes])


def stratified_split(
    labels: NDArray[np.int64], valid_fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose examples to validate, of each class the same share and at least one.

    scikit-learn's split leaves rare classes out of the smaller part.

    Args:
        labels: class of each example; each class has two or more.
        valid_fraction: share of each class that validates.
        seed: decides which examples those are.

    Returns:
        Indices of the examples to train and of those to validate, both ascending.
    """
    rng = np.random.default_rng(seed)
    validates = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        count = round(valid_fraction * len(members))
        validates[members[: min(max(count, 1), len(members) - 1)]] = True
    return np.flatnonzero(~validates), np.flatnonzero(validates)


def split_in_parts(
    labels: NDArray[np.int64], valid_fraction: float, test_fraction: float, seed: int
) -> list[NDArray[np.int64]]:
    """Choose examples to test, and among the others those to validate.

    Args:
        labels: class of each example; each class has one or more in every part.
        valid_fraction: share of each class that validates, of what does not test.
        test_fraction: share of each class that tests.
        seed: decides which examples those are.

    Returns:
        Ascending indices of the examples to train, then of those to validate and of
        those to test, but for parts whose share is 0.

    Raises:
        TaskError: a class has fewer examples than there are parts.
    """
    fractions = (test_fraction, valid_fraction)
    needed = 1 + sum(fraction > 0 for fraction in fractions)
    counts = np.bincount(labels)
    fewest = counts[counts > 0].min()
    if fewest < needed:
        raise TaskError(
            f"{fewest} examples of a class found, expected {needed} or more: one to "
            "train and one for each part that is split off"
        )
    rest = np.arange(len(labels))
    parts: list[NDArray[np.int64]] = []
    for fraction in fractions:
        if fraction > 0:
            kept, chosen = stratified_split(labels[rest], fraction, seed)
            parts.insert(0, rest[chosen])
            rest = rest[kept]
    return [rest, *parts]


def group_labels(found: ArrayFile) -> NDArray[np.int64]:
    """Number the class of each training example; real labels are all one class."""
    labels = found.train[1]
    if found.label_form == "real":
        return np.zeros(len(labels), np.int64)
    return labels.argmax(axis=1) if found.label_form == "one-hot" else labels


def mean_and_deviation(X: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Measure each feature, or each channel of pictures.

    Args:
        X: examples with features or channels along the last axis.

    Returns:
        Means and standard deviations, float32; a constant feature's deviation is 1.
    """
    rows = X.reshape(-1, X.shape[-1])
    # In pieces, since all pictures as float64 would need eight times their memory.
    pieces = [rows[i : i + PIECE] for i in range(0, len(rows), PIECE)]
    mean = sum(piece.sum(axis=0, dtype=np.float64) for piece in pieces) / len(rows)
    squares = sum(np.square(piece - mean).sum(axis=0) for piece in pieces)
    deviation = np.sqrt(squares / len(rows))
    # What rounding alone makes of equal numbers is no deviation.
    constant = deviation <= 1e-6 * np.abs(mean)
    return mean.astype(np.float32), np.where(constant, 1, deviation).astype(np.float32)


def _standardized(parts: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Shift and scale all parts by what the first one, to train, has."""
    # Of series, (n, steps, channels), all steps of a channel alike.
    columns = [p.reshape(-1, p.shape[-1] if p.ndim == 3 else p[0].size) for p in parts]
    mean, deviation = mean_and_deviation(columns[0])
    return [
        ((column - mean) / deviation).reshape(part.shape)
        for part, column in zip(parts, columns, strict=True)
    ]


def _find_pair(
    arrays: Mapping[str, NDArray[Any]], part: str, kind: str | None
) -> Pair | None:
    """Find one part's examples and labels, and give the examples their form."""
    names = find_names(list(arrays), part)
    if names is None:
        return None
    X, y = (arrays[name] for name in names)
    _check_lengths(X, y, names)
    return _formed(X, part, kind), _flat(y)


def _check_lengths(X: NDArray[Any], y: NDArray[Any], names: Sequence[str]) -> None:
    counts = [len(array) if array.ndim else 0 for array in (X, y)]
    if counts[0] != counts[1]:
        raise ContractError(
            f"{counts[0]} examples found in {names[0]} and {counts[1]} labels "
            f"in {names[1]}, expected equally many"
        )
    if counts[0] < 1:
        raise ContractError(f"no example found in {names[0]}, expected some")


def _formed(X: NDArray[Any], part: str, kind: str | None) -> NDArray[Any]:
    """Check examples, and give them the axes that their kind has."""
    check_numbers(X, f"{part} examples")
    if kind == "features" and X.ndim > 1:
        X = X.reshape(len(X), -1)
    elif kind == "series":
        X = _as_series(X, part)
    elif X.ndim not in ((3, 4) if kind == "pictures" else (2, 3, 4)):
        raise ContractError(
            f"{part} examples of shape {X.shape} found, expected (n, features) "
            "or (n, height, width), with or without a last axis of channels"
        )
    elif X.ndim == 4 and X.shape[1] in (1, 3) and X.shape[3] > 4:
        raise ContractError(
            f"{part} examples of shape {X.shape} found, expected the channels "
            "along the last axis"
        )
    elif X.ndim == 3:
        X = X[..., None]
    return X if X.dtype == np.uint8 else X.astype(np.float32)


def _as_series(X: NDArray[Any], part: str) -> NDArray[Any]:
    """Bring examples to (n, steps, channels)."""
    if X.ndim == 2:
        return X[..., None]
    if X.ndim == 3:  # one step of many channels is one channel of many steps
        return X.reshape(len(X), -1, 1) if X.shape[1] == 1 else X
    if X.ndim == 4 and 1 in X.shape[1:3]:
        return X.reshape(len(X), -1, X.shape[3])
    raise ContractError(
        f"{part} examples of shape {X.shape} found, expected series: (n, steps) or "
        "(n, steps, channels)"
    )


def _flat(y: NDArray[Any]) -> NDArray[Any]:
    """Drop a second axis of length one, as Keras's own data sets have it."""
    if y.dtype.kind == "S":
        try:
            y = np.char.decode(y, "utf-8")
        except UnicodeDecodeError as error:
            raise ContractError(
                f"labels that are no UTF-8 found ({error.object!r}), expected UTF-8"
            ) from error
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _describe_labels(labels: NDArray[Any], *, least: int) -> tuple[str, NDArray[Any]]:
    """Tell the form of labels, and the classes in order.

    Args:
        labels: those of training.
        least: examples that each class needs.
    """
    is_text = labels.dtype.kind == "U"
    if not is_text:
        check_numbers(labels, "training labels")
    if labels.ndim > 2 - is_text:
        raise ContractError(
            f"labels of shape {labels.shape} found, expected (n,), "
            "(n, targets) or one-hot rows (n, classes)"
        )
    if labels.ndim == 2 and is_one_hot(labels):
        classes, counts = np.arange(labels.shape[1]), labels.sum(axis=0).astype(int)
        _check_counts(classes, counts, least)
        return "one-hot", classes
    check_one_class(labels, "training")
    classes, counts = np.unique(labels, return_counts=True)
    if labels.ndim == 2 or _are_amounts(labels, counts):
        if len(labels) < 2:
            raise ContractError("one example found, expected two or more")
        return "real", np.zeros(0)
    _check_counts(classes, counts, least)
    return "integer", classes.astype(np.int64) if labels.dtype.kind == "f" else classes


def _are_amounts(labels: NDArray[Any], counts: NDArray[Any]) -> bool:
    """Whether labels are floats that name no classes: with fractions, or scattered."""
    if labels.dtype.kind != "f":
        return False
    return bool((labels != np.round(labels)).any()) or counts.min() < 2


def _check_counts(classes: NDArray[Any], counts: NDArray[Any], least: int) -> None:
    if len(classes) < 2:
        raise ContractError(f"the one class {classes[0]} found, expected several")
    if counts.min() < least:
        # Integers may also be amounts, which their type tells from classes.
        raise ContractError(
            f"{counts.min()} training examples of the class "
            f"{classes[counts.argmin()]} found, expected {least} or more (amounts to "
            "predict are to be stored as floats)"
        )


def _fit_labels(
    labels: NDArray[Any], form: str, classes: NDArray[Any], part: str
) -> NDArray[Any]:
    """Bring one part's labels into the form that those of training have."""
    if form == "integer":
        unknown = np.setdiff1d(labels, classes)
        if labels.ndim != 1 or len(unknown):
            shown = unknown[0] if len(unknown) else f"of shape {labels.shape}"
            raise ContractError(
                f"{part} label {shown} found, expected labels as in training"
            )
        return np.searchsorted(classes, labels).astype(np.int64)
    check_numbers(labels, f"{part} labels")
    if form == "one-hot" and not is_one_hot(labels):
        raise ContractError(
            f"{part} labels of shape {labels.shape} found, expected one-hot "
            "rows as in training"
        )
    return labels.astype(np.float32)


def _check_shapes(train: Pair, other: Pair) -> None:
    """Check that two parts have examples and labels of the same shapes."""
    expected, found = ([array.shape[1:] for array in pair] for pair in (train, other))
    if found != expected:
        raise ContractError(
            f"shapes {found} of an example and its label found beside "
            f"{expected} in the training part, expected the same"
        )
