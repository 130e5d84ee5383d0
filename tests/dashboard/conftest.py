"""A folder of results, and the dashboard on it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from random_runs import make_random_run
from run_folders import make_run

import xnas
from xnas.dashboard.answers import Dashboard

TOKEN = "a-token"


@pytest.fixture
def results(tmp_path):
    """Two runs of one task, and one of another that has no rows yet."""
    root = tmp_path / "results"
    for i in range(2):
        make_random_run(root / "digits" / f"2026-01-0{i + 1}T000000", 12, seed=i)
    make_run(root / "lines" / "first", outcomes=())
    return root


@pytest.fixture
def dashboard(results):
    return Dashboard(results, TOKEN)


@pytest.fixture
def get(dashboard):
    """Ask the dashboard for what is below its token."""

    def get(path="", method="GET", host="127.0.0.1:8000", **query):
        return dashboard.answer(method, host, f"/{TOKEN}/{path}", query)

    return get


@pytest.fixture
def served():
    """Start the command on a folder; returns process and address."""
    running = []

    def served(results, *flags):
        script = Path(xnas.__file__).parents[1] / "deephyper_xnas"
        process = subprocess.Popen(
            [sys.executable, script, "dashboard", results, *flags],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "error::ResourceWarning"},
        )
        running.append(process)
        return process, process.stdout.readline().strip()

    yield served
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()
