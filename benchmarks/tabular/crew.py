"""Worker processes that train cells."""

import errno
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import TYPE_CHECKING, Any

import cloudpickle

from benchmarks.tabular.cells import Job
from benchmarks.tabular.settings import TableSettings
from xnas.nas_deephyper.cell_table import TableRow
from xnas.records import DISK_FULL, Candidate, Evaluation
from xnas.workers.supervisor import SupervisedWorker, worker_environment
from xnas.workers.worker import Task, Work

if TYPE_CHECKING:
    from xnas.evaluation.trainer import NetworkTrainer


class CellEvaluation:
    """The run function of a worker, which makes its trainer once.

    Args:
        settings: of the table.
    """

    def __init__(self, settings: TableSettings) -> None:
        self._settings = settings
        self._trainer: NetworkTrainer | None = None

    def __call__(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Train and score one cell.

        Args:
            job: ``arch_seq`` and ``run_seed``.

        Returns:
            What a run function returns.
        """
        # Here, since the process that hands out the work needs no TensorFlow.
        from xnas.evaluation.trainers import make_trainer
        from xnas.nas_deephyper.nas_run import evaluation_seed

        if self._trainer is None:
            problem = self._settings.load_problem()
            self._trainer = make_trainer(self._settings.trainer, problem)
        genotype = tuple(job["arch_seq"])
        seed = evaluation_seed(job["run_seed"], genotype)
        network = self._trainer.evaluate(genotype, seed=seed)
        started = time.perf_counter()
        score = network.class_activations().score()
        return {
            "objective": (network.objective, score),
            "metadata": {
                "n_parameters": network.n_parameters,
                "training_time": round(network.training_time, 3),
                "xai_time": round(time.perf_counter() - started, 3),
            },
        }


class Crew:
    """Worker processes of one thread each; they live until the context ends.

    Args:
        settings: of the table.
        n_workers: how many processes.
        logs: folder for what evaluations print; an empty file is removed again.
    """

    def __init__(self, settings: TableSettings, n_workers: int, logs: Path) -> None:
        work = cloudpickle.dumps(Work(CellEvaluation(settings), objectives=2))
        self._logs = logs
        self._workers = [
            SupervisedWorker(work, worker_environment(1, []), log=logs / f"worker-{i}")
            for i in range(n_workers)
        ]
        self._idle: Queue[SupervisedWorker] = Queue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(n_workers)

    def rows(self, jobs: Sequence[Job]) -> Iterator[TableRow]:
        """Yield the rows of jobs as they finish, failed ones included.

        Raises:
            OSError: a worker had no space left on the disk.
        """
        pending = [self._threads.submit(self._row, job) for job in jobs]
        for finished in as_completed(pending):
            yield finished.result()

    def _row(self, job: Job) -> TableRow:
        (genotype, run_seed), worker = job, self._idle.get()
        cell = "".join(map(str, genotype))
        log = self._logs / f"{cell}-{run_seed}.log"
        parameters = {"arch_seq": list(genotype), "run_seed": run_seed}
        task = Task(Candidate(0, tuple(genotype)), parameters, log=log)
        try:
            evaluation = worker.evaluate(task)
        finally:
            self._idle.put(worker)
        return _row_of(cell, run_seed, evaluation)

    def __enter__(self) -> "Crew":
        """Use it as a context."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workers and what they do."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown()


def _row_of(cell: str, run_seed: int, evaluation: Evaluation) -> TableRow:
    if evaluation.failure == DISK_FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if evaluation.objectives is None:
        reason = str(evaluation.failure).removeprefix("F_")
        return TableRow(cell, run_seed, failure=reason)
    accuracy, score = evaluation.objectives
    names = ("n_parameters", "training_time", "xai_time")
    known = {name: evaluation.metadata[name] for name in names}
    return TableRow(cell, run_seed, accuracy, score, **known)
