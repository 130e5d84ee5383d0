"""The notebooks run as they are, from the folder that Jupyter starts in."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "looking_at_a_run.ipynb"

# In a process of its own: what Jupyter warns of is no fault of the notebook.
EXECUTE = """
import sys, nbclient, nbformat
book = nbformat.read(sys.argv[1], as_version=4)
book = nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute()
nbformat.write(book, sys.argv[1])
"""


def code_cells(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A copy of the repository whose notebook ran, on a search cut short."""
    copy = tmp_path_factory.mktemp("notebooks") / "xnas"
    for name in ("xnas", "experiments", "notebooks"):
        shutil.copytree(ROOT / name, copy / name)
    notebook = copy / "notebooks" / NOTEBOOK.name
    text = notebook.read_text(encoding="utf-8")
    for longer, shorter in (
        ("MAX_EVALS = 16", "MAX_EVALS = 4"),
        ('\\"num_epochs\\": 2', '\\"num_epochs\\": 1'),
    ):
        assert longer in text
        text = text.replace(longer, shorter)
    notebook.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(notebook)],
        cwd=notebook.parent,
        env={**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    return copy


def test_the_notebook_searches_and_shows_what_was_found(executed):
    rows = pd.read_csv(executed / "results" / "digits" / "notebook" / "results.csv")
    assert len(rows) == 4
    outputs = [
        output
        for cell in code_cells(executed / "notebooks" / NOTEBOOK.name)
        for output in cell["outputs"]
    ]
    kinds = [kind for output in outputs for kind in output.get("data", {})]
    assert kinds.count("image/svg+xml") >= 1
    assert kinds.count("image/png") == 3
    assert kinds.count("text/html") == 3
    errors = [o for o in outputs if o.get("name") == "stderr"]
    assert errors == []


def test_notebooks_are_kept_without_outputs():
    for cell in code_cells(NOTEBOOK):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
