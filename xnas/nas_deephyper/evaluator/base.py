"""What the evaluators share: free workers, DeepHyper's bookkeeping, endings."""

import abc
import asyncio
import logging
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import cloudpickle
from deephyper.evaluator import Evaluator, HPOJob, Job, JobStatus
from deephyper.evaluator.storage import MemoryStorage

from xnas.errors import (
    DiskFullError,
    MissingObjectiveError,
    NoWorkersError,
    UsageError,
)
from xnas.objectives import Objective
from xnas.records import DISK_FULL, RESERVED, Candidate, Evaluation, failed
from xnas.results.heartbeat import Running
from xnas.workers.output import MISSING
from xnas.workers.supervisor import ATTEMPTS
from xnas.workers.worker import Task, Work

logger = logging.getLogger(__name__)


SECONDS_WITHOUT_WORKERS = 300.0
"""How long to wait while no worker is left or none could start yet."""

SECONDS_BETWEEN_STARTS = 5.0

SECONDS_TO_BEGIN = 0.001
"""For what was submitted to reach its workers before more is thought of."""

MOVES = 5
"""Workers that one evaluation may lose to their nodes; it might be what kills them."""


class WorkerLost(Exception):  # noqa: N818 - what happened, handled here
    """A worker is gone together with what it evaluated.

    Args:
        reason: for the log.
        with_node: whether its whole node was lost, which is not the evaluation's fault.
    """

    def __init__(self, reason: str, *, with_node: bool) -> None:
        super().__init__(reason)
        self.with_node = with_node


class WorkerHandle(abc.ABC):
    """Hands evaluations to one worker, one at a time."""

    host: str | None = None
    """Where that is, once it is known."""

    @abc.abstractmethod
    async def start(self) -> None:
        """Wait until the worker can evaluate.

        Raises:
            WorkerLost: it never will be.
        """

    @abc.abstractmethod
    async def evaluate(self, task: Task, timeout: float | None) -> Evaluation:
        """Have a task evaluated.

        Raises:
            WorkerLost: the worker is gone.
        """

    @abc.abstractmethod
    def stop(self) -> None:
        """End what runs here, at once and for good."""


class _JobsInMemory(MemoryStorage):
    """DeepHyper's, without a deep copy of a job for each look at its status."""

    def load_job_status(self, job_id: Hashable) -> int:
        """Return the status of a job."""
        return int(self.load_jobs([job_id])[job_id]["status"])


