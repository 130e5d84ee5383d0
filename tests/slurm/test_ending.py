"""How xnas-ray-job.sh ends, with stand-ins for Slurm, Ray and the search."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from slurm_cluster import REPOSITORY

STAND_INS = {
    "scontrol": """
        case "$1 $2" in
        "show hostnames") printf '%s\\n' n1 n2 ;;
        "show node") echo "NodeAddr=127.0.0.1" ;;
        esac""",
    # The first node ends when it is told to; the second one has crashed.
    "srun": """
        case "$*" in *nodelist=n2*) exec sleep 3600 ;; esac
        while [[ $1 != xnas.slurm.ray_node ]]; do shift; done
        mkdir "$2"
        echo 127.0.0.1:6379 >"$2/ray_current_cluster"
        read -r _
        /bin/rm -r "$2" """,
    "python3": """
        case "$*" in
        *xnas.slurm.resources*) echo 1 0 1 0 ;;
        *socket*) echo 1 ;;
        esac""",
    "ray": "",
    # As on a busy machine, where a folder may fill again while it is being removed.
    "touch": 'sleep 0.5; exec /bin/touch "$@"',
    "rm": """
        folder=${*: -1}
        if [[ -d $folder ]]; then
            find "$folder" -mindepth 1 -delete
            sleep 1
            rmdir "$folder" || exit
        fi
        exec /bin/rm "$@" """,
}


@pytest.fixture
def script(tmp_path):
    for name, body in STAND_INS.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/bash\n{body}\n")
        program.chmod(0o755)
    text = (REPOSITORY / "xnas-ray-job.sh").read_text()
    assert "SECONDS_TO_END=10 " in text
    hurried = tmp_path / "xnas-ray-job.sh"
    hurried.write_text(text.replace("SECONDS_TO_END=10 ", "SECONDS_TO_END=2 "))
    shutil.copymode(REPOSITORY / "xnas-ray-job.sh", hurried)
    return hurried


@pytest.mark.parametrize("status", [0, 130])
def test_a_node_that_does_not_end_changes_nothing_of_how_a_job_ends(
    script, tmp_path, status
):
    job = f"tests-{os.getpid()}"
    search = tmp_path / "deephyper_xnas"
    search.write_text(f"#!/bin/bash\nexit {status}\n")
    search.chmod(0o755)
    folder = tmp_path / "run"
    answer = subprocess.run(
        [script, "--run-dir", folder, "--", "nas", "nsga2"],
        env=os.environ
        | {
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "SLURM_JOB_ID": job,
            "SLURM_JOB_NODELIST": "n[1-2]",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Ray on n2 has not ended" in answer.stderr
    assert answer.returncode == status, answer.stderr
    assert list(Path("/tmp").glob(f"xnas-*-{job}*")) == []
    assert list(folder.glob(".ray-token*")) == []
