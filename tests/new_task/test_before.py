"""Tasks that the version before wrote run today.

``tests/data/new_task_before`` holds what its ``new-task`` wrote for a folder of
pictures, for two files of arrays and for nothing but a shape. Paths of the data are
relative instead of absolute, and nothing else was changed.
"""

import ast
import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from xnas.imports import load_object
from xnas.tasks import load_task_data

ROOT = Path(__file__).parents[2]
BEFORE = ROOT / "tests" / "data" / "new_task_before"
TASKS = ("before_pictures", "before_placeholder", "before_points", "before_values")
FILES = sorted(BEFORE.rglob("*.py"))


@pytest.fixture
def task(tmp_path, monkeypatch, load):
    """Load the Problem of one of the tasks from a folder of its own."""
    shutil.copytree(BEFORE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    importlib.invalidate_caches()
    return lambda name: load_object(f"experiments.{name}.problem.Problem", "--problem")


@pytest.mark.parametrize("name", TASKS)
def test_a_task_of_the_version_before_loads_its_data_and_builds_networks(task, name):
    problem = task(name)
    data = load_task_data(problem)
    assert data.train_size > data.valid_size > 0
    space = problem.build_space()
    assert space.input_shape == data.input_shapes
    assert space.output_shape == (data.n_outputs,)
    space.set_ops([0] * space.num_nodes)
    model = space.create_model()
    shape = (1, *space.input_shape[0])
    assert model(np.zeros(shape, np.float32)).shape == (1, data.n_outputs)


@pytest.mark.parametrize(
    ("name", "n_train", "n_valid", "n_outputs"),
    [
        ("before_pictures", 20, 4, 2),
        ("before_placeholder", 64, 16, 2),
        ("before_points", 20, 4, 2),
        ("before_values", 19, 5, 1),
    ],
)
def test_its_data_are_split_as_before(task, name, n_train, n_valid, n_outputs):
    data = load_task_data(task(name))
    found = (data.train_size, data.valid_size, data.n_outputs)
    assert found == (n_train, n_valid, n_outputs)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}.{f.stem}")
def test_everything_that_a_file_of_the_version_before_imports_is_there(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("xnas"):
            module = importlib.import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name)


@pytest.mark.parametrize("name", ["before_pictures", "before_points"])
def test_its_search_space_shows_a_network(task, tmp_path, name):
    choices = ["0"] * task(name).build_space().num_nodes
    done = subprocess.run(
        [sys.executable, "-m", f"experiments.{name}.search_space", *choices],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert "Total params" in done.stdout
