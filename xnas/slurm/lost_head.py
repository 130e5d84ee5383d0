"""Requeues a job whose first node is gone.

With ``--no-kill`` a job outlives each of its nodes, so that a search can go on without
one. But then nobody ends it when the first one is lost, with the batch script on it.
"""

import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import suppress

SECONDS_BETWEEN_LOOKS = 5.0


def outlive(address: str, is_over: threading.Event) -> None:
    """Find out why Ray ended on this node, and requeue the job if that is left to us.

    Args:
        address: ``host:port`` of Ray's head. While it answers, the search goes on.
        is_over: set once the job is being ended by others.
    """
    while not is_over.is_set() and not _answers(address):
        if _is_ours_to_requeue():
            print("the first node of the job is gone: requeueing the job", flush=True)
            _scontrol("requeue", _job())
            return
        is_over.wait(SECONDS_BETWEEN_LOOKS)


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), 3):
        return True
    return False


def _is_ours_to_requeue() -> bool:
    """Whether the job runs on without its first node, and this is its first one now."""
    about = dict(re.findall(r"(\S+?)=(\S*)", _scontrol("show", "job", _job())))
    nodes = _scontrol("show", "hostnames", about.get("NodeList", "")).split()
    return (
        about.get("JobState") == "RUNNING"
        and about.get("Restarts") == os.environ.get("SLURM_RESTART_COUNT", "0")
        and about.get("BatchHost") not in nodes
        and nodes[:1] == [os.environ.get("SLURMD_NODENAME")]
    )


def _job() -> str:
    return os.environ["SLURM_JOB_ID"]


def _scontrol(*arguments: str) -> str:
    """Return what scontrol prints; nothing if it fails, which is told on stderr."""
    with suppress(subprocess.TimeoutExpired):
        return subprocess.run(
            ["scontrol", *arguments],
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            text=True,
            check=False,
            timeout=60,
        ).stdout
    return ""
