"""Pictures in one folder a class, read into arrays."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xnas.errors import TaskError
from xnas.tasks.arrays import stratified_split

if TYPE_CHECKING:
    from PIL import Image

Pair = tuple[NDArray[np.uint8], NDArray[np.int64]]

SUFFIXES = frozenset(
    (
        ".avif",
        ".bmp",
        ".dib",
        ".gif",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".pbm",
        ".pgm",
        ".png",
        ".pnm",
        ".ppm",
        ".tga",
        ".tif",
        ".tiff",
        ".webp",
    )
)
"""Endings of the files that are read; all others are skipped."""

BACKGROUND = "white"
"""What shows through transparent pixels."""

_PARTS = frozenset(
    ("train", "training", "val", "valid", "validation", "test", "testing")
)


@dataclass(frozen=True)
class PictureFolder:
    """What a folder with one subfolder a class holds.

    Args:
        classes: names of the subfolders, sorted.
        files: the pictures, class by class and sorted by path within.
        labels: class of each picture.
        skipped: files that are no pictures, or lie outside the subfolders.
    """

    classes: list[str]
    files: list[Path]
    labels: NDArray[np.int64]
    skipped: list[Path]


def load_pictures(
    directory: str | Path,
    size: tuple[int, int],
    channels: int = 3,
    valid_fraction: float = 0.2,
    seed: int = 0,
) -> tuple[Pair, Pair]:
    """Read, resize and split the pictures of a folder with one subfolder a class.

    Args:
        directory: the folder; subfolders of a class's folder count as the same class.
        size: (height, width) that every picture is resized to, proportions aside.
        channels: 1 for gray, 3 for red, green and blue.
        valid_fraction: share of each class that validates.
        seed: decides which pictures those are.

    Returns:
        ``((X_train, y_train), (X_valid, y_valid))``: pictures (n, height, width,
        channels) of bytes, and labels in the order of the classes' sorted names.

    Raises:
        TaskError: the folder is not of that form, or a picture cannot be read.
    """
    folder = find_pictures(directory)
    X = read_pictures(folder.files, size, channels)
    train, valid = stratified_split(folder.labels, valid_fraction, seed)
    return (X[train], folder.labels[train]), (X[valid], folder.labels[valid])


def find_pictures(directory: str | Path) -> PictureFolder:
    """List the pictures of a folder with one subfolder a class.

    Args:
        directory: the folder; subfolders of a class's folder count as the same class.

    Raises:
        TaskError: it is no such folder, or a class has fewer than two pictures.
    """
    root = Path(directory)
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise TaskError(f"{root}: {found} found, expected a folder of pictures")
    entries = [entry for entry in sorted(root.iterdir()) if not _is_hidden(entry.name)]
    folders = [entry for entry in entries if entry.is_dir()]
    _check_classes(root, [folder.name for folder in folders])
    skipped = [entry for entry in entries if not entry.is_dir()]
    files, labels = [], []
    for label, folder in enumerate(folders):
        below = _files_below(folder)
        pictures = [file for file in below if file.suffix.lower() in SUFFIXES]
        if len(pictures) < 2:
            raise TaskError(
                f"{folder}: {('no picture', 'one picture')[len(pictures)]} found, "
                "expected two or more in each class: to train and to validate"
            )
        skipped += [file for file in below if file.suffix.lower() not in SUFFIXES]
        files += pictures
        labels += [label] * len(pictures)
    names = [folder.name for folder in folders]
    return PictureFolder(names, files, np.array(labels, np.int64), skipped)


def read_pictures(
    files: Sequence[Path], size: tuple[int, int], channels: int
) -> NDArray[np.uint8]:
    """Read and resize pictures.

    Args:
        files: the pictures.
        size: (height, width) of all.
        channels: 1 for gray, 3 for red, green and blue.

    Returns:
        Bytes (n, height, width, channels).

    Raises:
        TaskError: some cannot be read; it names the first and counts the others.
    """
    X = np.zeros((len(files), *size, channels), np.uint8)
    rows = iter(X)
    _read_each(
        files, lambda file: np.copyto(next(rows), read_picture(file, size, channels))
    )
    return X


def read_picture(file: Path, size: tuple[int, int], channels: int) -> NDArray[np.uint8]:
    """Read one picture, of several frames the first, turned as its EXIF data say.

    Args:
        file: the picture.
        size: (height, width) to resize it to.
        channels: 1 for gray, 3 for red, green and blue.

    Returns:
        Bytes (height, width, channels).
    """
    from PIL import Image, ImageOps

    with Image.open(file) as picture:
        # Lets large photographs be decoded at a fraction of their size, at no loss.
        picture.draft(None, (2 * max(size), 2 * max(size)))
        upright = ImageOps.exif_transpose(picture)
        plain = _opaque(_eight_bits(upright)).convert("L" if channels == 1 else "RGB")
        resized = plain.resize(size[::-1], Image.Resampling.BILINEAR)
    return np.asarray(resized, np.uint8).reshape(*size, channels)


def picture_sizes(files: Sequence[Path]) -> NDArray[np.int64]:
    """Read heights and widths out of the pictures' headers.

    Args:
        files: the pictures.

    Returns:
        One row (height, width) a picture, turned as its EXIF data say.

    Raises:
        TaskError: some cannot be read.
    """
    from PIL import ExifTags, Image

    def read(file: Path) -> tuple[int, int]:
        with Image.open(file) as picture:
            turned = picture.getexif().get(ExifTags.Base.Orientation, 1) >= 5
            return picture.size if turned else picture.size[::-1]

    return np.array(_read_each(files, read), np.int64)


def _eight_bits(picture: "Image.Image") -> "Image.Image":
    """Bring 16 bits a pixel down to 8, where Pillow itself would clip them."""
    from PIL import Image

    if picture.mode == "F":
        raise ValueError("pixels are floating point numbers, expected 8 or 16 bits")
    if not picture.mode.startswith("I"):
        return picture
    return Image.fromarray((np.asarray(picture).clip(0, 65535) >> 8).astype(np.uint8))


def _opaque(picture: "Image.Image") -> "Image.Image":
    """Lay a picture with transparent pixels on a background."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, BACKGROUND), layer)


