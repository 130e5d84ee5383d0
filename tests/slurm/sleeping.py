"""What jobs of the tests evaluate: nothing but time passes."""

import os
import time

HANGS, EATS = 0, 1
"""Remainders of the sum of choices, where evaluations are to misbehave."""


def run(job):
    """Return two objectives that pull apart, or one of them, after a while.

    A real run function reads its settings; this one gets what a test wants through the
    environment of the job, which Ray's nodes hand on to workers.
    """
    choices = job["arch_seq"]
    if os.environ.get("SLEEPING_BADLY") == "1":
        misbehave(sum(choices) % 8)
    time.sleep(float(os.environ.get("SLEEPING_SECONDS", "0.3")))
    first = sum(choices) / (4 * len(choices))
    if os.environ.get("SLEEPING_OBJECTIVES") == "1":
        return first
    second = sum((4 - c) * (i + 1) for i, c in enumerate(choices)) / 84
    gpus = os.environ["CUDA_VISIBLE_DEVICES"]
    found = {"gpus": gpus, "watts": sum(choices[:3])}
    return {"objective": (first, second), "metadata": found}


def misbehave(way):
    """Hang or eat memory, as ``HANGS`` and ``EATS`` say; anything else is harmless."""
    if way == HANGS:
        time.sleep(3600)
    if way == EATS:
        eaten = b"x" * (3 << 30)
        time.sleep(60)
        del eaten
