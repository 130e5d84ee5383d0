"""Names that users give, in the terms of formats that allow fewer characters."""

import hashlib
import re
import shlex
import shutil
import sys
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROGRAM = "deephyper_xnas"

# XML 1.0 allows no others; and text that runs backwards would hide what it says.
UNFIT = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
"""Characters that no name may have: neither CSV nor HTML nor SVG can show them."""

_READABLE = 40
_LONGEST_VALUE = 40


def fit_text(text: str) -> str:
    """Return text with what XML cannot hold replaced."""
    return UNFIT.sub("\ufffd", text)


def path_argument(path: str) -> str:
    """Write a path as a word of a shell's command line that is no flag."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def clone_folder() -> Path | None:
    """Return the clone that this package stands in, ``None`` if it is installed."""
    folder = Path(__file__).resolve().parents[1]
    return folder if (folder / PROGRAM).is_file() else None


def program() -> str:
    """Return the words that start this program in the current folder."""
    clone = clone_folder()
    if clone == Path.cwd():
        return f"./{PROGRAM}"
    if shutil.which(PROGRAM):
        return PROGRAM
    beside = Path(sys.executable).with_name(PROGRAM)
    if beside.is_file():
        return shlex.quote(str(beside))
    if clone is not None:
        return shlex.quote(str(clone / PROGRAM))
    return f"{shlex.quote(sys.executable)} -m xnas"


def installing(extra: str) -> str:
    """Return the command that installs what an extra of the package needs.

    Args:
        extra: its name in ``pyproject.toml``.
    """
    clone = clone_folder()
    if clone is None:
        return f"pip install 'xnas[{extra}]'"
    where = "." if clone == Path.cwd() else str(clone)
    return f"pip install -e {shlex.quote(f'{where}[{extra}]')}"


def keras_name(name: str) -> str:
    """Return a name that Keras and TensorFlow take for a layer.

    Names that they take stay, but for slashes, which become dots. Any other becomes
    ASCII, with a part of its hash, so that two of them stay two.

    Args:
        name: any text.
    """
    dotted = name.replace("/", ".")
    if re.fullmatch(r"[A-Za-z0-9_.>-]+", dotted):
        return dotted
    ascii_ = unicodedata.normalize("NFKD", dotted).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9_.]+", "_", ascii_)[:_READABLE].strip("_.")
    number = hashlib.sha256(name.encode(errors="replace")).hexdigest()[:8]
    return f"{words}_{number}" if words else f"n_{number}"


def tell_apart(
    names: Sequence[str], settings: Sequence[Mapping[str, Any]] = ()
) -> list[str]:
    """Add to names that occur twice what tells them apart.

    Args:
        names: of the choices of one node.
        settings: of each choice, such as the configuration of its layer; what differs
            among choices of one name is added to it, and where nothing does, the
            number of the choice.

    Returns:
        As many different names; those that occur once stay.
    """
    often = Counter(names)
    found = [
        name + _difference(i, names, settings) if often[name] > 1 and settings else name
        for i, name in enumerate(names)
    ]
    again = Counter(found)
    for i, name in enumerate(names):
        if often[name] > 1 and (again[found[i]] > 1 or found[i] in often):
            found[i] = f"{name} (choice {i})"
            while found[i] in again:
                found[i] += "'"
    return found


def _difference(
    choice: int, names: Sequence[str], settings: Sequence[Mapping[str, Any]]
) -> str:
    """Word in what a choice differs from others: ``" filters=16 kernel_size=3"``."""
    mine = settings[choice]
    others = [settings[i] for i, name in enumerate(names) if name == names[choice]]
    worded = {
        key: _worded(value)
        for key, value in mine.items()
        if any(key not in other or other[key] != value for other in others)
    }
    short = (f" {k}={t}" for k, t in worded.items() if len(t) <= _LONGEST_VALUE)
    return "".join(short)


def _worded(value: Any) -> str:
    if isinstance(value, Mapping) and "class_name" in value:  # as Keras writes objects
        return str(value["class_name"])
    if isinstance(value, (list, tuple)) and value:
        parts = [_worded(one) for one in value]
        return parts[0] if len({*parts}) == 1 and len(parts) > 1 else "×".join(parts)
    return str(getattr(value, "__name__", value))
