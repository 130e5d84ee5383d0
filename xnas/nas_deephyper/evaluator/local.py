"""Workers of this machine."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from deephyper.evaluator import HPOJob

from xnas.nas_deephyper.evaluator.base import WorkerHandle, XNASEvaluator
from xnas.records import Evaluation
from xnas.workers.resources import share_gpus
from xnas.workers.supervisor import SupervisedWorker, worker_environment
from xnas.workers.worker import Task


class LocalHandle(WorkerHandle):
    """A worker process of this machine, watched from a thread.

    Args:
        worker: the worker.
        threads: where its supervisor waits.
    """

    def __init__(self, worker: SupervisedWorker, threads: ThreadPoolExecutor) -> None:
        self.host = socket.gethostname()
        self._worker = worker
        self._threads = threads

    async def start(self) -> None:
        """Return at once: the process starts with its first task."""

    async def evaluate(self, task: Task, timeout: float | None) -> Evaluation:
        """Have a task evaluated."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._worker.evaluate, task, timeout
        )

    def stop(self) -> None:
        """End the worker."""
        self._worker.stop()


class ProcessEvaluator(XNASEvaluator):
    """Evaluates in worker processes of this machine.

    Args:
        run_function: evaluates one network.
        num_workers: how many worker processes.
        **kwargs: see :class:`~xnas.nas_deephyper.evaluator.base.XNASEvaluator`.
    """

    def __init__(self, run_function: Any, *, num_workers: int, **kwargs: Any) -> None:
        super().__init__(run_function, num_workers=num_workers, **kwargs)
        self._gpus = share_gpus(num_workers, self.num_gpus_per_task)
        self._threads: ThreadPoolExecutor | None = None

    def _make_handle(self, number: int) -> WorkerHandle:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.num_workers)
        worker = SupervisedWorker(
            self._work,
            worker_environment(self.num_cpus_per_task, self._gpus[number]),
            self.memory_per_worker,
            self._log_of(number),
        )
        return LocalHandle(worker, self._threads)

    def close(self) -> list[HPOJob]:
        """End the workers and, with them, what still runs.

        Returns:
            Jobs that were cancelled.
        """
        jobs = super().close()
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        return jobs
