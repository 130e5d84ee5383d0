"""CPUs and GPUs: what each worker gets."""

import math
import os

from xnas.errors import UsageError
from xnas.machine import VISIBLE, cpu_count, visible_gpus


def this_machine(gpus_per_task: float) -> tuple[float, float]:
    """Return the CPUs and GPUs of this machine that this process may use.

    Args:
        gpus_per_task: GPUs of a worker; without any, none are counted.

    Raises:
        UsageError: GPUs are wanted, and ``CUDA_VISIBLE_DEVICES`` names others than
            there are.
    """
    return float(cpu_count()), float(len(visible_gpus()) if gpus_per_task else 0)


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
    nodes: list[tuple[float, float]],
    cpus_per_task: float,
    gpus_per_task: float,
    *,
    here: bool = False,
) -> int:
    """Count the workers that fit.

    Args:
        nodes: CPUs and GPUs of each node.
        cpus_per_task: CPUs of a worker.
        gpus_per_task: GPUs of a worker.
        here: whether the node is this machine.

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
                + _limited(here and unit == "GPUs")
            )
    total = sum(_fitting(*node, cpus_per_task, gpus_per_task) for node in nodes)
    if not total:
        raise UsageError(
            f"no node has both {cpus_per_task:g} CPUs (--num-cpus-per-task) and "
            f"{gpus_per_task:g} GPUs (--num-gpus-per-task)"
        )
    return total


def _limited(by_variable: bool) -> str:
    value = os.environ.get(VISIBLE) if by_variable else None
    return "" if value is None else f" ({VISIBLE} is {value!r})"


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
