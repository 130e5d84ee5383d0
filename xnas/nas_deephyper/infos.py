"""``init_infos.json``: what a run was started with, for people and later commands."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import xnas
from xnas.declarations.objectives import resolve_objectives
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.weights import check_pair_weights
from xnas.objectives import INTROSPECTABILITY, Objective, reference_point
from xnas.problem import NaProblem
from xnas.results.folder import FORMAT
from xnas.space import FORM_VERSION, KSearchSpace

PACKAGES = (
    *("deephyper", "tensorflow", "keras", "ray", "pymoo", "moocore"),
    *("numpy", "pandas", "scikit-learn"),
)


def describe_run(
    problem: NaProblem,
    space: KSearchSpace,
    search: Mapping[str, Any],
    objectives: Sequence[Objective],
    settings: RunSettings | None = None,
) -> dict[str, Any]:
    """Put together what later commands need without the task's code.

    Args:
        problem: the task.
        space: its search space.
        search: type and settings of the search.
        objectives: what it looks for.
        settings: of the run function, if it takes any; how pairs of classes weigh
            follows from them.

    Returns:
        JSON-able dictionary.

    Raises:
        UsageError: the task states no similarity of its classes, and needs one.
    """
    n_classes = space.output_shape[-1]
    if settings is not None and settings.scores_activations:
        n_classes = max(2, n_classes)  # one output decides between two
    weights = None
    if settings is not None and settings.score_introspectability:
        weights = check_pair_weights(problem, settings.explainability_type, n_classes)
    return {
        "xnas": xnas.__version__,
        "format": FORMAT,
        "form_version": FORM_VERSION,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "problem": problem.to_json(),
        "space": space.describe(),
        "search": dict(search),
        "objectives": [objective.to_json() for objective in objectives],
        "class_names": problem.class_names or [str(i) for i in range(n_classes)],
        "run_settings": None if settings is None else settings.to_json(),
        "similarity": None if weights is None else weights.tolist(),
        "hypervolume_reference": reference_point(objectives),
        "environment": describe_environment(),
    }


def default_objectives(
    problem: NaProblem, space: KSearchSpace, n_objectives: int
) -> tuple[Objective, ...]:
    """Return the task's objective and introspectability, or the first alone.

    Args:
        problem: the task.
        space: its search space.
        n_objectives: 1 or 2.

    Raises:
        ValueError: another number.
    """
    names = [problem.objective_name, INTROSPECTABILITY]
    if n_objectives not in (1, 2):
        raise ValueError(f"n_objectives is {n_objectives}, expected 1 or 2")
    return resolve_objectives(names[:n_objectives], n_classes=space.output_shape[-1])


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
