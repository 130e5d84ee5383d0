"""The process that evaluates: started by a supervisor, ends with it."""

import asyncio
import inspect
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cloudpickle

from xnas.errors import EvaluationError, is_disk_full
from xnas.objectives import Objective
from xnas.records import DISK_FULL, Candidate, Evaluation, failed
from xnas.workers.output import read_output


@dataclass(frozen=True)
class Task:
    """One evaluation to do.

    Args:
        candidate: what to evaluate.
        parameters: what the search asks for, as the run function is given it.
        search_id: DeepHyper's id of the search.
        log: file for what it prints, ``None`` for nowhere.
    """

    candidate: Candidate
    parameters: dict[str, Any]
    search_id: str = "0"
    log: Path | None = None


@dataclass(frozen=True)
class Work:
    """What a worker does, the same for all its tasks.

    Args:
        run: the run function.
        kwargs: its keyword arguments.
        objectives: what it is to give, or how many numbers; ``None`` for any.
        task_objective: the one that it returns first, with a minus where the task
            minimises.
    """

    run: Callable[..., Any]
    kwargs: dict[str, Any] = field(default_factory=dict)
    objectives: Sequence[Objective] | int | None = None
    task_objective: str | None = None


class WorkerJob(MutableMapping):
    """What a run function is given, with the interface of DeepHyper's RunningJob.

    It spares workers the import of DeepHyper, which takes seconds.

    Args:
        id: DeepHyper's id of the job.
        parameters: what the search asks for.
    """

    def __init__(self, id: str, parameters: dict[str, Any]) -> None:
        self.id = id
        self.parameters = parameters

    def __getitem__(self, key: str) -> Any:
        """Return a parameter, or the job's number for ``job_id``."""
        if key == "job_id":
            return int(self.id.rpartition(".")[2])
        return self.parameters[key]

    def __setitem__(self, key: str, value: Any) -> None:
        """Set a parameter."""
        self.parameters[key] = value

    def __delitem__(self, key: str) -> None:
        """Remove a parameter."""
        del self.parameters[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the parameters."""
        return iter(self.parameters)

    def __len__(self) -> int:
        """Return the number of parameters."""
        return len(self.parameters)


def evaluate(work: Work, task: Task) -> Evaluation:
    """Call the run function; whatever it does but die becomes an evaluation.

    Args:
        work: what to do.
        task: with what.

    Returns:
        The evaluation; tracebacks go to stderr.
    """
    job = WorkerJob(f"{task.search_id}.{task.candidate.id}", task.parameters)
    try:
        output = work.run(job, **work.kwargs)
        if inspect.isawaitable(output):
            output = asyncio.run(_awaited(output))
        return read_output(
            task.candidate, output, work.objectives, work.run, work.task_objective
        )
    except BaseException as error:
        # The disk may be full, which is then the reason itself.
        with suppress(OSError):
            traceback.print_exc()
        return failed(task.candidate, _reason(error))


async def _awaited(output: Any) -> Any:
    return await output


def _reason(error: BaseException) -> str:
    if isinstance(error, EvaluationError):
        return error.reason
    if is_disk_full(error):
        return DISK_FULL
    # TensorFlow's own error for lack of memory, named so that it need not be loaded.
    if (
        isinstance(error, MemoryError)
        or type(error).__name__ == "ResourceExhaustedError"
    ):
        return "out_of_memory"
    return "exception"


@contextmanager
def printing_to(log: Path | None) -> Iterator[None]:
    """Send file descriptors 1 and 2 to a file; an empty one is removed again.

    Args:
        log: the file, ``None`` to change nothing.
    """
    target = None
    # There may be no room left even for an empty file.
    with suppress(OSError):
        if log is not None:
            target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    if log is None or target is None:
        yield
        return
    kept = [os.dup(1), os.dup(2)]
    try:
        os.dup2(target, 1)
        os.dup2(target, 2)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for descriptor in (*kept, target):
            os.close(descriptor)
        with suppress(OSError):
            if not log.stat().st_size:
                log.unlink()


def end_with_supervisor(lifeline: int) -> None:
    """End this process as soon as the supervisor's end of a pipe closes.

    Args:
        lifeline: file descriptor of the pipe's reading end.
    """

    def watch() -> None:
        os.read(lifeline, 1)
        # The worker leads a process group of its own: what it started ends as well.
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def _prepare(work: Work | None) -> None:
    """Do what comes before the first evaluation, which is not on its time.

    Run functions may have an attribute ``prepare`` that takes their keyword arguments.
    What fails here fails again, and is recorded, with the first evaluation.
    """
    prepare = getattr(work and work.run, "prepare", None)
    if work is not None and prepare is not None:
        try:
            prepare(**work.kwargs)
        except BaseException:
            traceback.print_exc()


def main(connection: Connection, lifeline: int) -> None:
    """Serve tasks until the supervisor closes the connection."""
    # Ctrl-C is for the search, which then ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_supervisor(lifeline)
    try:
        work: Work | None = cloudpickle.loads(connection.recv_bytes())
    except EOFError:
        return
    except Exception:
        traceback.print_exc()
        work = None
    with suppress(EOFError, ConnectionError):
        _prepare(work)
        connection.send_bytes(b"ready")
        while True:
            task: Task = connection.recv()
            with printing_to(task.log):
                if work is None:
                    print(
                        "this worker could not load the run function", file=sys.stderr
                    )
                    evaluation = failed(task.candidate, "exception")
                else:
                    evaluation = evaluate(work, task)
            connection.send_bytes(cloudpickle.dumps(evaluation))
