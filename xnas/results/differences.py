"""Whether what goes on goes on as it began: recorded settings beside those of now."""

import json
import os
from collections.abc import Collection, Iterator
from typing import Any

Path = tuple[str, ...]
"""Of a setting, through the sections that it is in."""

LONGEST = 60


def differences(
    path: Path, old: Any, new: Any, may_differ: Collection[Path] = ()
) -> Iterator[tuple[Path, Any, Any]]:
    """Compare settings, section by section.

    Args:
        path: of both.
        old: JSON-able.
        new: likewise.
        may_differ: paths that are not looked at.

    Yields:
        Path of each setting that differs, and both values.
    """
    if path in may_differ or names_same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            both = old.get(key), new.get(key)
            yield from differences((*path, key), *both, may_differ)
    else:
        yield path, old, new


def names_same(one: Any, other: Any) -> bool:
    """Whether two recorded values are equal, or paths of the same file or folder.

    Args:
        one: JSON-able.
        other: likewise.
    """
    are_paths = all(isinstance(v, str) and os.sep in v for v in (one, other))
    return bool(
        one == other or (are_paths and os.path.realpath(one) == os.path.realpath(other))
    )


def shown(value: Any) -> str:
    """Write a setting for a message."""
    text = "unset" if value is None else json.dumps(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
