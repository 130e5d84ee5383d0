"""An explanation on the disk: the page, and beside it tables."""

from collections.abc import Iterable
from pathlib import Path

from xnas.errors import UsageError
from xnas.results.folder import replace_file

PAGE = "explain.html"
NAMES = {
    PAGE,
    "labels.csv",
    "predictions.csv",
    "confusion.csv",
    "pairs.csv",
    "layers.csv",
    "trust.npz",
}


def check_folder(folder: Path) -> None:
    """Refuse to write among other files.

    Args:
        folder: to write to; need not exist.

    Raises:
        UsageError: it is a file, or holds something else.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--output: {folder} is a file, expected a folder")
    if folder.is_dir():
        foreign = sorted(one.name for one in folder.iterdir() if one.name not in NAMES)
        if any(not name.startswith(".") for name in foreign):
            raise UsageError(
                f"--output: {folder} holds other files, such as {foreign[-1]}, "
                "expected a new folder, or one that this command has written"
            )


def write(folder: Path, files: Iterable[tuple[str, bytes]], page: bytes) -> Path:
    """Write all files; those of an earlier explanation that are no more go.

    Args:
        folder: to write to.
        files: name and content of the tables.
        page: what refers to them, written at last.

    Returns:
        The page.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = {PAGE}
        for name, content in files:
            replace_file(folder / name, content, durable=False)
            written.add(name)
        replace_file(folder / PAGE, page)
        for name in NAMES - written:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"the explanation cannot be written to {folder}: {error.strerror or error}"
        ) from error
    return folder / PAGE
