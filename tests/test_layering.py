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
    ("cli",),
    ("face",),
    ("report", "final_training", "new_task"),
    ("nas_deephyper",),
    ("searches", "workers", "slurm"),
    ("evaluation",),
    ("supernet",),
    ("tasks", "training", "xai"),
    ("problem", "declared", "search_space_common"),
    ("space", "results"),
    ("declarations",),
    ("objectives", "drawing", "pareto", "records", "scores", "similarity"),
    ("imports", "errors"),
)
ORDER = [part for floor in FLOORS for part in floor]

# Imports that break these rules for now; each has to go, and its line here with it.
UNFINISHED = {
    ("xnas.declared", "xnas.tasks.loading"),
    ("xnas.evaluation.compiled_trainer", "xnas.searches.candidates"),
    ("xnas.evaluation.rehearsal", "xnas.searches.candidates"),
    ("xnas.evaluation.trainer", "xnas.evaluation.compiled_trainer"),
    ("xnas.evaluation.trainer", "xnas.searches.candidates"),
    ("xnas.results.run", "xnas.results.plotting"),
}

HEAVY = {"tensorflow", "keras", "deephyper", "ray"}
LIGHT = (
    "xnas.cli",
    "xnas.cli.cell_drawing",
    "xnas.cli.status_report",
    "xnas.declarations",
    "xnas.drawing",
    "xnas.objectives",
    "xnas.pareto",
    "xnas.problem",
    "xnas.records",
    "xnas.report",
    "xnas.results",
    "xnas.results.summary",
    "xnas.scores",
    "xnas.search_space_common",
    "xnas.searches",
    "xnas.searches.candidates",
    "xnas.searches.operators",
    "xnas.similarity",
    "xnas.slurm.resources",
    "xnas.space",
    "xnas.xai",
    "xnas.xai.wordnet",
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


def test_no_import_points_upwards():
    assert {pair for pair in IMPORTS if is_upwards(*pair)} - UNFINISHED == set()


def test_no_modules_import_each_other_in_a_circle():
    graph = nx.DiGraph(sorted(IMPORTS - UNFINISHED))
    circles = [c for c in nx.strongly_connected_components(graph) if len(c) > 1]
    assert circles == []
    assert not list(nx.selfloop_edges(graph))


def test_what_is_finished_is_listed_no_more():
    assert UNFINISHED <= IMPORTS


def test_no_module_is_longer_than_can_be_overlooked():
    lines = {name: file.read_text().count("\n") for name, file in MODULES.items()}
    assert {name: n for name, n in lines.items() if n > MOST_LINES} == {}


@pytest.mark.parametrize("module", LIGHT)
def test_light_modules_load_no_framework(module):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT.parent,
    )
    assert not HEAVY & set(done.stdout.split())
