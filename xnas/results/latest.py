"""The newest run below a folder of results."""

from pathlib import Path

from xnas.errors import UsageError
from xnas.results.folder import RunFolder


def latest_run(root: Path, task: str | None = None) -> RunFolder:
    """Find the run folder ``root/<task>/<timestamp>`` with the newest time stamp.

    Args:
        root: the folder of results.
        task: name of the task, ``None`` for any.

    Returns:
        The folder.

    Raises:
        UsageError: there is none.
    """
    runs = [
        folder
        for folder in root.glob(f"{task or '*'}/*")
        if RunFolder(folder).holds_run
    ]
    if not runs:
        place = root / task if task else root
        raise UsageError(f"there is no run in {place}, expected {place}/.../")
    return RunFolder(max(runs, key=lambda folder: folder.name))
