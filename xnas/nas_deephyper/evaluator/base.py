"""What the evaluators share: free workers, DeepHyper's bookkeeping, endings."""

import abc
import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import cloudpickle
from deephyper.evaluator import Evaluator, HPOJob, Job, JobStatus

from xnas.nas_deephyper.workers.outcome import Outcome
from xnas.nas_deephyper.workers.worker import Task, Work


class Slot(abc.ABC):
    """A place where one evaluation runs at a time."""

    @abc.abstractmethod
    async def evaluate(self, task: Task, timeout: float | None) -> Outcome:
        """Have a task evaluated."""

    @abc.abstractmethod
    def stop(self) -> None:
        """End what runs here, at once and for good."""


class XNASEvaluator(Evaluator):
    """Evaluates through long-lived workers; owns its search alone.

    Args:
        run_function: evaluates one network.
        num_workers: how many evaluations run at a time.
        evaluation_timeout: seconds after which an evaluation has failed.
        run_function_kwargs: keyword arguments of the run function.
        num_objectives: how many objectives it should return, ``None`` for any.
        log_dir: folder for what evaluations print, ``None`` for nowhere.
        callbacks: DeepHyper's callbacks.
    """

    def __init__(
        self,
        run_function: Callable[..., Any],
        *,
        num_workers: int,
        evaluation_timeout: float | None = None,
        run_function_kwargs: dict[str, Any] | None = None,
        num_objectives: int | None = None,
        log_dir: Path | None = None,
        callbacks: Sequence[Any] = (),
    ) -> None:
        super().__init__(
            run_function,
            num_workers=num_workers,
            callbacks=list(callbacks),
            run_function_kwargs=run_function_kwargs,
        )
        self._job_class = HPOJob
        self.evaluation_timeout = evaluation_timeout
        self.log_dir = log_dir
        self._work = cloudpickle.dumps(
            Work(run_function, self.run_function_kwargs, num_objectives)
        )
        self._slots: list[Slot] = []
        self._free: list[int] = []

    @abc.abstractmethod
    def _make_slot(self, number: int) -> Slot:
        """Make the slot of one worker."""

    @property
    def num_in_flight(self) -> int:
        """Evaluations handed out and not gathered."""
        return len(self._tasks_running)

    async def execute(self, job: Job) -> Job:
        """Evaluate one job on a free worker.

        Args:
            job: DeepHyper's job.

        Returns:
            The job with its output; ``CANCELLED`` if the search's time was up.
        """
        async with self.sem:
            if not self._slots:
                if self.log_dir is not None:
                    self.log_dir.mkdir(parents=True, exist_ok=True)
                self._slots = [self._make_slot(k) for k in range(self.num_workers)]
                self._free = list(reversed(range(self.num_workers)))
            number = self._free.pop()
            job.status = JobStatus.RUNNING
            task = Task(job.id, job.args, self._log_of(job))
            evaluating = asyncio.ensure_future(
                self._slots[number].evaluate(task, self.evaluation_timeout)
            )
            try:
                outcome = await asyncio.wait_for(
                    asyncio.shield(evaluating), timeout=self.time_left
                )
            except TimeoutError:
                self._slots[number].stop()
                await evaluating
                self._slots[number] = self._make_slot(number)
                job.status = JobStatus.CANCELLED
                outcome = Outcome("F_CANCELLED")
            except asyncio.CancelledError:
                self._slots[number].stop()
                with suppress(BaseException):
                    await evaluating
                raise
            self._free.append(number)
            metadata = {**outcome.metadata, "worker": number}
            return self._update_job_when_done(
                job, {"objective": outcome.objective, "metadata": metadata}
            )

    def gather_other_jobs_done(self) -> list[Job]:
        """Return nothing: DeepHyper's search for others' jobs costs n² in all."""
        return []

    def close(self) -> list[HPOJob]:
        """End the workers and, with them, what still runs.

        Returns:
            Jobs that were cancelled.
        """
        for slot in self._slots:
            slot.stop()
        jobs = super().close()
        self._slots = []
        return jobs

    def _log_of(self, job: Job) -> Path | None:
        if self.log_dir is None:
            return None
        return self.log_dir / f"{job.id.rpartition('.')[2]}.log"
