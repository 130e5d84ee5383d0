"""The newest run below a folder of results."""

import re
from pathlib import Path

from xnas.errors import UsageError
from xnas.results.folder import RunFolder

RESULTS = Path("results")
"""Where searches write unless told otherwise."""

LATEST = "latest"

TIME_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d{6}")


def task_name(problem: str) -> str:
    """Return the name of a task from the import path of its problem.

    Args:
        problem: such as ``experiments.digits.problem.Problem``.
    """
    parts = problem.split(".")
    return parts[-3] if len(parts) > 2 else parts[0]


def latest_run(root: Path, task: str | None = None) -> RunFolder:
    """Find the run folder ``root/<task>/<timestamp>`` with the newest time stamp.

    Folders of other names do not count: ``first`` is neither older nor newer.

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
        for folder in root.glob("*/*")
        if TIME_STAMP.fullmatch(folder.name)
        and task in (None, folder.parent.name)
        and RunFolder(folder).holds_run
    ]
    if not runs:
        raise UsageError(
            f"there is no run in {root / (task or '')}, expected one in "
            f"{root / (task or '<task>')}/YYYY-MM-DDTHHMMSS"
        )
    return RunFolder(max(runs, key=lambda folder: (folder.name, folder.parent.name)))


def named_run(name: str) -> RunFolder:
    """Find the run folder that a user names.

    Args:
        name: its path; ``latest`` for the newest run of all, and
            ``results/<task>/latest`` for the newest of one task.

    Returns:
        The folder, which need not hold a run where it is named by its path.

    Raises:
        UsageError: the newest is asked for and there is none.
    """
    path = Path(name)
    if path.name != LATEST or path.exists():
        return RunFolder(path)
    if path.parent in (Path(), RESULTS):
        return latest_run(RESULTS)
    return latest_run(path.parent.parent, path.parent.name)
