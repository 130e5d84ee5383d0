"""A stand-in for Ray that is hard to end, and what is left of it: nothing."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from machines import wait_until

STUBBORN = """\
#!/bin/bash
trap '' TERM INT HUP
for argument; do case $argument in --temp-dir=*) folder=${argument#*=};; esac; done
setsid bash -c 'trap "" TERM; touch "$0/child"; sleep 3600; :' "$folder" &
touch "$folder/started"
sleep 3600
"""


@pytest.fixture
def ray_node(tmp_path):
    program = tmp_path / "ray"
    program.write_text(STUBBORN)
    program.chmod(0o755)
    left = tmp_path / "ray-17.before"
    left.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "xnas.slurm.ray_node", tmp_path / "ray-17.now"],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdin=subprocess.PIPE,
        text=True,
    )
    wait_until((tmp_path / "ray-17.now" / "child").exists, 120, "the start")
    assert not left.exists()
    assert (tmp_path / "ray-17.now").stat().st_mode & 0o777 == 0o700
    yield process
    process.kill()
    process.wait()
    process.stdin.close()


def of_ray(tmp_path):
    found = []
    for process in psutil.process_iter():
        try:
            if str(tmp_path) in process.environ().get("XNAS_RAY_DIRECTORY", ""):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("way", ["line", "close", "terminate", "ray dies"])
def test_whichever_way_a_node_ends_nothing_of_its_ray_is_left(ray_node, tmp_path, way):
    assert len(of_ray(tmp_path)) >= 3
    if way == "line":
        ray_node.stdin.write("end\n")
        ray_node.stdin.flush()
    elif way == "close":
        ray_node.stdin.close()
    elif way == "terminate":
        ray_node.send_signal(signal.SIGTERM)
    else:
        psutil.Process(ray_node.pid).children()[0].kill()
    assert ray_node.wait(120) == 128 + signal.SIGKILL
    assert of_ray(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["ray"]
