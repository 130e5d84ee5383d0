"""What xnas-ray-job.sh says where it cannot work; nothing of this needs a Slurm."""

import os
import shutil
import subprocess

import pytest
from slurm_cluster import REPOSITORY

SCRIPT = REPOSITORY / "xnas-ray-job.sh"
SEARCH = ("--", "nas", "nsga2")


def told(tmp_path, *arguments, **variables):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SLURM")}
    return subprocess.run(
        [SCRIPT, *arguments],
        env=environment | variables,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--run-dir is missing"),
        (SEARCH, "--run-dir is missing"),
        (("--run-dir",), "--run-dir needs a value"),
        (("--run-dir", "--", "nas", "nsga2"), "--run-dir needs a value"),
        (("--run-dir", "run"), "after -- expected nas SEARCH"),
        (("--run-dir", "run", "--", "nas"), "after -- expected nas SEARCH"),
        (("--run-dir", "run", "--", "status", "."), "after -- expected nas SEARCH"),
        (("--rundir", "run", *SEARCH), "unknown option --rundir"),
        (("run", *SEARCH), "unknown option run"),
        (
            ("--run-dir", "run", "--workers-per-node", "0", *SEARCH),
            "--workers-per-node is '0', expected a whole number",
        ),
        (
            ("--run-dir", "run", "--stop-within", "soon", *SEARCH),
            "--stop-within is 'soon', expected a whole number",
        ),
        (("--run-dir", "run", *SEARCH), "runs inside a Slurm job"),
    ],
)
def test_wrong_usage_is_told_in_one_sentence(tmp_path, arguments, words):
    answer = told(tmp_path, *arguments)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert words in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_option(tmp_path):
    answer = told(tmp_path, "--help")
    assert answer.returncode == 0
    for name in ("--run-dir", "--workers-per-node", "--stop-within", "SIGUSR1"):
        assert name in answer.stdout


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="no shellcheck here")
def test_shellcheck_finds_nothing(tmp_path):
    subprocess.run(["shellcheck", SCRIPT], check=True)
