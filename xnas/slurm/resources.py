"""``python -m xnas.slurm.resources``: what each worker of a job's nodes may use."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from xnas.errors import UsageError
from xnas.machine import visible_gpus

GPU_STEP = 10_000
"""Ray counts GPUs in ten-thousandths."""


@dataclass(frozen=True)
class Resources:
    """What a node has, and what each of its workers gets.

    Args:
        workers: of a node.
        gpus: of a node.
        cpus_per_worker: whole ones, so that threads can be counted by them.
        gpus_per_worker: one at most; a part of one where workers share it.
    """

    workers: int
    gpus: int
    cpus_per_worker: int
    gpus_per_worker: float


def divide(cpus: int, gpus: int, workers: int | None) -> Resources:
    """Divide a node among its workers.

    Args:
        cpus: of the job on the node.
        gpus: likewise.
        workers: how many; ``None``: one for each GPU, or one.

    Raises:
        UsageError: there are more workers than CPUs.
    """
    if workers is None:
        workers = min(max(1, gpus), cpus)
    if workers > cpus:
        raise UsageError(
            f"--workers-per-node is {workers}, but the job has {cpus} CPU(s) on a node"
        )
    # Rounded down, so that all workers fit on the node.
    gpu_share = min(GPU_STEP, GPU_STEP * gpus // workers) / GPU_STEP
    return Resources(workers, gpus, cpus // workers, gpu_share)


def cpus_of_node(counts: str) -> int:
    """Return the CPUs that every node of a job has.

    Args:
        counts: as Slurm writes them, such as ``16(x3),8``.
    """
    return min(int(count.partition("(")[0]) for count in counts.split(","))


def gpus_of_node(variables: Mapping[str, str]) -> int:
    """Return the GPUs that the job has on this node.

    Args:
        variables: of the environment. Where Slurm does not manage GPUs, those that
            the driver shows count, through ``CUDA_VISIBLE_DEVICES``.

    Raises:
        UsageError: that variable names others.
    """
    count = variables.get("SLURM_GPUS_ON_NODE", "").rpartition(":")[2]
    if count.isdigit():
        return int(count)
    ids = variables.get("SLURM_JOB_GPUS")
    if ids:
        return len(ids.split(","))
    return len(visible_gpus(variables))


def main(arguments: list[str]) -> int:
    """Print workers, GPUs, CPUs of a worker and GPUs of a worker.

    Args:
        arguments: the number of workers of a node, if it is given.

    Returns:
        The exit status.
    """
    workers = int(arguments[0]) if arguments else None
    cpus = cpus_of_node(os.environ.get("SLURM_JOB_CPUS_PER_NODE", "1"))
    try:
        found = divide(cpus, gpus_of_node(os.environ), workers)
    except UsageError as error:
        print(f"xnas-ray-job.sh: {error}", file=sys.stderr)
        return 2
    gpus_per_worker = f"{found.gpus_per_worker:g}"
    print(found.workers, found.gpus, found.cpus_per_worker, gpus_per_worker)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
