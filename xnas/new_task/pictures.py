"""A task out of pictures in one folder a class."""

import os
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xnas.new_task.found import (
    SEED,
    VALID_FRACTION,
    Found,
    Normalization,
    count_parts,
    summarize_classes,
    test_share,
)
from xnas.tasks.arrays import split_in_parts
from xnas.tasks.folders import (
    PictureFolder,
    advice_on,
    alike_names,
    count_endings,
    find_pictures,
)
from xnas.tasks.pictures import (
    count_animated,
    deep_levels,
    picture_sizes,
    read_pictures,
)
from xnas.tasks.suspicions import coarse_validation

LONGEST_SIDE = 64
"""In pixels, unless the user says otherwise: what a laptop can search."""

SHORTEST_SIDE = 8


def inspect_folder(
    directory: str,
    size: tuple[int, int] | None = None,
    test_fraction: float | None = None,
) -> Found:
    """Look at a folder of pictures.

    Args:
        directory: has one subfolder a class.
        size: (height, width) to resize to; the pictures' medians if ``None``.
        test_fraction: share of pictures to test; chosen by their number if ``None``.

    Raises:
        TaskError: the folder is not of that form, or a picture cannot be read.
    """
    folder = find_pictures(directory)
    sizes = picture_sizes(folder.files)
    size = size or common_size(sizes)
    n_deep, levels = deep_levels(folder.files)
    X = read_pictures(folder.files, size, 3, levels)
    if np.array_equal(X, np.broadcast_to(X[..., :1], X.shape)):
        X = X[..., :1]
    share, untested = test_share(np.bincount(folder.labels), test_fraction)
    parts = split_in_parts(folder.labels, VALID_FRACTION, share, SEED)
    train, valid = parts[:2]
    colours = "gray" if X.shape[-1] == 1 else "colour"
    return Found(
        "load_folder.py",
        {
            "path": os.path.abspath(directory),
            "size": size,
            "channels": X.shape[-1],
            "levels": levels,
            "test_fraction": share,
        },
        X.shape[1:],
        len(folder.classes),
        len(train),
        [
            f"{len(X)} {colours} pictures: {count_parts([len(part) for part in parts])}"
            f"; {_sizes_in_words(sizes)}, resized to {size[0]} × {size[1]}.",
            *untested,
            *_remarks(folder, n_deep, levels),
            *coarse_validation(len(valid)),
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


def _remarks(
    folder: PictureFolder, n_deep: int, levels: tuple[float, float] | None
) -> Iterator[str]:
    """Say what of the pictures is not as it mostly is."""
    if levels is not None:
        low, high = (f"{level:.6g}" for level in levels)
        yield (
            f"{n_deep} of them have more than 8 bits a channel: their values go from "
            f"{low} to {high}, which become black and white."
        )
    if count := count_animated(folder.files):
        yield (
            f"{count} of them have several frames or pages, of which the first one is "
            "the picture."
        )
    yield from summarize_classes(folder.classes, folder.labels)
    if pairs := alike_names(folder.classes):
        shown = ", ".join(f"{first} and {second}" for first, second in pairs)
        yield f"Classes of nearly the same name, which are kept apart: {shown}."
    if skipped := folder.skipped:
        advice = "".join(f"; {way}" for way in advice_on(skipped))
        yield (
            f"{len(skipped)} other files skipped: of other formats, or outside the "
            f"classes' folders ({count_endings(skipped)}){advice}."
        )
