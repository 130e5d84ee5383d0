"""Where a task is written: whole, or not at all."""

import keyword
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from xnas.errors import UsageError

ROOT = "experiments"
ROOT_FILE_BEFORE = (
    '"""One folder a task: ``load_data.py``, ``search_space.py`` and ``problem.py``."""'
    "\n"
)
ROOT_FILE = f"""{ROOT_FILE_BEFORE}
from pkgutil import extend_path

# Tasks of other folders of this name are found, too, such as those of XNAS itself.
__path__ = extend_path(__path__, __name__)
"""

_TAKEN = ("load_data", "problem", "search_space", "test")
_LONGEST = 30  # keeps the lines that import the task's files on one line


def free_folder(name: str) -> Path:
    """Return the folder of a task to be, which is not there yet.

    Args:
        name: of the task.

    Raises:
        UsageError: the name cannot be used, or is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > _LONGEST:
        raise UsageError(
            f"NAME is {name!r}, expected up to {_LONGEST} lower-case letters, digits "
            "and underscores, a letter first"
        )
    if keyword.iskeyword(name) or name in _TAKEN:
        what = "a file of every task" if name in _TAKEN[:3] else "one of Python's own"
        raise UsageError(f"NAME is {name!r}, {what}, expected another one")
    root, folder = Path(ROOT), Path(ROOT, name)
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is a file, expected a folder or nothing")
    if os.path.lexists(folder):
        raise UsageError(f"{folder} exists already, expected a NAME that is not taken")
    return folder


def write_task(folder: Path, files: Mapping[str, str]) -> None:
    """Write a task's files; whatever happens, all of them are there or none.

    Args:
        folder: the task's.
        files: name to text.

    Raises:
        UsageError: the folder cannot be written.
    """
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        _prepare_root(folder.parent)
        draft.mkdir()
        for name, text in files.items():
            (draft / name).write_text(text, encoding="utf-8", newline="\n")
        os.rename(draft, folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _prepare_root(root: Path) -> None:
    """Make the folder of all tasks; let one made before find those of others."""
    file = root / "__init__.py"
    if not root.exists():
        root.mkdir()
        file.write_text(ROOT_FILE, encoding="utf-8")
    elif file.is_file() and file.read_bytes() == ROOT_FILE_BEFORE.encode():
        draft = root / f".__init__.{os.getpid()}"
        draft.write_text(ROOT_FILE, encoding="utf-8")
        os.replace(draft, file)
