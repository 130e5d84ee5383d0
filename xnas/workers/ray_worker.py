"""The Ray actor that supervises a worker process on the node it was placed on."""

import os
import socket
from pathlib import Path

from xnas.records import Evaluation
from xnas.workers.supervisor import SupervisedWorker, worker_environment
from xnas.workers.worker import Task

# Read by Ray when it loads; each silences a message or a report to its makers.
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray

__all__ = ["RayWorker", "ray"]


class RayWorker:
    """The actor: supervises a worker process on whatever node it was placed.

    Args:
        work: pickled work of the worker.
        num_cpus: CPUs of the worker.
        memory_limit: bytes of resident memory, ``None`` for no limit.
        log: file for what the worker prints outside of evaluations.
    """

    def __init__(
        self, work: bytes, num_cpus: float, memory_limit: int | None, log: Path | None
    ) -> None:
        gpus = [str(gpu) for gpu in ray.get_gpu_ids()]
        environment = worker_environment(num_cpus, gpus)
        self._worker = SupervisedWorker(work, environment, memory_limit, log)

    def host_and_node(self) -> tuple[str, str]:
        """Return the name of the host and Ray's id of the node."""
        return socket.gethostname(), ray.get_runtime_context().get_node_id()

    def evaluate(self, task: Task, timeout: float | None) -> Evaluation:
        """Have a task evaluated."""
        return self._worker.evaluate(task, timeout)
