"""``init_infos.json``: what a run was started with, for people and later commands."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import xnas
from xnas.problem import NaProblem
from xnas.space import KSearchSpace

PACKAGES = (
    "deephyper",
    "tensorflow",
    "keras",
    "ray",
    "pymoo",
    "moocore",
    "numpy",
    "pandas",
    "scikit-learn",
)


def describe_run(
    problem: NaProblem,
    space: KSearchSpace,
    search: Mapping[str, Any],
    n_objectives: int,
) -> dict[str, Any]:
    """Put together what later commands need without the task's code.

    Args:
        problem: the task.
        space: its search space.
        search: type and settings of the search.
        n_objectives: how many objectives it maximises.

    Returns:
        JSON-able dictionary.
    """
    n_classes = space.output_shape[-1]
    names = [problem.objective_name, "introspectability"]
    return {
        "xnas": xnas.__version__,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "problem": problem.to_json(),
        "space": space.describe(),
        "search": dict(search),
        "objectives": names[:n_objectives],
        "class_names": problem.class_names or [str(i) for i in range(n_classes)],
        # Only the search's caller knows how pairs of classes weigh.
        "similarity": None,
        "hypervolume_reference": _reference(names[0], n_classes, n_objectives),
        "environment": describe_environment(),
    }


def _reference(objective: str, n_classes: int, n_objectives: int) -> list[float] | None:
    """Chance level, and classes that no layer tells apart; none but for accuracies."""
    if objective.startswith("-") or "acc" not in objective or n_classes < 2:
        return None
    return [1 / n_classes, 0.0][:n_objectives]


def describe_environment() -> dict[str, Any]:
    """Name the versions, host and commit that results depend on.

    Returns:
        JSON-able dictionary; packages that are not installed are ``None``.
    """
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "host": platform.node(),
        "cpus": os.cpu_count(),
        "git_commit": _git_commit(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git_commit() -> str | None:
    command = ["git", "-C", str(Path(xnas.__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