def _read_each(files: Sequence[Path], read: Callable[[Path], Any]) -> list[Any]:
    """Read all files; only then tell of those that cannot be read."""
    found, failures = [], []
    for file in files:
        try:
            found.append(read(file))
        except Exception as error:  # decoders of damaged files raise anything
            failures.append((file, error))
    if not failures:
        return found
    file, first = failures[0]
    more = f" (nor can {len(failures) - 1} more)" if len(failures) > 1 else ""
    # Pillow's sentence would name the file again.
    reason = getattr(first, "strerror", None) or str(first)
    reason = reason.replace(f" {str(file)!r}", "")
    raise TaskError(f"{file}: the picture cannot be read{more}: {reason}") from first


def _check_classes(root: Path, names: list[str]) -> None:
    if len(names) < 2:
        found = f"one subfolder ({names[0]})" if names else "no subfolder"
        raise TaskError(
            f"{root}: {found} found, expected two or more, one for each class"
        )
    if {name.lower() for name in names} <= _PARTS:
        raise TaskError(
            f"{root}: the subfolders {', '.join(names)} are parts of the data, "
            f"expected one subfolder a class, as perhaps in {root / names[0]}"
        )
    for name in names:
        if name != name.encode(errors="replace").decode():
            raise TaskError(f"{root}: a subfolder is named {name!a}, expected UTF-8")


def _files_below(folder: Path) -> list[Path]:
    """List files in a folder and its subfolders, those hidden left out."""
    found = []
    for directory, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [Path(directory, name) for name in names if not _is_hidden(name)]
    return sorted(found)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"
