"""A repository to submit from, and stand-ins for the programs that jobs call.

``sbatch``, ``xnas-ray-job.sh`` and ``conda`` are small stand-ins here that note what
they are called with; ``tests/slurm`` submits to a real Slurm.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TASKS = ("digits", "imagenet", "mnist")


@pytest.fixture(scope="session")
def make_program():
    """Write an executable bash script."""

    def write(path, text):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)

    return write


@pytest.fixture(scope="session")
def hold_run():
    """Make a run folder with the file that says that it holds a run."""

    def make(folder):
        folder.mkdir(parents=True)
        (folder / "init_infos.json").write_text('{"arguments": {}}')
        return folder

    return make


@pytest.fixture(scope="session")
def make_repository(make_program):
    """Make a repository with the script, tasks and a stand-in that prints its words."""

    def make(root):
        for task in TASKS:
            (root / "experiments" / task).mkdir(parents=True)
            (root / "experiments" / task / "problem.py").touch()
        shutil.copy(ROOT / "submit_job.sh", root)
        (root / "xnas").symlink_to(ROOT / "xnas")
        make_program(root / "xnas-ray-job.sh", 'printf "%s\\n" "env=${ACTIVE-}" "$@"')
        return root

    return make


@pytest.fixture
def repository(tmp_path, make_repository):
    return make_repository(tmp_path / "repository")


@pytest.fixture(scope="session")
def tools(tmp_path_factory, make_program):
    """A folder for PATH with what the script needs, and no sbatch."""
    folder = tmp_path_factory.mktemp("tools")
    for name in ("mkdir", "rmdir", "sleep", "readlink"):
        (folder / name).symlink_to(shutil.which(name))
    make_program(folder / "python3", f'exec {shlex.quote(sys.executable)} "$@"')
    return folder


@pytest.fixture
def call(repository, tools):
    """Call the script; ``sbatch``, if any, is that of the folder ``slurm``."""

    def run(*words, script=repository / "submit_job.sh", slurm=None, **others):
        return subprocess.run(
            [script, *words],
            cwd=others.pop("cwd", repository),
            env={"PATH": f"{slurm or tools}:{tools}", "LC_ALL": "C.UTF-8", **others},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def files(repository):
    """List all that is in the repository."""
    return lambda: sorted(str(path) for path in repository.rglob("*"))


@pytest.fixture
def render(call, files):
    """Print the job; nothing may be made on the way."""

    def run(*words, **others):
        before = files()
        done = call("--dry-run", *words, **others)
        assert (done.returncode, done.stderr) == (0, "")
        assert files() == before
        return done.stdout

    return run


@pytest.fixture
def refuse(call, files):
    """Return the one sentence of a refusal, which makes nothing."""

    def run(*words, status=2, **others):
        before = files()
        done = call(*words, **others)
        assert (done.returncode, done.stdout) == (status, "")
        assert files() == before
        (line,) = done.stderr.splitlines()
        return line

    return run


@pytest.fixture
def run_job(tmp_path):
    """Run a job as Slurm does, in a folder that is not the repository."""

    def run(job, **variables):
        return subprocess.run(
            ["bash"],
            input=job,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "SLURM_JOB_ID": "17", **variables},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run
