"""Texts of ``load_data.py``."""

from xnas.new_task.found import SEED, VALID_FRACTION
from xnas.new_task.literals import assignment, text_assignment

_FOLDER = '''\
"""Pictures in one folder a class: four fifths to train, one fifth to validate."""

import numpy as np
from numpy.typing import NDArray

from xnas.tasks.pictures import load_pictures

# One subfolder a class. What is changed here or in the folder also changes what
# problem.py holds: names of the classes, mean and standard deviation.
{path}
SIZE = ({height}, {width})  # height and width that all pictures are resized to
CHANNELS = {channels}  # 1: gray, 3: colour

Pair = tuple[NDArray[np.uint8], NDArray[np.int64]]


def load_data() -> tuple[Pair, Pair]:
    """Read all pictures; the seed decides which of them validate."""
    return load_pictures(PICTURES, SIZE, CHANNELS, {how})
'''

_NPZ = '''\
"""Arrays of an npz file, to train and to validate{and_test}."""

from typing import Any

from numpy.typing import NDArray

from xnas.tasks.arrays import load_arrays

{path}

Pair = tuple[NDArray[Any], NDArray[Any]]


def load_data() -> tuple[Pair, ...]:
    """Read the arrays; what validates is split off by seed if the file has none."""
    return load_arrays(
        ARRAYS,
        valid_fraction={fraction},
        seed={seed},{more}
    )
'''

_EXAMPLES = """
        # Every feature to mean 0 and standard deviation 1.
        standardize_examples=True,"""

_TARGETS = """
        # Targets likewise: always predicting their mean has a squared error of 1.
        standardize_targets=True,"""

_PLACEHOLDER = '''\
"""PLACEHOLDER: random examples that stand for your own."""

import numpy as np
from numpy.typing import NDArray

from xnas.tasks.arrays import stratified_split

{shape}
N_CLASSES = {n_classes}
PER_CLASS = {per_class}

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]


def load_data(seed: int = 0) -> tuple[Pair, Pair]:
    """Make a random texture for each class, and examples of it by adding noise."""
    # REPLACE the next five lines by reading your data: X holds all examples, with
    # SHAPE each, and y their classes, whole numbers counted from 0.
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(N_CLASSES), PER_CLASS)
    textures = rng.uniform(size=(N_CLASSES, 5))
    patterns = np.stack([np.resize(texture, SHAPE) for texture in textures])
    X = rng.normal(patterns[y], 0.1).astype(np.float32)

    # Data that come in two parts are returned in place of these.
    train, valid = stratified_split(y, valid_fraction=0.2, seed=seed)
    return (X[train], y[train]), (X[valid], y[valid])
'''


def load_folder(path: str, size: tuple[int, int], channels: int) -> str:
    """Write a loader of pictures.

    Args:
        path: absolute path of the folder.
        size: (height, width) to resize to.
        channels: 1 or 3.
    """
    return _FOLDER.format(
        path=text_assignment("PICTURES", path),
        height=size[0],
        width=size[1],
        channels=channels,
        how=f"valid_fraction={VALID_FRACTION}, seed={SEED}",
    )


def load_npz(
    path: str, *, standardize_examples: bool, label_form: str, has_test: bool
) -> str:
    """Write a loader of arrays.

    Args:
        path: absolute path of the file.
        standardize_examples: whether examples have features of unlike size.
        label_form: ``integer``, ``one-hot`` or ``real``.
        has_test: whether there are examples to test.
    """
    more = _EXAMPLES if standardize_examples else ""
    if label_form == "real":
        more += _TARGETS
    return _NPZ.format(
        path=text_assignment("ARRAYS", path),
        and_test=" and to test" if has_test else "",
        fraction=VALID_FRACTION,
        seed=SEED,
        more=more,
    )


def load_placeholder(shape: tuple[int, ...], n_classes: int, per_class: int) -> str:
    """Write a loader of random examples.

    Args:
        shape: of one example.
        n_classes: number of classes.
        per_class: examples of each.
    """
    return _PLACEHOLDER.format(
        shape=assignment("SHAPE", [str(size) for size in shape], "()"),
        n_classes=n_classes,
        per_class=per_class,
    )
