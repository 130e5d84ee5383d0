"""Folders of pictures with one subfolder a class: what they hold."""

import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xnas.errors import TaskError

SUFFIXES = frozenset(
    (
        *(".avif", ".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm"),
        *(".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
    )
)
"""Endings of the files that are read; all others are skipped."""

SYSTEM_FOLDERS = frozenset(
    (
        *("#recycle", "#snapshot", "$recycle.bin", "@eadir", "@recycle", "@tmp"),
        *("__macosx", "lost+found", "system volume information"),
    )
)
"""Names, in lower case, that file servers and systems give to folders of their own."""

_PARTS = frozenset(
    ("train", "training", "val", "valid", "validation", "test", "testing")
)

_HEIC = frozenset((".heic", ".heif"))


@dataclass(frozen=True)
class PictureFolder:
    """What a folder with one subfolder a class holds.

    Args:
        classes: names of the subfolders, sorted.
        files: the pictures, class by class and sorted by path within.
        labels: class of each picture.
        skipped: files that are not read, or lie outside the subfolders.
    """

    classes: list[str]
    files: list[Path]
    labels: NDArray[np.int64]
    skipped: list[Path]


def find_pictures(directory: str | Path) -> PictureFolder:
    """List the pictures of a folder with one subfolder a class.

    Links are followed, each folder once; hidden files and folders, and those that a
    system keeps for itself, are left out.

    Args:
        directory: the folder; subfolders of a class's folder count as the same class.

    Raises:
        TaskError: it is no such folder, one below it cannot be read or belongs to two
            classes, or a class has fewer than two pictures.
    """
    root = Path(directory)
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise TaskError(f"{root}: {found} found, expected a folder of pictures")
    failures: list[OSError] = []
    folders, skipped = _listed(root, failures)
    _refuse_unreadable(failures)
    folders.sort()
    _check_classes(root, [folder.name for folder in folders])
    files, labels = [], []
    class_of: dict[str, Path] = {}
    for label, folder in enumerate(folders):
        below = _files_below(folder, class_of, failures)
        pictures = [file for file in below if file.suffix.lower() in SUFFIXES]
        others = [file for file in below if file.suffix.lower() not in SUFFIXES]
        if len(pictures) < 2 and not failures:
            _refuse_class(folder, pictures, others)
        skipped += others
        files += pictures
        labels += [label] * len(pictures)
    _refuse_unreadable(failures)
    names = [folder.name for folder in folders]
    return PictureFolder(names, files, np.array(labels, np.int64), sorted(skipped))


def count_endings(files: Sequence[Path]) -> str:
    """Say which endings files have, and how many have each."""
    counts = Counter(file.suffix.lower() or "no ending" for file in files)
    return ", ".join(f"{ending}: {count}" for ending, count in sorted(counts.items()))


def advice_on(skipped: Sequence[Path]) -> list[str]:
    """Say what makes pictures of files that are not read.

    Args:
        skipped: those files.

    Returns:
        A clause for each way there is.
    """
    advice = []
    if any(file.suffix.lower() in _HEIC for file in skipped):
        advice.append(
            "HEIC is to be converted first, as by ImageMagick's "
            "mogrify -format jpg *.heic"
        )
    bare = next((file for file in skipped if not file.suffix), None)
    if bare is not None and (form := _form_of(bare)):
        advice.append(
            f"files without an ending are to get one ({bare.name} is {form}: "
            f"{bare.name}.{form.lower()})"
        )
    return advice


def alike_names(names: Sequence[str]) -> list[tuple[str, str]]:
    """Find pairs of names that differ by case or by the form of their accents alone."""
    first: dict[str, str] = {}
    pairs = []
    for name in names:
        other = first.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            pairs.append((other, name))
    return pairs


def _form_of(file: Path) -> str | None:
    """Name the format of a picture, ``None`` if it is none."""
    from PIL import Image

    try:
        with Image.open(file) as picture:
            return picture.format
    except Exception:  # decoders raise anything
        return None


def _refuse_class(
    folder: Path, pictures: Sequence[Path], others: Sequence[Path]
) -> None:
    among = f" among {len(others)} other files ({count_endings(others)})"
    found = ("no picture", "one picture")[len(pictures)]
    advice = advice_on(others)
    if others and not pictures and not advice:
        advice = [f"read are {', '.join(sorted(SUFFIXES))}"]
    raise TaskError(
        f"{folder}: {found} found{among if others else ''}, expected two or more in "
        f"each class: to train and to validate{''.join(f'; {way}' for way in advice)}"
    )


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


def _files_below(
    folder: Path, class_of: dict[str, Path], failures: list[OSError]
) -> list[Path]:
    """List files in a class's folder and its subfolders.

    Args:
        folder: of the class.
        class_of: class whose pictures each real folder holds; filled in.
        failures: of reading folders; filled in.

    Raises:
        TaskError: a link leads to what another class has.
    """
    # A link up leads to other classes' pictures, or round and round.
    above = {str(path) for path in Path(os.path.realpath(folder)).parents}
    above |= {str(path) for path in Path(os.path.realpath(folder.parent), "x").parents}
    found: list[Path] = []
    ahead: list[Path] = [folder]
    links: list[Path] = []
    while ahead or links:
        # Links last: what is reached in two ways goes by its own path.
        directory = ahead.pop() if ahead else links.pop()
        real = os.path.realpath(directory)
        other = class_of.get(real)
        if real in above or other == folder:
            continue
        if other:
            raise TaskError(
                f"{directory}: a link to pictures of {other.name} found in the class "
                f"{folder.name}, expected each picture in one class"
            )
        class_of[real] = folder
        folders, files = _listed(directory, failures)
        found += files
        for below in sorted(folders, reverse=True):
            (links if below.is_symlink() else ahead).append(below)
    return sorted(found)


def _listed(directory: Path, failures: list[OSError]) -> tuple[list[Path], list[Path]]:
    """List subfolders and files, those of the system and hidden ones left out."""
    folders, files = [], []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                path, name = Path(directory, entry.name), entry.name.lower()
                if name.startswith("."):
                    continue
                if _is_folder(entry):
                    if name not in SYSTEM_FOLDERS:
                        folders.append(path)
                # Broken links are files that cannot be read; a pipe would hang.
                elif entry.is_symlink() or entry.is_file():
                    files.append(path)
    except OSError as error:
        failures.append(error)
    return folders, files


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _refuse_unreadable(failures: Sequence[OSError]) -> None:
    if failures:
        first = failures[0]
        more = f" (nor can {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise TaskError(
            f"{first.filename}: the folder cannot be read{more}: {first.strerror}"
        ) from first
