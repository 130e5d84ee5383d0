"""Dividing what a node has among its workers."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.errors import UsageError
from xnas.slurm.resources import cpus_of_node, divide, gpus_of_node

COUNTS = st.integers(1, 256)


@given(COUNTS, st.integers(0, 16), st.none() | COUNTS)
def test_all_workers_of_a_node_fit_on_it(cpus, gpus, workers):
    if workers is not None and workers > cpus:
        with pytest.raises(UsageError, match=f"{workers}, but the job has {cpus}"):
            divide(cpus, gpus, workers)
        return
    found = divide(cpus, gpus, workers)
    assert 1 <= found.cpus_per_worker * found.workers <= cpus
    assert found.gpus_per_worker * found.workers <= gpus
    assert 0 <= found.gpus_per_worker <= 1
    assert (found.gpus_per_worker > 0) == (gpus > 0)


@given(COUNTS, st.integers(1, 16))
def test_each_gpu_has_a_worker_of_its_own_unless_told_otherwise(cpus, gpus):
    found = divide(cpus, gpus, None)
    assert found.workers == min(cpus, gpus)
    assert found.gpus_per_worker == 1


def test_without_gpus_one_worker_has_all_cpus():
    found = divide(48, 0, None)
    assert (found.workers, found.cpus_per_worker, found.gpus_per_worker) == (1, 48, 0)


def test_the_node_with_the_fewest_cpus_decides():
    assert cpus_of_node("16") == 16
    assert cpus_of_node("16(x3),8") == 8
    assert cpus_of_node("4,16(x15)") == 4


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({}, 0),
        ({"SLURM_GPUS_ON_NODE": "4", "SLURM_JOB_GPUS": "0"}, 4),
        ({"SLURM_GPUS_ON_NODE": "a100:2"}, 2),
        ({"SLURM_JOB_GPUS": "0,3,5"}, 3),
    ],
)
def test_gpus_are_those_that_slurm_gives(variables, count):
    assert gpus_of_node({"PATH": "/nowhere"} | variables) == count


def test_without_slurm_s_word_gpus_are_those_of_the_driver(tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'GPU 0: A'\necho 'GPU 1: A'\n")
    program.chmod(0o755)
    assert gpus_of_node({"PATH": str(tmp_path)}) == 2
    program.write_text("#!/bin/sh\necho 'No devices were found'\nexit 6\n")
    assert gpus_of_node({"PATH": str(tmp_path)}) == 0


def test_too_many_workers_are_refused_in_one_sentence():
    told = subprocess.run(
        [sys.executable, "-m", "xnas.slurm.resources", "3"],
        env={"SLURM_JOB_CPUS_PER_NODE": "2(x4)", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr == (
        "xnas-ray-job.sh: --workers-per-node is 3, but the job has 2 CPU(s) on a node\n"
    )
