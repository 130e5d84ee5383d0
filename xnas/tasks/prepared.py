"""Pictures of ``tensorflow_datasets``, prepared where there is a network."""

from typing import Any, NoReturn
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.functions import error_text
from xnas.errors import TaskError

Pair = tuple[NDArray[np.uint8], NDArray[np.int64]]

CHUNK = 2048
"""Pictures decoded at a time."""

PATIENCE = 10
"""Seconds to wait for the host of a download; tfds itself tries for minutes."""


def load_pictures_of(
    name: str, train: str, valid: str, *, n_classes: int | None = None
) -> tuple[Pair, Pair]:
    """Read two splits of labelled pictures, downloading them where that is possible.

    Args:
        name: of the data set, such as ``mnist`` or ``imagenet_resized/16x16``.
        train: name of the split to train on.
        valid: name of the split to validate on.
        n_classes: keep only the pictures with labels below; all by default.

    Returns:
        Pictures (n, height, width, channels) uint8 and labels (n,) int64 of both.

    Raises:
        TaskError: the data are neither here nor to be had from here.
    """
    import tensorflow_datasets as tfds

    builder = tfds.builder(name)
    return (
        _read(_open(builder, train), n_classes),
        _read(_open(builder, valid), n_classes),
    )


def _open(builder: Any, split: str) -> Any:
    """Return a split as ``tf.data`` of (picture, label), in the order of its files."""
    import tensorflow_datasets as tfds

    config = tfds.ReadConfig(try_autocache=False)  # arrays are kept, nothing else

    def split_of_prepared() -> Any:
        return builder.as_dataset(
            split=split, shuffle_files=False, as_supervised=True, read_config=config
        )

    try:
        return split_of_prepared()
    except AssertionError:  # tfds: download_and_prepare was not called
        _prepare(builder)
    return split_of_prepared()


def _prepare(builder: Any) -> None:
    import requests

    try:
        for host in sorted({urlsplit(url).netloc for url in builder.url_infos}):
            requests.head(f"https://{host}", timeout=PATIENCE)
        builder.download_and_prepare()
    except requests.exceptions.ConnectionError as error:
        _refuse(builder, f"there is no connection to {host}", error)
    except Exception as error:
        _refuse(builder, f"downloading it failed ({error_text(error)})", error)


def _refuse(builder: Any, reason: str, error: Exception) -> NoReturn:
    folder, name = str(builder.data_path), builder.info.full_name
    raise TaskError(
        f"{name} is not in {folder.removesuffix(name).rstrip('/')}, where "
        f"tensorflow_datasets looks, and {reason}: load it once on a machine that has "
        f"a network and copy its folder {name} to {folder}, or set TFDS_DATA_DIR to a "
        f"folder that holds {name}"
    ) from error


def _read(dataset: Any, n_classes: int | None) -> Pair:
    if n_classes is not None:
        dataset = dataset.filter(lambda picture, label: label < n_classes)
    chunks = list(dataset.batch(CHUNK).as_numpy_iterator())
    if not chunks:
        raise TaskError(
            f"no pictures with labels below {n_classes} found, expected some"
        )
    pictures, labels = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
    return pictures, labels.astype(np.int64)
