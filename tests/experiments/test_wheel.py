"""What is installed from a wheel works beside tasks of one's own."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def ran(*command, folder, **variables):
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with what is in the wheel, and nothing of this repository."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    no_cache = shutil.ignore_patterns("__pycache__")
    for name in ("xnas", "experiments"):
        shutil.copytree(ROOT / name, source / name, ignore=no_cache)
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("deephyper_xnas", "hierarchical_imagenet.py"):
        shutil.copy(ROOT / name, source)
    # An older setuptools cannot build it; pip gets itself another one for that.
    is_new = int(version("setuptools").partition(".")[0]) >= 77
    how = ["--no-build-isolation"] if is_new else []
    ran(*PIP, "wheel", "--no-deps", *how, "-w", folder, source, folder=folder)
    (wheel,) = folder.glob("xnas-*.whl")
    target = ("--no-deps", "--no-index", "--no-compile", "--target", folder / "site")
    ran(*PIP, "install", *target, wheel, folder=folder)
    return folder / "site"


def test_an_installed_wheel_has_its_tasks_and_one_s_own(site, tmp_path):
    installed = {"PYTHONPATH": str(site)}
    program = (sys.executable, site / "bin" / "deephyper_xnas")
    shape = ("--input-shape", "8,8,1", "--classes", "3")
    ran(*program, "new-task", "mine", *shape, folder=tmp_path, **installed)
    search = ["nas", "nsga2", "--evaluator", "serial", "--max-evals", "2"]
    search += ["--run", "xnas.nas_deephyper.tabular.run", "--no-report"]
    said = ran(*program, *search, "--problem=digits", folder=tmp_path, **installed)
    assert "Finished: 2 evaluation(s)" in said
    origins = "import xnas, experiments.digits.problem as its, experiments.mine.problem"
    origins += "; print(xnas.__file__, its.__file__, experiments.mine.__file__)"
    where = ran(sys.executable, "-c", origins, folder=tmp_path, **installed).split()
    assert where == [
        str(site / "xnas" / "__init__.py"),
        str(site / "experiments" / "digits" / "problem.py"),
        str(tmp_path / "experiments" / "mine" / "__init__.py"),
    ]
