"""A task out of pictures in one folder a class."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xnas.new_task.found import (
    SEED,
    VALID_FRACTION,
    Found,
    Normalization,
    summarize_classes,
)
from xnas.tasks.arrays import stratified_split
from xnas.tasks.pictures import find_pictures, picture_sizes, read_pictures

LONGEST_SIDE = 64
"""In pixels, unless the user says otherwise: what a laptop can search."""

SHORTEST_SIDE = 8


def inspect_folder(directory: str, size: tuple[int, int] | None = None) -> Found:
    """Look at a folder of pictures.

    Args:
        directory: has one subfolder a class.
        size: (height, width) to resize to; the pictures' medians if ``None``.

    Raises:
        TaskError: the folder is not of that form, or a picture cannot be read.
    """
    folder = find_pictures(directory)
    sizes = picture_sizes(folder.files)
    size = size or common_size(sizes)
    X = read_pictures(folder.files, size, 3)
    if np.array_equal(X, np.broadcast_to(X[..., :1], X.shape)):
        X = X[..., :1]
    train, valid = stratified_split(folder.labels, VALID_FRACTION, SEED)
    colours = "gray" if X.shape[-1] == 1 else "colour"
    return Found(
        "load_folder.py",
        {"path": os.path.abspath(directory), "size": size, "channels": X.shape[-1]},
        X.shape[1:],
        len(folder.classes),
        len(train),
        [
            f"{len(X)} {colours} pictures: {len(train)} to train, {len(valid)} to "
            f"validate; {_sizes_in_words(sizes)}, resized to {size[0]} × {size[1]}.",
            *summarize_classes(folder.classes, folder.labels),
            *_skipped_in_words(folder.skipped),
        ],
        classes=folder.classes,
        flips=True,
        normalization=Normalization.of(X[train]),
    )


def common_size(sizes: NDArray[np.int64]) -> tuple[int, int]:
    """Choose a height and width for all pictures.

    Args:
        sizes: one row (height, width) a picture.

    Returns:
        The medians, made smaller alike until both are at most 64.
    """
    height, width = np.median(sizes, axis=0)
    scale = min(1, LONGEST_SIDE / max(height, width))
    return (
        max(SHORTEST_SIDE, round(height * scale)),
        max(SHORTEST_SIDE, round(width * scale)),
    )


def _sizes_in_words(sizes: NDArray[np.int64]) -> str:
    low, high = sizes.min(axis=0), sizes.max(axis=0)
    shown = [f"{height} × {width}" for height, width in (low, high)]
    return f"{' to '.join(dict.fromkeys(shown))} pixels"


def _skipped_in_words(skipped: Sequence[Path]) -> list[str]:
    if not skipped:
        return []
    counts = Counter(file.suffix.lower() or "no ending" for file in skipped)
    shown = ", ".join(f"{ending}: {count}" for ending, count in sorted(counts.items()))
    return [
        f"{len(skipped)} other files skipped: no pictures, or outside the classes' "
        f"folders ({shown})."
    ]
