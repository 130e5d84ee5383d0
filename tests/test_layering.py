"""Imports point down the floors of the house, and light packages stay light.

Every import counts: late ones, and those that only types need. ``xnas/__init__.py`` and
``xnas/old_names.py`` alone may name everything: one hands names on, the other old ones.
"""

import ast
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest

import xnas

ROOT = Path(xnas.__file__).parent
FREE = {"xnas", "xnas.old_names"}
MOST_LINES = 400

# From the top to the bottom; parts of one floor import each other left to right only.
FLOORS = (
    ("__main__",),
    ("cli",),
    ("face",),
    ("dashboard",),
    ("explained", "exporters", "report", "final_training", "new_task"),
    ("nas_deephyper",),
    ("searches", "workers", "slurm"),
    ("evaluation",),
    ("supernet",),
    ("tasks", "training", "xai"),
    ("problem", "declarations", "search_space_common"),
    ("space", "results"),
    ("surrogate",),
    (
        "objectives",
        "drawing",
        "distances",
        "gaussian_process",
        "pareto",
        "records",
        "sampling",
        "scores",
    ),
    ("imports", "names", "machine", "errors", "utils"),
)
ORDER = [part for floor in FLOORS for part in floor]

HEAVY = {"tensorflow", "keras", "deephyper", "ray"}
# Each with all of its modules.
LIGHT_PARTS = (
    "dashboard",
    "declarations",
    "drawing",
    "distances",
    "errors",
    "exporters",
    "gaussian_process",
    "imports",
    "machine",
    "names",
    "objectives",
    "pareto",
    "problem",
    "records",
    "report",
    "results",
    "sampling",
    "scores",
    "search_space_common",
    "searches",
    "slurm",
    "space",
    "surrogate",
    "xai.wordnet",
)
LIGHT_MODULES = (
    "cli",
    "cli.cell_drawing",
    "evaluation.explainers",
    "evaluation.output",
    "nas_deephyper.tabular",
    "xai",
)


def _name(file):
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {_name(file): file for file in ROOT.rglob("*.py")}


def part_of(module):
    """Name of the package or module right below ``xnas``."""
    return module.split(".")[1]


def imported(module):
    """Names of the modules of xnas that a module imports, wherever it does."""
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: import by the whole name"
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [name if name in MODULES else node.module for name in within]
        for name in found:
            if name in MODULES and name != "xnas":
                yield name


IMPORTS = {
    (module, name)
    for module in sorted(set(MODULES) - FREE)
    for name in imported(module)
}


def is_upwards(importer, name):
    above, below = part_of(importer), part_of(name)
    return above != below and ORDER.index(above) > ORDER.index(below)


def test_every_part_has_its_floor():
    parts = {part_of(module) for module in set(MODULES) - FREE}
    assert parts - set(ORDER) == set()
    assert len(ORDER) == len(set(ORDER))


def circles(imports):
    """Sets of modules that import each other."""
    graph = nx.DiGraph(sorted(imports))
    alone = set(nx.selfloop_edges(graph))
    return [
        circle
        for circle in nx.strongly_connected_components(graph)
        if len(circle) > 1 or alone.intersection((name, name) for name in circle)
    ]


def test_no_import_points_upwards():
    assert {pair for pair in IMPORTS if is_upwards(*pair)} == set()


def test_no_modules_import_each_other_in_a_circle():
    assert circles(IMPORTS) == []


def test_no_module_is_longer_than_can_be_overlooked():
    lines = {name: file.read_text().count("\n") for name, file in MODULES.items()}
    assert {name: n for name, n in lines.items() if n > MOST_LINES} == {}


def loaded_with(modules):
    """Names of all modules that a process holds once it has imported some."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT.parent,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("part", LIGHT_PARTS)
def test_light_parts_load_no_framework(part):
    whole = f"xnas.{part}"
    within = [m for m in MODULES if m == whole or m.startswith(f"{whole}.")]
    runnable = [m for m in within if m.endswith(".__main__")]
    assert not HEAVY & loaded_with(", ".join(sorted({*within} - {*runnable})))


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_light_modules_load_no_framework(module):
    assert not HEAVY & loaded_with(f"xnas.{module}")
