"""CPUs and GPUs: what there is, and what each worker gets."""

import math
import os
import subprocess

from xnas.errors import UsageError


def cpu_count() -> int:
    """Return how many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def visible_gpus() -> list[str]:
    """Return the GPUs this process may use; none where NVIDIA's tool is missing."""
    limited = os.environ.get("CUDA_VISIBLE_DEVICES")
    if limited is not None:
        return [name for name in limited.split(",") if name not in ("", "-1")]
    query = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.split() if done.returncode == 0 else []


def share_gpus(num_workers: int, num_gpus_per_task: float) -> list[list[str]]:
    """Share this machine's GPUs among its workers.

    Args:
        num_workers: how many workers.
        num_gpus_per_task: GPUs of each; fractions share one.

    Returns:
        The GPUs of each worker.
    """
    if num_gpus_per_task == 0:
        return [[] for _ in range(num_workers)]
    gpus = visible_gpus()
    if num_gpus_per_task >= 1:
        each = int(num_gpus_per_task)
        return [gpus[k * each : (k + 1) * each] for k in range(num_workers)]
    per_gpu = math.floor(1 / num_gpus_per_task + 1e-9)
    return [[gpus[k // per_gpu]] for k in range(num_workers)]


def fitting_workers(
    nodes: list[tuple[float, float]], cpus_per_task: float, gpus_per_task: float
) -> int:
    """Count the workers that fit.

    Args:
        nodes: CPUs and GPUs of each node.
        cpus_per_task: CPUs of a worker.
        gpus_per_task: GPUs of a worker.

    Returns:
        How many workers all nodes hold together, 1 or more.

    Raises:
        UsageError: none fits on any node.
    """
    for flag, wanted, most in (
        ("--num-cpus-per-task", cpus_per_task, max(cpus for cpus, _ in nodes)),
        ("--num-gpus-per-task", gpus_per_task, max(gpus for _, gpus in nodes)),
    ):
        if wanted > most:
            unit = "CPUs" if "cpus" in flag else "GPUs"
            raise UsageError(
                f"{flag} is {wanted:g}, but no node has more than {most:g} {unit}"
            )
    total = sum(_fitting(*node, cpus_per_task, gpus_per_task) for node in nodes)
    if not total:
        raise UsageError(
            f"no node has both {cpus_per_task:g} CPUs (--num-cpus-per-task) and "
            f"{gpus_per_task:g} GPUs (--num-gpus-per-task)"
        )
    return total


def _fitting(
    cpus: float, gpus: float, cpus_per_task: float, gpus_per_task: float
) -> int:
    by_cpu = math.floor(cpus / cpus_per_task + 1e-9)
    if not gpus_per_task:
        return by_cpu
    if gpus_per_task < 1:
        by_gpu = math.floor(gpus) * math.floor(1 / gpus_per_task + 1e-9)
    else:
        by_gpu = math.floor(gpus / gpus_per_task + 1e-9)
    return min(by_cpu, by_gpu)
