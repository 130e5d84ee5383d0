"""CPUs and GPUs are counted by what a process may use."""

import os
import subprocess
import sys
from pathlib import Path

import joblib.externals.loky.backend.context as loky
import pytest

from xnas.errors import UsageError
from xnas.machine import (
    GPU,
    MIB,
    choose_gpus,
    cpu_count,
    driver_gpus,
    gpu_memory,
    gpu_memory_in_all,
    gpu_models,
    read_list,
    read_memory,
    visible_gpus,
)
from xnas.workers.resources import fitting_workers, share_gpus, this_machine

LISTED = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-1111)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5bffff-2222)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-3333)
  MIG 3g.20gb     Device  1: (UUID: MIG-cba663e8-4444)
GPU 2: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaaaaaa-5555)
"""
GPUS = read_list(LISTED)
INSTANCES = ["MIG-c6d4f1ef-3333", "MIG-cba663e8-4444"]


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Stands for the driver's tool, which is all that is asked of a driver."""
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<END\n{LISTED}END\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, ["0", *INSTANCES, "2"]),
        ("all", ["0", *INSTANCES, "2"]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("none", []),
        ("void", []),
        ("2,0", ["2", "0"]),
        (" 0, 2 ", ["0", "2"]),
        ("2,-1,0", ["2"]),
        ("0-2", ["0", INSTANCES[0], "2"]),
        ("GPU-aaaa", ["GPU-aaaaaaaa-5555"]),
        ("GPU-5d5ba0d6-1111,2", ["GPU-5d5ba0d6-1111", "2"]),
        (INSTANCES[1], [INSTANCES[1]]),
    ],
)
def test_the_variable_means_gpus_that_the_driver_shows(wanted, found):
    assert choose_gpus(GPUS, wanted) == found


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("3", "names '3', but the GPUs that the driver shows are 0, 1, 2"),
        ("0-3", "names '0-3'"),
        ("GPU-5d5b", "names 'GPU-5d5b'"),
        ("MIG-nothing", "names 'MIG-nothing'"),
        ("some", "names 'some'"),
        ("1,1", "expected each GPU once"),
    ],
)
def test_gpus_that_are_not_there_are_refused(wanted, told):
    with pytest.raises(UsageError, match=told):
        choose_gpus(GPUS, wanted)


def test_where_no_driver_is_nothing_counts(tmp_path):
    for wanted in (None, "all", "NoDevFiles", ""):
        assert choose_gpus([], wanted) == []
    with pytest.raises(UsageError, match="shows are none"):
        choose_gpus([], "0")
    assert driver_gpus("/nowhere", devices=tmp_path) == []
    for name in ("nvidia10", "nvidia2", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    assert driver_gpus("/nowhere", devices=tmp_path) == [GPU("2"), GPU("10")]


def test_workers_share_what_the_driver_shows(driver, monkeypatch):
    assert this_machine(0)[1] == 0
    assert this_machine(1)[1] == 4
    assert share_gpus(4, 1) == [["0"], [INSTANCES[0]], [INSTANCES[1]], ["2"]]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2")
    assert share_gpus(2, 0.5) == [["2"], ["2"]]


def test_a_job_without_gpus_that_asks_for_one_is_refused_in_a_sentence(
    driver, monkeypatch
):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "NoDevFiles")
    assert visible_gpus() == []
    told = r"1, but no node has more than 0 GPUs \(CUDA_VISIBLE_DEVICES is 'NoDevF"
    with pytest.raises(UsageError, match=told):
        fitting_workers([this_machine(1)], 1, 1, here=True)


def test_the_quota_of_a_container_counts(monkeypatch):
    monkeypatch.setattr(loky, "_cpu_count_affinity", lambda count: 64)
    monkeypatch.setattr(loky, "_cpu_count_cgroup", lambda count: 3)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert cpu_count() == 3


def test_a_worker_that_cannot_use_its_gpu_says_so(monkeypatch):
    from xnas.nas_deephyper import nas_run
    from xnas.workers.supervisor import worker_environment

    variables = worker_environment(1, ["0"])
    monkeypatch.setenv("XNAS_WORKER_GPUS", variables["XNAS_WORKER_GPUS"])
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda kind: [])
    with pytest.raises(UsageError, match="given GPU 0, but TensorFlow finds none"):
        nas_run._check_gpus()
    monkeypatch.setenv("XNAS_WORKER_GPUS", "")
    nas_run._check_gpus()


def test_a_worker_can_print_anything(monkeypatch):
    from xnas.workers.supervisor import worker_environment

    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = subprocess.run(
        [sys.executable, "-c", "print('größe \\ud800')"],
        env=worker_environment(1, []),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == "größe \\ud800\n"


def test_loading_tensorflow_hides_gpus_before_anything_is_computed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "import xnas.face.searching as searching\n"
        "from xnas.face.request import Request\n"
        "from xnas.face.task import check_task\n"
        "import tensorflow as tf\n"
        "from tensorflow.python.eager import context\n"
        "hidden = []\n"
        "def hide(devices, kind):\n"
        "    hidden.append((devices, kind, context.context()._context_handle))\n"
        "tf.config.set_visible_devices = hide\n"
        "def stop(*_):\n"
        "    print(hidden)\n"
        "    sys.exit()\n"
        "searching.check_task = stop\n"
        "request = Request(problem='experiments.digits.problem.Problem', seed=1)\n"
        "searching._prepare(request, None, None, print, resume=False)\n"
    )
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert "([], 'GPU', None)" in done.stdout


def test_memory_of_gpus_is_added_up_by_process():
    text = "101, 512\n102, 20\n101, 1\n103, [N/A]\n\nNo running processes found\n"
    assert read_memory(text) == {101: 513 * MIB, 102: 20 * MIB, 103: 0}


def test_without_the_drivers_tool_nothing_is_known_of_gpus():
    assert gpu_memory("/nowhere") == {}
    assert gpu_models("/nowhere") == []
    assert gpu_memory_in_all("/nowhere") == 0
