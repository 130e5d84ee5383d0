"""Npz files, and which of their arrays are a part's examples and labels."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.tasks.checks import ContractError

Names = tuple[str, str]

KEYS: dict[str, tuple[Names, ...]] = {
    "training": (
        ("x_train", "y_train"),
        ("train_images", "train_labels"),
        ("x", "y"),
        ("images", "labels"),
    ),
    "validation": (
        ("x_valid", "y_valid"),
        ("x_val", "y_val"),
        ("val_images", "val_labels"),
    ),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
}
"""Names of each part's examples and labels, in lower case."""

_PAIRS = (
    ("x", "y"),
    ("x", "label"),
    ("x", "labels"),
    ("x", "target"),
    ("x", "targets"),
    *(
        (examples, labels)
        for examples in ("data", "features", "images", "inputs", "samples")
        for labels in ("y", "label", "labels", "target", "targets")
    ),
)
_AFFIXES = {
    "training": ("train", "training"),
    "validation": ("valid", "val", "validation", "dev"),
    "test": ("test", "testing"),
}

COMMON_KEYS: dict[str, tuple[Names, ...]] = {
    part: tuple(
        (form.format(x, affix), form.format(y, affix))
        for affix in affixes
        for form in ("{0}_{1}", "{1}_{0}", "{0}{1}", "{1}{0}")
        for x, y in _PAIRS
    )
    for part, affixes in _AFFIXES.items()
}
"""Further names, which count where a part has none of :data:`KEYS`."""
# What numpy.savez calls arrays that are given no names.
COMMON_KEYS["training"] += (*_PAIRS, ("arr_0", "arr_1"))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read an npz file, of arrays that no part needs their names alone.

    Args:
        path: the file.

    Raises:
        ContractError: it is no npz file, damaged, or holds objects.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing"
        raise ContractError(f"{found} found, expected an npz file")
    if not zipfile.is_zipfile(path):
        raise ContractError("another kind of file found, expected an npz file")
    wanted = {
        key
        for keys in (KEYS, COMMON_KEYS)
        for pairs in keys.values()
        for pair in pairs
        for key in pair
    }
    try:
        with np.load(path, allow_pickle=False) as file:
            found_pairs = [find_names(file.files, part) for part in KEYS]
            wanted &= {name.lower() for pair in found_pairs if pair for name in pair}
            return {
                name: file[name] if name.lower() in wanted else np.zeros(0)
                for name in file.files
            }
    except ContractError:
        raise
    except Exception as error:  # damaged archives raise anything
        if "allow_pickle" in str(error):
            raise ContractError(
                "arrays of Python objects found, expected arrays of numbers"
            ) from error
        raise ContractError(f"the file cannot be read: {error}") from error


def find_names(names: list[str], part: str) -> Names | None:
    """Find the names of one part's examples and labels, ``None`` if there are none.

    Args:
        names: of all arrays.
        part: ``training``, ``validation`` or ``test``.

    Raises:
        ContractError: there are two pairs, or half a one.
    """
    by_key = {name.lower(): name for name in names}
    for keys in (KEYS, COMMON_KEYS):
        whole = [pair for pair in keys[part] if set(pair) <= set(by_key)]
        if len(whole) > 1:
            each = dict.fromkeys(by_key[key] for pair in whole for key in pair)
            raise ContractError(
                f"{' and '.join(each)} found, expected one of them for {part}"
            )
        if whole:
            return by_key[whole[0][0]], by_key[whole[0][1]]
    for pair in KEYS[part]:
        present = [key for key in pair if key in by_key]
        if present:
            (missing,) = set(pair) - set(present)
            raise ContractError(
                f"{', '.join(sorted(names))} found, expected {missing} beside "
                f"{by_key[present[0]]}"
            )
    return None
