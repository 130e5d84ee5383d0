"""What is known of the data of a task to be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.tasks.arrays import mean_and_deviation

VALID_FRACTION = 0.2
TEST_FRACTION = 0.15
SEED = 0

FEWEST_TO_TEST = 20
"""Examples of each class from which on some are set apart to test, unasked."""

PARTS = ("to train", "to validate", "to test")

_SHOWN_CLASSES = 20
_DIGITS = 4


@dataclass(frozen=True)
class Normalization:
    """Arguments of :class:`xnas.training.images.Normalize`.

    Args:
        mean: one number a channel.
        std: likewise.
        scale: what pixels are divided by first.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: int

    @classmethod
    def of(cls, X: NDArray[Any]) -> "Normalization":
        """Measure training pictures."""
        scale = 255 if X.dtype == np.uint8 else 1
        mean, std = (_rounded(values / scale) for values in mean_and_deviation(X))
        return cls(mean, std, scale)


@dataclass(frozen=True)
class Found:
    """What is known of the data.

    Args:
        loader: template of ``load_data.py``.
        loader_values: what that template asks for, by name.
        input_shape: of one example.
        n_outputs: classes, or targets of a regression.
        n_train: training examples.
        summary: lines for the user.
        classes: their names; none for a regression.
        one_hot: whether labels are one-hot rows.
        flips: whether pictures may be mirrored.
        normalization: of pictures.
    """

    loader: str
    loader_values: dict[str, Any]
    input_shape: tuple[int, ...]
    n_outputs: int
    n_train: int
    summary: list[str]
    classes: Sequence[str] = ()
    one_hot: bool = False
    flips: bool = False
    normalization: Normalization | None = None

    @property
    def is_regression(self) -> bool:
        """Whether labels are real numbers."""
        return not self.classes

    @property
    def are_pictures(self) -> bool:
        """Whether examples are pictures."""
        return len(self.input_shape) == 3

    @property
    def are_series(self) -> bool:
        """Whether examples are series, (steps, channels)."""
        return len(self.input_shape) == 2


def summarize_classes(classes: Sequence[str], labels: NDArray[np.int64]) -> list[str]:
    """Say how many examples each class has.

    Args:
        classes: their names.
        labels: of all examples, counted from 0.

    Returns:
        One line a class, for very many the first ones only.
    """
    counts = np.bincount(labels, minlength=len(classes))
    pairs = list(zip(classes, counts, strict=True))[:_SHOWN_CLASSES]
    lines = [f"  {name}: {count}" for name, count in pairs]
    if len(classes) > _SHOWN_CLASSES:
        lines.append(f"  and {len(classes) - _SHOWN_CLASSES} more")
    return [f"{len(classes)} classes:", *lines]


def test_share(
    counts: NDArray[np.int64], asked: float | None
) -> tuple[float, list[str]]:
    """Choose the share of examples that test.

    Args:
        counts: examples of each class.
        asked: what the user says, if anything.

    Returns:
        The share, and a line for the user where it is 0 unasked.
    """
    if asked is not None:
        return asked, []
    if (fewest := counts.min()) >= FEWEST_TO_TEST:
        return TEST_FRACTION, []
    whose = "of the smallest class " if len(counts) > 1 else ""
    return 0, [
        f"None to test: {whose}there are {fewest} examples, fewer than "
        f"{FEWEST_TO_TEST} (--test-share {TEST_FRACTION} sets some apart all the same)."
    ]


def count_parts(sizes: Sequence[int]) -> str:
    """Say how many examples each part has, in the order of :data:`PARTS`."""
    return ", ".join(f"{size} {name}" for size, name in zip(sizes, PARTS, strict=False))


def _rounded(values: NDArray[Any]) -> tuple[float, ...]:
    return tuple(float(f"{value:.{_DIGITS}g}") for value in values)
