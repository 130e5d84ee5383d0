"""What is allowed in a task's data, but hardly ever meant."""

from collections.abc import Callable, Iterator
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.functions import file_of
from xnas.problem import NaProblem
from xnas.sampling import classes_of
from xnas.tasks.checks import ContractError, check_one_class
from xnas.tasks.label_fit import misfits
from xnas.training.data import TaskData
from xnas.training.split import Split

SAMPLE = 1024
"""Training examples whose preprocessed values are looked at."""

LARGEST_SPREAD = 20.0
"""Standard deviation of inputs above which they are hardly scaled at all."""

SHOWN = 5

EMPTIED_SHARE = 0.05
"""Share of examples that augmentation may make constant."""

DARKEST_WHITE = 32
"""Brightest byte below which pictures have lost most of their levels."""

FINE_VALIDATION = 200
"""Validation examples from which on one is at most 0.005 of accuracy."""

_OF_MANY_LABELS = "binary_crossentropy"
"""The loss that says that several labels an example are meant."""


def suspicions(data: TaskData, problem: NaProblem) -> list[str]:
    """Find what is probably a mistake.

    Args:
        data: the task's data.
        problem: the task.

    Returns:
        One sentence each: the file, what was found, and what to do about it.
    """
    file = problem.load_data_file
    found = [f"{file}: {sentence}" for find in _SEARCHES for sentence in find(data)]
    if data.label_form == "real":
        try:
            check_one_class(data.train.labels, "training")
        except ContractError as breach:
            found.append(f"{file}: {breach}, or state the loss {_OF_MANY_LABELS}")
    found += [f"{file}: {sentence}" for sentence in misfits(data, problem)]
    return found + [
        f"{file_of(data.augment)}: {sentence}" for sentence in _emptied(data)
    ]


def remarks(data: TaskData) -> list[str]:
    """Say what is no mistake, but limits what a search can find.

    Args:
        data: the task's data.

    Returns:
        One sentence each.
    """
    if not data.is_classification:
        return []
    return coarse_validation(data.valid_size)


def coarse_validation(n_valid: int) -> list[str]:
    """Say where one example is more than the differences that a search will rank.

    Args:
        n_valid: number of validation examples.

    Returns:
        One sentence, or none.
    """
    if not 0 < n_valid < FINE_VALIDATION:
        return []
    return [
        f"One of {n_valid} validation examples is {1 / n_valid:.2g} of accuracy, more "
        "than what good networks differ by: among those a search ranks chance "
        f"({FINE_VALIDATION} examples or more tell them apart better)."
    ]


def class_counts(split: Split, n_classes: int) -> NDArray[np.int64]:
    """Count the examples of each class.

    Args:
        split: labels (n,) integers, (n, classes) one-hot or (n, 1) zeros and ones.
        n_classes: number of classes.

    Returns:
        (classes,) counts.
    """
    return np.bincount(classes_of(split.labels), minlength=n_classes)


def count_shared(train: Split, valid: Split) -> int:
    """Count the validation examples that are training examples, too.

    Args:
        train: training examples.
        valid: validation examples.

    Returns:
        How many have equal inputs and label to a training example.
    """
    known = set(_fingerprints(train))
    return sum(fingerprint in known for fingerprint in _fingerprints(valid))


def _fingerprints(split: Split) -> Iterator[bytes]:
    columns = [np.ascontiguousarray(array) for array in (*split.inputs, split.labels)]
    for row in zip(*columns, strict=True):
        digest = blake2b(digest_size=16)
        for part in row:
            digest.update(np.ascontiguousarray(part).data)
        yield digest.digest()


def _too_long(data: TaskData) -> Iterator[str]:
    for name in data.goes_on:
        yield (
            f"{name}_gen goes on after {name}_size examples and the rest is left out, "
            f"expected it to end there: correct {name}_size, or stop the generator"
        )


def _channels_first(data: TaskData) -> Iterator[str]:
    for shape in data.input_shapes:
        if len(shape) == 3 and shape[0] in (1, 3) and min(shape[1:]) > 4:
            height, width = shape[1:]
            yield (
                f"inputs of shape {shape} look as if channels came first, expected "
                f"({height}, {width}, {shape[0]}): np.moveaxis(X, 1, -1) moves them"
            )


def _not_scaled(data: TaskData) -> Iterator[str]:
    for i, values in enumerate(data.some_inputs(SAMPLE, augmented=False)):
        array = np.asarray(values)
        low, high, spread = array.min(), array.max(), array.std()
        name = f"input_{i}" if len(data.input_shapes) > 1 else "inputs"
        if low == high:
            yield f"{name} are all {low:g}, expected examples that differ"
        elif spread > LARGEST_SPREAD:
            yield (
                f"{name} lie between {low:g} and {high:g} when training starts, "
                "expected a few units around 0: divide them in load_data, or call "
                "Problem.preprocessing(Normalize(mean, std, scale=255)) in problem.py"
            )


def _nearly_black(data: TaskData) -> Iterator[str]:
    for array in data.train.inputs:
        if array.dtype != np.uint8 or array.ndim != 4:
            continue
        white = int(array.max())
        if 1 < white < DARKEST_WHITE:
            yield (
                f"pictures are bytes up to {white} of 255, expected brighter ones: of "
                "16-bit files that hold fewer bits the upper byte is nearly empty, "
                "and levels of load_pictures scales them, as new-task measures it"
            )


def _emptied(data: TaskData) -> Iterator[str]:
    """Look for examples that augmentation makes constant."""
    if data.augment is None:
        return
    before, after = (
        [np.asarray(values) for values in data.some_inputs(SAMPLE, augmented=augmented)]
        for augmented in (False, True)
    )
    for plain, augmented in zip(before, after, strict=True):
        emptied = ~_constant(plain) & _constant(augmented)
        share = emptied.mean()
        if share > EMPTIED_SHARE:
            yield (
                f"Problem.augment leaves nothing of {share:.0%} of the training "
                f"examples, of shape {plain.shape[1:]} (all their numbers become "
                "equal), expected of none: take it away, or make it milder"
            )


def _constant(examples: NDArray) -> NDArray[np.bool_]:
    rows = examples.reshape(len(examples), -1)
    return rows.min(axis=1) == rows.max(axis=1)


def _missing_classes(data: TaskData) -> Iterator[str]:
    if not data.is_classification:
        return
    for name, split in (("training", data.train), ("validation", data.valid)):
        counts = class_counts(split, data.n_classes)
        empty = np.flatnonzero(counts == 0)
        if len(empty):
            labels = ", ".join(map(str, empty[:SHOWN]))
            more = ", …" if len(empty) > SHOWN else ""
            yield (
                f"{len(empty)} of {data.n_classes} classes have no {name} examples "
                f"(labels {labels}{more}), expected some of each: split the data "
                "stratified, or correct the number of classes"
            )


def _constant_targets(data: TaskData) -> Iterator[str]:
    if not data.is_classification and np.ptp(data.train.labels) == 0:
        yield (
            f"all training targets are {data.train.labels.flat[0]:g}, expected numbers "
            "that differ: look at how labels are read"
        )


def _validation_in_training(data: TaskData) -> Iterator[str]:
    if count_shared(data.train, data.valid) == data.valid_size:
        yield (
            f"all {data.valid_size:,} validation examples are training examples, too, "
            "expected others: split the data before returning them"
        )


_SEARCHES: tuple[Callable[[TaskData], Iterator[str]], ...] = (
    _too_long,
    _channels_first,
    _not_scaled,
    _nearly_black,
    _missing_classes,
    _constant_targets,
    _validation_in_training,
)
