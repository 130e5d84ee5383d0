"""Pictures in one folder a class, read into arrays."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xnas.errors import TaskError
from xnas.tasks.arrays import split_in_parts
from xnas.tasks.folders import find_pictures

if TYPE_CHECKING:
    from PIL import Image

Pair = tuple[NDArray[np.uint8], NDArray[np.int64]]


class PictureParts(tuple[Pair, ...]):
    """Pairs of pictures and labels, as ``load_data`` returns them.

    Attributes:
        files: of each pair, the paths of its pictures in the folder of all.
    """

    files: tuple[tuple[str, ...], ...] = ()


BACKGROUND = "white"
"""What shows through transparent pixels."""

SIXTEEN_BITS = (0, 65535)
"""Black and white of pictures with more than 8 bits, unless levels are stated."""

_GRAY_ALPHA = "LA;16B"

_OTHER_BYTES = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
"""Order of bytes that makes Pillow read the lower byte of two in place of the upper."""


def load_pictures(
    directory: str | Path,
    size: tuple[int, int],
    channels: int = 3,
    valid_fraction: float = 0.2,
    seed: int = 0,
    *,
    test_fraction: float = 0,
    levels: tuple[float, float] | None = None,
) -> PictureParts:
    """Read, resize and split the pictures of a folder with one subfolder a class.

    Args:
        directory: the folder; subfolders of a class's folder count as the same class.
        size: (height, width) that every picture is resized to, proportions aside.
        channels: 1 for gray, 3 for red, green and blue.
        valid_fraction: share of each class that validates, of what does not test.
        seed: decides which pictures those are.
        test_fraction: share of each class that tests.
        levels: values that become black and white, of pictures with more than 8 bits a
            channel, others keep theirs; ``None`` where all of 16 bits are in use.

    Returns:
        ``((X_train, y_train), (X_valid, y_valid))``, and a third pair where some are
        to test: pictures (n, height, width, channels) of bytes, and labels in the order
        of the classes' sorted names. Returned as it is by ``load_data``, it tells
        tables of examples the files, too.

    Raises:
        TaskError: the folder is not of that form, or a picture cannot be read.
    """
    _check_form(size, channels)
    folder = find_pictures(directory)
    X = read_pictures(folder.files, size, channels, levels)
    parts = split_in_parts(folder.labels, valid_fraction, test_fraction, seed)
    loaded = PictureParts((X[part], folder.labels[part]) for part in parts)
    names = [file.relative_to(directory).as_posix() for file in folder.files]
    loaded.files = tuple(tuple(names[i] for i in part) for part in parts)
    return loaded


def read_pictures(
    files: Sequence[Path],
    size: tuple[int, int],
    channels: int,
    levels: tuple[float, float] | None = None,
) -> NDArray[np.uint8]:
    """Read and resize pictures.

    Args:
        files: the pictures.
        size: (height, width) of all.
        channels: 1 for gray, 3 for red, green and blue.
        levels: as for :func:`load_pictures`.

    Returns:
        Bytes (n, height, width, channels).

    Raises:
        TaskError: some cannot be read; it names the first and counts the others.
    """
    X = np.zeros((len(files), *size, channels), np.uint8)
    rows = iter(X)
    _read_each(
        files,
        lambda file: np.copyto(next(rows), read_picture(file, size, channels, levels)),
    )
    return X


def read_picture(
    file: Path,
    size: tuple[int, int],
    channels: int,
    levels: tuple[float, float] | None = None,
) -> NDArray[np.uint8]:
    """Read one picture, of several frames the first, turned as its EXIF data say.

    Args:
        file: the picture.
        size: (height, width) to resize it to.
        channels: 1 for gray, 3 for red, green and blue.
        levels: as for :func:`load_pictures`.

    Returns:
        Bytes (height, width, channels).
    """
    from PIL import Image, ImageOps

    with Image.open(file) as picture:
        if _is_deep(picture, in_full=levels is not None):
            upright = _eight_bits(_deep_values(file), levels)
        else:
            # Lets large photographs be decoded at a fraction of their size, at no loss.
            picture.draft(None, (2 * max(size), 2 * max(size)))
            upright = ImageOps.exif_transpose(picture)
        plain = _opaque(upright).convert("L" if channels == 1 else "RGB")
        resized = plain.resize(size[::-1], Image.Resampling.BILINEAR)
    return np.asarray(resized, np.uint8).reshape(*size, channels)


def deep_levels(files: Sequence[Path]) -> tuple[int, tuple[float, float] | None]:
    """Measure the range of values in pictures with more than 8 bits a channel.

    Args:
        files: pictures of any depth.

    Returns:
        How many are that deep, and the least and greatest of their values.

    Raises:
        TaskError: some cannot be read.
    """
    from PIL import Image

    def read(file: Path) -> tuple[float, float] | None:
        with Image.open(file) as picture:
            if not _is_deep(picture, in_full=True):
                return None
        colours, _ = _alpha_apart(_deep_values(file))
        return colours.min().item(), colours.max().item()

    ranges = [found for found in _read_each(files, read) if found]
    if not ranges:
        return 0, None
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    return len(ranges), (low, high if high > low else low + 1)


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


def count_animated(files: Sequence[Path]) -> int:
    """Count the pictures with several frames or pages, of which the first is read.

    Args:
        files: the pictures.

    Raises:
        TaskError: some cannot be read.
    """
    from PIL import Image

    def read(file: Path) -> bool:
        with Image.open(file) as picture:
            # The other pictures of such a photograph are previews of the first one.
            return picture.format != "MPO" and getattr(picture, "is_animated", False)

    return sum(_read_each(files, read))


def _is_deep(picture: "Image.Image", *, in_full: bool) -> bool:
    """Whether a picture has more than 8 bits a channel that Pillow would drop or clip.

    Args:
        picture: just opened.
        in_full: whether the lower 8 of 16 bits of colours matter, which Pillow drops.
    """
    return picture.mode[0] in "IF" or (in_full and _lower_bytes(picture) is not None)


def _lower_bytes(picture: "Image.Image") -> list[Any] | None:
    """Return how to read the lower bytes of 16 bits a colour.

    Args:
        picture: just opened.

    Returns:
        Pillow's tiles for that, ``None`` where there are no such bytes.
    """
    tiles = []
    for tile in getattr(picture, "tile", []):
        whole = isinstance(tile.args, tuple)
        raw = str(tile.args[0] if whole else tile.args)
        if raw == _GRAY_ALPHA:
            other = "RGBA"  # all four bytes of a pixel, each as a channel
        elif raw[:-1] in ("RGB;16", "RGBA;16") and raw[-1] in _OTHER_BYTES:
            other = raw[:-1] + _OTHER_BYTES[raw[-1]]
        else:
            return None
        tiles.append(tile._replace(args=(other, *tile.args[1:]) if whole else other))
    return tiles or None


def _deep_values(file: Path) -> NDArray[Any]:
    """Read all bits of a picture, (height, width) or (height, width, channels)."""
    from PIL import Image, ImageOps

    with Image.open(file) as picture:
        tiles = _lower_bytes(picture)
        values = np.asarray(ImageOps.exif_transpose(picture))
    if tiles:
        with Image.open(file) as picture:
            picture.tile = tiles
            lower = np.asarray(ImageOps.exif_transpose(picture))
        if tiles[0].args == "RGBA":  # gray and transparency, upper and lower byte each
            values, lower = (lower[..., [i, i, i, i + 2]] for i in (0, 1))
        values = values.astype(np.uint16) << 8 | lower
    if not np.isfinite(values).all():
        raise ValueError("NaN or infinity found among its pixels")
    return values


def _eight_bits(
    values: NDArray[Any], levels: tuple[float, float] | None
) -> "Image.Image":
    """Bring values between two levels to bytes, where Pillow itself would clip them."""
    from PIL import Image

    is_real = values.dtype.kind == "f"
    if is_real and levels is None:
        raise ValueError(
            "pixels are floating point numbers, expected 8 or 16 bits, or levels"
        )
    low, high = levels or SIXTEEN_BITS
    # A whole number stands for the range up to the next one.
    span = high - low + (not is_real)
    colours, alpha = _alpha_apart(values)
    scaled = np.floor(256 * (colours.astype(np.float64) - low) / span)
    pixels = scaled.clip(0, 255).astype(np.uint8)
    if alpha is not None:
        pixels = np.concatenate([pixels, (alpha >> 8).astype(np.uint8)], axis=-1)
    return Image.fromarray(pixels)


def _alpha_apart(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Split transparency, (height, width, 0 or 1), off the colours where there are."""
    return (values[..., :3], values[..., 3:]) if values.ndim == 3 else (values, None)


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


def _check_form(size: Any, channels: Any) -> None:
    """Check what pictures are to be brought to, which users edit.

    Raises:
        TaskError: it is neither a height and a width nor one or three channels.
    """
    is_row = isinstance(size, (tuple, list))
    if is_row and len(size) == 3 and all(map(_is_count, size)):
        raise TaskError(
            f"size is {size}, expected two numbers, height and width: the number of "
            "channels is stated apart"
        )
    if not is_row or len(size) != 2 or not all(map(_is_count, size)):
        raise TaskError(
            f"size is {size!r}, expected height and width in pixels such as (32, 32)"
        )
    if channels not in (1, 3):
        raise TaskError(f"channels is {channels!r}, expected 1 (gray) or 3 (colour)")


def _is_count(value: Any) -> bool:
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return is_whole and value > 0
