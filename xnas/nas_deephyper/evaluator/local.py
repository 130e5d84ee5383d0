"""Workers of this machine."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from deephyper.evaluator import HPOJob

from xnas.nas_deephyper.evaluator.base import WorkerHandle, XNASEvaluator
from xnas.records import Evaluation
from xnas.workers.resources import share_gpus
from xnas.workers.supervisor import (
    SupervisedWorker,
    worker_environment,
)
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
        evaluation = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._worker.evaluate, task, timeout
        )
        return evaluation.having(host=self.host)

    def stop(self) -> None:
        """End the worker."""
        self._worker.stop()


class ProcessEvaluator(XNASEvaluator):
    """Evaluates in worker processes of this machine.

    Args:
        run_function: evaluates one network.
        num_workers: how many worker processes.
        num_cpus_per_task: CPUs, and TensorFlow threads, of each.
        num_gpus_per_task: GPUs of each; fractions share one.
        memory_per_worker: bytes of resident memory above which one is replaced.
        **kwargs: see :class:`~xnas.nas_deephyper.evaluator.base.XNASEvaluator`.
    """

    def __init__(
        self,
        run_function: Any,
        *,
        num_workers: int,
        num_cpus_per_task: float = 1,
        num_gpus_per_task: float = 0,
        memory_per_worker: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(run_function, num_workers=num_workers, **kwargs)
        self.num_cpus_per_task = num_cpus_per_task
        self.memory_per_worker = memory_per_worker
        self._gpus = share_gpus(num_workers, num_gpus_per_task)
        self._threads: ThreadPoolExecutor | None = None

    def _make_handle(self, number: int) -> WorkerHandle:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.num_workers)
        worker = SupervisedWorker(
            self._work,
            worker_environment(self.num_cpus_per_task, self._gpus[number]),
            self.memory_per_worker,
            self.log_dir / f"worker-{number}.log" if self.log_dir else None,
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


class SerialEvaluator(ProcessEvaluator):
    """Evaluates one network at a time, in one worker process.

    Args:
        run_function: evaluates one network.
        **kwargs: see :class:`ProcessEvaluator`.
    """

    def __init__(self, run_function: Any, **kwargs: Any) -> None:
        super().__init__(run_function, num_workers=1, **kwargs)
