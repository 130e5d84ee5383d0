"""Runs by name: the newest one, and those in a folder of results."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from xnas.errors import UsageError
from xnas.results.folder import RunFolder

RESULTS = Path("results")
"""Where searches write unless told otherwise."""

LATEST = "latest"

TIME_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d{6}")

SHOWN = 8
"""Runs that an error names."""


def task_name(problem: str) -> str:
    """Return the name of a task from the import path of its problem.

    Args:
        problem: such as ``experiments.digits.problem.Problem``.
    """
    parts = problem.split(".")
    return parts[-3] if len(parts) > 2 else parts[0]


def started_at(folder: RunFolder) -> datetime:
    """Return when a run began, in UTC.

    Args:
        folder: of the run.

    Returns:
        As recorded; where nothing is, by the time stamp in its name, else long ago.
    """
    with suppress(OSError, ValueError, TypeError, KeyError):
        recorded = json.loads(folder.init_infos.read_text())["started"]
        moment = datetime.fromisoformat(recorded)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    with suppress(ValueError, OverflowError):
        return datetime.strptime(folder.root.name, "%Y-%m-%dT%H%M%S").astimezone(UTC)
    return datetime.min.replace(tzinfo=UTC)


def runs_below(root: Path, pattern: str = "*") -> list[RunFolder]:
    """Find the runs in a folder, the oldest first.

    Args:
        root: the folder.
        pattern: where below it, such as ``*/*``.
    """
    found = [folder for p in root.glob(pattern) if (folder := RunFolder(p)).holds_run]
    return sorted(found, key=lambda folder: (started_at(folder), folder.root))


def latest_run(root: Path, task: str | None = None) -> RunFolder:
    """Find the run in ``root/<task>`` that was started last, whatever its name.

    Args:
        root: the folder of results.
        task: name of the task, ``None`` for any.

    Returns:
        The folder.

    Raises:
        UsageError: there is none.
    """
    runs = runs_below(root, "*/*") if task is None else runs_below(root / task)
    if not runs:
        raise UsageError(
            f"there is no run in {root / (task or '')}, expected one in "
            f"{root / (task or '<task>')}/YYYY-MM-DDTHHMMSS"
        )
    return runs[-1]


def named_runs(name: str) -> list[RunFolder]:
    """Find the run folders that a user names.

    Args:
        name: path of one, or of a folder that holds some; ``latest`` for the newest run
            of all, and ``results/<task>/latest`` for the newest of one task.

    Returns:
        One folder, which need not hold a run where it is named by its path; or several,
        the oldest first.

    Raises:
        UsageError: the newest is asked for and there is none.
    """
    path = Path(name)
    if path.name == LATEST and not path.exists():
        if path.parent in (Path(), RESULTS):
            return [latest_run(RESULTS)]
        return [latest_run(path.parent.parent, path.parent.name)]
    folder = RunFolder(path)
    if folder.holds_run or folder.results.exists() or not path.is_dir():
        return [folder]
    return runs_below(path) or runs_below(path, "*/*") or [folder]


def named_run(name: str) -> RunFolder:
    """Find the one run folder that a user names.

    Args:
        name: as for :func:`named_runs`.

    Returns:
        The folder, which need not hold a run where it is named by its path.

    Raises:
        UsageError: the newest is asked for and there is none, or a folder that holds
            several runs.
    """
    found = named_runs(name)
    if len(found) == 1:
        return found[0]
    path = Path(name)
    newest = [str(one.root.relative_to(path.absolute())) for one in reversed(found)]
    more = ", …" if len(newest) > SHOWN else ""
    raise UsageError(
        f"{name} holds no run itself but {len(newest)}, expected one of "
        f"{', '.join(newest[:SHOWN])}{more} in it"
    )
