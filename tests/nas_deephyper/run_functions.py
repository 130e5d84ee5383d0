"""Run functions that do what run functions must not."""

import os
import sys
import threading
import time
from pathlib import Path

import numpy as np

from xnas.errors import EvaluationError

imports = 0
calls = 0
imports += 1


def good(job):
    global calls
    calls += 1
    return {
        "objective": (float(job["x"]), 0.5),
        "metadata": {
            "pid": os.getpid(),
            "calls": calls,
            "imports": imports,
            "threads": os.environ["TF_NUM_INTRAOP_THREADS"],
            "gpus": os.environ["CUDA_VISIBLE_DEVICES"],
        },
    }


async def awaited(job):
    return good(job)


def with_arguments(job, factor, offset=0):
    return job["x"] * factor + offset


def returns(job):
    """Return one of several forms, by the number of the job."""
    return [
        1,
        np.float32(1.5),
        np.array([1.0, 2.0]),
        (1, float("-inf")),
        float("-inf"),
        "F_mine",
        {"objective": 2, "metadata": {"count": np.int64(3)}},
    ][job["job_id"]]


def nonsense(job):
    """Return one of several things that are no objective."""
    return [
        None,
        "good",
        [],
        {},
        {"objective": None},
        {"objective": 1, "metadata": 3},
        float("inf"),
        True,
        object(),
        np.zeros((2, 2)),
    ][job["job_id"]]


def nan(job):
    return (1.0, float("nan"))


def raises(job):
    print("about to fail")
    raise RuntimeError("this network cannot be built")


def names_its_reason(job):
    raise EvaluationError("nan", "the loss is NaN")


def memory_error(job):
    raise MemoryError


def leaves(job):
    sys.exit(3)


def hangs(job):
    if job["x"]:
        time.sleep(3600)
    return good(job)


def eats_memory(job):
    if not job["x"]:
        return good(job)
    eaten = []
    while True:
        eaten.append(np.ones(2**20))
        time.sleep(0.01)


kept = []


def keeps_memory(job):
    kept.append(np.ones(2**22))
    return good(job)


def keeps_much(job):
    kept.append(np.ones(120 * 2**17))
    time.sleep(0.6)
    return good(job)


def odd_metadata(job):
    return {"objective": 1, "metadata": {"lock": threading.Lock()}}


def dies(job):
    if job["x"]:
        os._exit(7)
    return good(job)


def killed_once(job):
    """Die the first time, as of something that is not the evaluation's fault."""
    marker = Path(job["marker"])
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), 9)
    return good(job)


def prints(job):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    os.system("echo from a child")
    return good(job)


def prepared(job, seconds):
    return good(job)


def _prepare(seconds):
    time.sleep(seconds)
    if seconds < 0.1:
        raise RuntimeError("nothing can be prepared")


prepared.prepare = _prepare


def sleeps(job):
    time.sleep(job["x"])
    return good(job)