class XNASEvaluator(Evaluator):
    """Evaluates through long-lived workers; owns its search alone.

    Args:
        run_function: evaluates one network.
        num_workers: how many evaluations run at a time.
        num_cpus_per_task: CPUs, and TensorFlow threads, of each worker.
        num_gpus_per_task: GPUs of each; fractions share one.
        memory_per_worker: bytes of resident memory above which one is replaced.
        evaluation_timeout: seconds after which an evaluation has failed.
        run_function_kwargs: keyword arguments of the run function.
        objectives: what it is to give, or how many numbers; ``None`` for any.
        task_objective: the one that it returns first, with a minus where the task
            minimises.
        recorded: names of metadata that it is to give besides, as the first success
            shows.
        log_dir: folder for what evaluations print, ``None`` for nowhere.
        callbacks: DeepHyper's callbacks.

    Raises:
        UsageError: a limit is not above 0.
    """

    def __init__(
        self,
        run_function: Callable[..., Any],
        *,
        num_workers: int,
        num_cpus_per_task: float = 1,
        num_gpus_per_task: float = 0,
        memory_per_worker: int | None = None,
        evaluation_timeout: float | None = None,
        run_function_kwargs: dict[str, Any] | None = None,
        objectives: Sequence[Objective] | int | None = None,
        task_objective: str | None = None,
        recorded: Sequence[str] = (),
        log_dir: str | Path | None = None,
        callbacks: Sequence[Any] = (),
    ) -> None:
        for flag, limit in (
            ("--evaluation-timeout", evaluation_timeout),
            ("--memory-per-worker", memory_per_worker),
        ):
            if limit is not None and not limit > 0:
                raise UsageError(f"{flag} is {limit}, expected above 0")
        super().__init__(
            run_function,
            num_workers=num_workers,
            callbacks=list(callbacks),
            storage=_JobsInMemory(),
            run_function_kwargs=run_function_kwargs,
        )
        self._job_class = HPOJob
        self.num_cpus_per_task = num_cpus_per_task
        self.num_gpus_per_task = num_gpus_per_task
        self.memory_per_worker = memory_per_worker
        self.evaluation_timeout = evaluation_timeout
        self.log_dir = None if log_dir is None else Path(log_dir)
        self._unseen = set(recorded) - set(RESERVED)
        self._work = cloudpickle.dumps(
            Work(run_function, self.run_function_kwargs, objectives, task_objective)
        )
        self._handles: dict[int, WorkerHandle] = {}
        self._running: dict[int, tuple[int, float]] = {}
        self._starting: set[asyncio.Task] = set()
        self._free: asyncio.Queue[int] = asyncio.Queue()

    @abc.abstractmethod
    def _make_handle(self, number: int) -> WorkerHandle:
        """Make the handle of one worker."""

    def _log_of(self, worker: int) -> Path | None:
        """Return the file for what a worker prints outside of evaluations."""
        return self.log_dir and self.log_dir / f"worker-{worker}.log"

    def running(self) -> tuple[Running, ...]:
        """Tell what is evaluated now, in order of the evaluations' numbers."""
        return tuple(
            Running(number, worker, self._handles[worker].host, since)
            # A copy, since other threads ask, too.
            for number, (worker, since) in sorted(dict(self._running).items())
        )

    @property
    def num_ready(self) -> int:
        """Workers that evaluate or could."""
        return len(self._handles) - len(self._starting)

    async def execute(self, job: Job) -> Job:
        """Evaluate one job on a free worker, on another one if that is lost.

        Args:
            job: DeepHyper's job.

        Returns:
            The job with its output; ``CANCELLED`` if the search's time was up.

        Raises:
            DiskFullError: the evaluation could not write its files.
            NoWorkersError: no worker is left.
        """
        if not self._handles:
            self._start_workers()
        task = self._task_of(job)
        deaths = {True: 0, False: 0}
        while True:
            try:
                async with asyncio.timeout(self.time_left):
                    number = await self._free_worker()
            except TimeoutError:
                return self._cancelled(job)
            job.status = JobStatus.RUNNING
            try:
                evaluation = await self._evaluate(number, task)
            except WorkerLost as lost:
                logger.warning("evaluation %s: %s", task.candidate.id, lost)
                self._replace(number)
                deaths[lost.with_node] += 1
                if deaths[False] < ATTEMPTS and deaths[True] < MOVES:
                    continue
                evaluation = failed(task.candidate, "worker_died")
            else:
                if evaluation is None:
                    return self._cancelled(job)
                self._free.put_nowait(number)
            return self._done(job, evaluation.having(worker=number))

    def _done(self, job: Job, evaluation: Evaluation) -> Job:
        """Hand an evaluation over with its job.

        Raises:
            DiskFullError: the evaluation could not write its files.
            MissingObjectiveError: the run function lacks an objective, or what is to be
                recorded.
        """
        if evaluation.failure == DISK_FULL:
            raise DiskFullError(
                f"evaluation {evaluation.id} found no space left to write to"
            )
        if evaluation.failure == MISSING:
            raise MissingObjectiveError(str(evaluation.metadata["message"]))
        if evaluation.objectives is not None:
            if missing := self._unseen - set(evaluation.metadata):
                raise MissingObjectiveError(
                    f"--record: {min(missing)} is missing: the run function gives "
                    f"{', '.join(evaluation.metadata) or 'no metadata'}"
                )
            # Later ones may lack it: a value that only some networks have.
            self._unseen = set()
        job.evaluation = evaluation
        return self._update_job_when_done(job, evaluation.as_output())

    async def _evaluate(self, worker: int, task: Task) -> Evaluation | None:
        """Evaluate on one worker; ``None`` if the search's time was up."""
        handle = self._handles[worker]
        self._running[task.candidate.id] = worker, time.time()
        evaluating = asyncio.ensure_future(
            handle.evaluate(task, self.evaluation_timeout)
        )
        try:
            async with asyncio.timeout(self.time_left):
                return await asyncio.shield(evaluating)
        except TimeoutError:
            handle.stop()
            with suppress(WorkerLost):
                await evaluating
            self._replace(worker)
            return None
        except asyncio.CancelledError:
            handle.stop()
            with suppress(BaseException):
                await evaluating
            raise
        finally:
            del self._running[task.candidate.id]

    def _start_workers(self) -> None:
        if self.log_dir is not None:
            self.log_dir.mkdir(parents=True, exist_ok=True)
        self._free = asyncio.Queue()
        for number in range(self.num_workers):
            self._start(number)

    def _start(self, worker: int) -> None:
        # At once: without handles, the next evaluation would start the workers again.
        self._handles[worker] = self._make_handle(worker)
        starting = asyncio.ensure_future(self._start_until_ready(worker))
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)

    async def _start_until_ready(self, worker: int) -> None:
        while True:
            try:
                await self._handles[worker].start()
            except WorkerLost as lost:
                # Its node may have gone while it started; another has room, or will.
                logger.warning("worker %d could not start: %s", worker, lost)
            except Exception:
                # Nobody waits for this task: unless it is told here, it never is.
                logger.exception("worker %d could not start", worker)
            else:
                self._free.put_nowait(worker)
                return
            await asyncio.sleep(SECONDS_BETWEEN_STARTS)
            self._handles[worker] = self._make_handle(worker)

    def _stop_starting(self) -> None:
        starting = list(self._starting)
        for task in starting:
            task.cancel()
        if starting and self.loop is not None and not self.loop.is_closed():
            self.loop.run_until_complete(asyncio.wait(starting))

    def _replace(self, worker: int) -> None:
        self._handles[worker].stop()
        self._start(worker)

    async def _free_worker(self) -> int:
        while True:
            try:
                async with asyncio.timeout(SECONDS_WITHOUT_WORKERS):
                    return await self._free.get()
            except TimeoutError:
                if not self._running:
                    raise NoWorkersError(
                        "no worker could be started for "
                        f"{SECONDS_WITHOUT_WORKERS:g} seconds"
                    ) from None

    def _task_of(self, job: Job) -> Task:
        search, _, number = job.id.rpartition(".")
        parameters = dict(job.args)
        # Searches of this package number their evaluations themselves.
        candidate = Candidate(
            parameters.pop("evaluation_id", int(number)),
            tuple(parameters.get("arch_seq", ())),
            replicate=parameters.get("replicate", 0),
        )
        log = self.log_dir and self.log_dir / f"{candidate.id}.log"
        return Task(candidate, parameters, search, log)

    def _cancelled(self, job: Job) -> Job:
        job.status = JobStatus.CANCELLED
        return self._update_job_when_done(
            job, {"objective": "F_CANCELLED", "metadata": {}}
        )

    def gather(self, type: str, size: int = 1) -> Any:
        """Collect what has ended.

        Args:
            type: ``ALL``, or ``BATCH`` for ``size`` evaluations at least.
            size: 0 lets what was submitted begin, and does not wait for any to end.
        """
        if type == "BATCH" and not size and self._tasks_running:
            self.loop.run_until_complete(self._let_begin())
        return super().gather(type, size)

    async def _let_begin(self) -> None:
        self._tasks_done, _ = await asyncio.wait(
            self._tasks_running, timeout=SECONDS_TO_BEGIN
        )

    def gather_other_jobs_done(self) -> list[Job]:
        """Return nothing: DeepHyper's search for others' jobs costs n² in all."""
        return []

    def close(self) -> list[HPOJob]:
        """End the workers and, with them, what still runs.

        Returns:
            Jobs that were cancelled.
        """
        self._stop_starting()
        for handle in self._handles.values():
            handle.stop()
        # What ended the search was raised once already; DeepHyper would do it again.
        self._tasks_running[:] = [
            task
            for task in self._tasks_running
            if not task.done() or task.cancelled() or task.exception() is None
        ]
        jobs = super().close()
        self._handles = {}
        return jobs
