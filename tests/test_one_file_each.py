"""One new file each adds a search, an explainer, and an objective made from it.

The files are written as a user would write them, outside of the package, and named by
their import paths; nothing else is edited.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import xnas
from xnas.results import RunFolder, load, read_table

ROOT = Path(xnas.__file__).parents[1]

SEARCH = '''
import numpy as np

from xnas.searches import Option, Search
from xnas.searches.base import whole_number


class Striding(Search):
    """Goes through all genotypes in strides."""

    options = (Option("stride", 7, "genotypes from one to the next", whole_number(1)),)

    def __init__(self, *args, stride=7, **kwargs):
        super().__init__(*args, **kwargs)
        self.stride = stride

    def ask(self, n):
        """Take the next new ones."""
        size = int(np.prod(self.networks.n_choices))
        asked = []
        for k in range(size):
            genotype = np.unravel_index(k * self.stride % size, self.networks.n_choices)
            genotype = tuple(map(int, genotype))
            if len(asked) < n and self.networks.is_new(genotype):
                asked.append(self.new_candidate(genotype))
        return asked
'''

EXPLAINER = '''
import numpy as np


def confidence(network):
    """Mean of the largest probability on the validation data."""
    found = [network.predict(x).max(axis=1) for x, _ in network.batches("valid")]
    return float(np.mean(np.concatenate(found)))
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "striding.py").write_text(SEARCH)
    (tmp_path / "mine" / "explaining.py").write_text(EXPLAINER)
    return tmp_path


def command(folder, *words):
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    return subprocess.Popen(
        [sys.executable, ROOT / "deephyper_xnas", *map(str, words)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(folder, *words):
    process = command(folder, *words)
    out, errors = process.communicate(timeout=500)
    assert process.returncode == 0, errors
    return out


def kill_after(folder, rows, *words):
    """Start a command and kill it once its table has some rows."""
    process = command(folder, *words)
    results = RunFolder(folder / "run").results
    deadline = time.monotonic() + 400
    while not results.exists() or results.read_text().count("\n") <= rows:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()


TABULAR = (
    "--problem",
    "experiments.digits.problem.Problem",
    "--run",
    "xnas.nas_deephyper.tabular.run",
    "--evaluator",
    "serial",
)


def test_a_search_of_ones_own_is_one_file(folder):
    search = ("nas", "mine.striding.Striding", "--stride", 11, "--seed", 1, *TABULAR)
    kill_after(folder, 20, *search, "--log-dir", "run", "--max-evals", 4000)
    n_before = len(read_table(RunFolder(folder / "run").results).evaluations)
    total = n_before + 15
    done(folder, *search[:2], "--resume", "run", "--max-evals", total)
    done(folder, *search, "--log-dir", "whole", "--max-evals", total)
    killed, whole = (load(folder / name).evaluations for name in ("run", "whole"))
    assert killed["arch_seq"].tolist() == whole["arch_seq"].tolist()
    infos = load(folder / "run").infos
    assert infos["search"]["type"] == "Striding"
    assert infos["search"]["stride"] == 11
    assert "Striding" in done(folder, "status", "run")
    assert "report.html" in done(folder, "report", "run")


def test_an_explainer_of_ones_own_and_its_objective_are_one_file(folder):
    search = ("nas", "nsga2", "--problem", "experiments.lines.problem.Problem")
    more = ("--population-size", 4, "--seed", 2, "--trainer", "plain")
    objectives = "val_acc__last,mine.explaining.confidence"
    kill_after(
        folder,
        2,
        *search,
        *more,
        *("--evaluator", "serial", "--objectives", objectives),
        *("--log-dir", "run", "--max-evals", 50),
    )
    n_before = len(read_table(RunFolder(folder / "run").results).evaluations)
    done(folder, *search[:2], "--resume", "run", "--max-evals", n_before + 2)
    run = load(folder / "run")
    name = run.objectives[1].name
    assert "confidence" in name
    values = run.evaluations[name]
    assert len(values) == n_before + 2
    assert values.between(0.2, 1.0).all()
    assert "confidence" in done(folder, "status", "run")
    done(folder, "report", "run")
    assert "confidence" in (folder / "run" / "report.html").read_text()


def test_the_same_from_python(folder):
    script = f"""
import json, sys
import xnas
sys.path.insert(0, {str(folder)!r})

if __name__ == "__main__":
    run = xnas.search(
        "experiments.digits.problem.Problem",
        run="xnas.nas_deephyper.tabular.run",
        search="mine.striding.Striding",
        stride=11,
        seed=1,
        max_evals=30,
        evaluator="serial",
        log_dir="python",
        progress=False,
    )
    print(json.dumps(run.evaluations["arch_seq"].map(list).tolist()))
"""
    (folder / "script.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    found = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    genotypes = json.loads(found.stdout.splitlines()[-1])
    words = ("nas", "mine.striding.Striding", "--stride", 11, "--seed", 1, *TABULAR)
    done(folder, *words, "--log-dir", "command", "--max-evals", 30)
    by_command = load(folder / "command").evaluations["arch_seq"]
    assert genotypes == by_command.map(list).tolist()
