"""Dependencies point one way, and reading results stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import xnas

ROOT = Path(xnas.__file__).parent
HEAVY = {"tensorflow", "keras", "deephyper", "ray"}

ALLOWED = {
    "errors": set(),
    "imports": {"errors"},
    "pareto": set(),
    "results": {"errors", "pareto", "xai"},
    "xai": {"errors"},
    "report": {"drawing", "errors", "pareto", "results", "xai"},
    "space": {"errors"},
    "search_space_common": {"errors", "space"},
    "declarations": {"errors", "space", "training", "xai"},
    "drawing": {"errors"},
    "problem": {"declarations", "errors", "space", "training", "xai"},
    "training": {"declarations", "errors", "problem", "space"},
    "supernet": {"errors", "problem", "space", "training", "xai"},
    "new_task": {"errors", "training"},
    "nas_deephyper": {
        "declarations",
        "errors",
        "imports",
        "pareto",
        "problem",
        "results",
        "space",
        "supernet",
        "training",
        "xai",
    },
    "slurm": {"errors"},
    "final_training": {
        "drawing",
        "errors",
        "nas_deephyper",
        "problem",
        "results",
        "space",
        "training",
        "xai",
    },
    "cli": {
        "drawing",
        "errors",
        "final_training",
        "imports",
        "nas_deephyper",
        "new_task",
        "problem",
        "report",
        "results",
        "space",
        "training",
        "xai",
    },
}


def imported_parts(path):
    """Names of the parts of xnas that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            head, _, tail = name.partition(".")
            if head == "xnas" and tail:
                yield tail.partition(".")[0]


def test_every_part_has_its_rule():
    parts = {
        p.stem
        for p in ROOT.iterdir()
        if (p.suffix == ".py" or (p / "__init__.py").exists()) and p.stem != "__init__"
    }
    assert parts == set(ALLOWED)


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_a_part_imports_only_what_lies_below_it(part):
    place = ROOT / part
    files = place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]
    for path in files:
        found = set(imported_parts(path)) - {part}
        assert found <= ALLOWED[part], path


@pytest.mark.parametrize(
    "module",
    [
        "xnas.drawing",
        "xnas.pareto",
        "xnas.report",
        "xnas.results",
        "xnas.results.summary",
        "xnas.xai",
        "xnas.scores",
        "xnas.cli",
        "xnas.cli.cell_drawing",
        "xnas.cli.status_report",
    ],
)
def test_light_modules_load_no_framework(module):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT.parent,
    )
    assert not HEAVY & set(done.stdout.split())
