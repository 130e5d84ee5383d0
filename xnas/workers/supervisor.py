"""One worker process under supervision: time, memory and life."""

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import cloudpickle
import psutil

from xnas.errors import is_disk_full
from xnas.records import Evaluation, Times, failed
from xnas.workers.worker import Task

ATTEMPTS = 2
"""A worker may die of something else than its evaluation, so that is tried twice."""

GPUS_VARIABLE = "XNAS_WORKER_GPUS"
"""Names a worker's GPUs to it, for TensorFlow to find them or to be refused."""

SECONDS_BETWEEN_LOOKS = 0.25

SECONDS_TO_PREPARE = 3600.0
"""How long a worker may import, load and trace where evaluations are limited at all."""


class _NeverReadyError(Exception):
    """A worker took too long before its first evaluation."""


def python_path() -> str:
    """Return where this process looks for modules, for processes that it starts."""
    return os.pathsep.join(path or os.getcwd() for path in sys.path)


def thread_environment(num_cpus: float) -> dict[str, str]:
    """Return the variables that set TensorFlow's threads, read before it loads.

    Args:
        num_cpus: CPUs, and so threads.
    """
    threads = str(max(1, int(num_cpus)))
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    return dict.fromkeys(names, threads)


def _allocation() -> dict[str, str]:
    """Let a worker keep memory that the next training step takes again.

    By default the C library hands every tensor above some size back to the system, and
    a quarter of a step's time goes into getting it anew.
    """
    kept = {
        "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
        "MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),
        "MALLOC_TOP_PAD_": str(64 * 2**20),
    }
    return {name: os.environ.get(name, value) for name, value in kept.items()}


def worker_environment(num_cpus: float, gpus: list[str]) -> dict[str, str]:
    """Put together a worker's environment variables, read before TensorFlow loads.

    Args:
        num_cpus: CPUs of the worker, and so TensorFlow's threads.
        gpus: the GPUs it may see.

    Returns:
        All variables of the new process.
    """
    return {
        **os.environ,
        **thread_environment(num_cpus),
        "PYTHONPATH": python_path(),
        "CUDA_VISIBLE_DEVICES": ",".join(gpus) or "-1",
        GPUS_VARIABLE: ",".join(gpus),
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3"),
        "KERAS_BACKEND": "tensorflow",
        # What was printed before an evaluation is ended from outside must be there.
        "PYTHONUNBUFFERED": "1",
        # A task that prints what the terminal lacks would fail for it.
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        **_allocation(),
    }


class SupervisedWorker:
    """Starts a worker process when needed and watches over its evaluations.

    Args:
        work: pickled :class:`~xnas.workers.worker.Work`.
        environment: the process's environment variables.
        memory_limit: bytes of resident memory; ``None`` for no limit.
        log: file for what it prints outside of evaluations, ``None`` for nowhere.
    """

    def __init__(
        self,
        work: bytes,
        environment: dict[str, str],
        memory_limit: int | None = None,
        log: Path | None = None,
    ) -> None:
        self._work = work
        self._environment = environment
        self._memory_limit = memory_limit
        self._log = log
        self._process: subprocess.Popen | None = None
        self._connection: Connection | None = None
        self._lifeline = -1
        self._is_used = False
        self._started = 0.0
        self._stopped = False
        self._changing = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Number of the worker process, if one runs."""
        return None if self._process is None else self._process.pid

    def evaluate(self, task: Task, timeout: float | None = None) -> Evaluation:
        """Have one task evaluated; blocks until it ends.

        Args:
            task: the task.
            timeout: seconds after which the worker is ended.

        Returns:
            The evaluation, with this host and the times of start, once the worker was
            ready, and end.
        """
        self._started = time.time()
        evaluation = None
        for _ in range(ATTEMPTS):
            evaluation = self._attempt(task, timeout)
            if evaluation is not None or self._stopped:
                break
        if evaluation is None:
            evaluation = failed(task.candidate, "worker_died")
            _note(
                task, "the worker process died while it evaluated, each time it tried"
            )
        times = Times(started=self._started, ended=time.time())
        return evaluation.having(times=times, host=socket.gethostname())

    def stop(self) -> None:
        """End the worker for good; an evaluation under way ends as a dead worker's."""
        self._stopped = True
        self._end()

    def _attempt(self, task: Task, timeout: float | None) -> Evaluation | None:
        """Return the evaluation, ``None`` if the worker died."""
        try:
            connection = self._ready(timeout)
            if connection is None:
                return None
            self._started = time.time()
            connection.send(task)
            evaluation = self._wait(connection, task, timeout)
        except _NeverReadyError as error:
            self._end()
            _note(task, str(error))
            return failed(task.candidate, "timeout")
        except (EOFError, OSError) as error:
            self._end()
            return failed(task.candidate, "disk_full") if is_disk_full(error) else None
        # Memory that earlier evaluations kept is not this one's fault.
        was_used, self._is_used = self._is_used, True
        if evaluation.failure == "F_out_of_memory":
            self._end()
            if was_used and not self._stopped:
                return self._attempt(task, timeout)
        return evaluation

    def _wait(
        self, connection: Connection, task: Task, timeout: float | None
    ) -> Evaluation:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._answered(connection):
            if deadline is not None and time.monotonic() > deadline:
                self._end()
                _note(task, f"ended after {timeout:g} s, the limit of an evaluation")
                return failed(task.candidate, "timeout")
            if self._over_memory():
                self._end()
                _note(task, f"ended above {self._memory_limit:,} bytes of memory")
                return failed(task.candidate, "out_of_memory")
        return cloudpickle.loads(connection.recv_bytes())

    def _answered(self, connection: Connection) -> bool:
        """Wait a moment for something to read.

        Raises:
            EOFError: the worker died with nothing left to read.
        """
        if connection.poll(SECONDS_BETWEEN_LOOKS):
            return True
        process = self._process
        if process is None or process.poll() is not None:
            if connection.poll():
                return True
            raise EOFError
        return False

    def _over_memory(self) -> bool:
        if self._memory_limit is None or self._process is None:
            return False
        try:
            resident = psutil.Process(self._process.pid).memory_info().rss
        except psutil.Error:
            return False
        return resident > self._memory_limit

    def _ready(self, timeout: float | None) -> Connection | None:
        """Return the connection to a live worker within its memory limit.

        Raises:
            _NeverReadyError: evaluations have a timeout, and it took longer than both
                that and :data:`SECONDS_TO_PREPARE`.
        """
        if self._process is not None and (
            self._process.poll() is not None or self._over_memory()
        ):
            self._end()
        with self._changing:
            if self._stopped:
                return None
            if self._connection is not None:
                return self._connection
            connection = self._connection = self._start()
        # Imports, data and tracing are the worker's own time, not that of its first
        # evaluation.
        limit = None if timeout is None else max(timeout, SECONDS_TO_PREPARE)
        begun = time.monotonic()
        while not self._answered(connection):
            if limit is not None and time.monotonic() > begun + limit:
                raise _NeverReadyError(
                    f"the worker had loaded nothing to evaluate with after {limit:g} s"
                )
        connection.recv_bytes()
        return connection

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        reading, self._lifeline = os.pipe()
        descriptors = (theirs.fileno(), reading)
        module = "xnas.workers"
        with open(self._log or os.devnull, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *map(str, descriptors)],
                pass_fds=descriptors,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own, so that what it starts ends with it.
                start_new_session=True,
            )
        theirs.close()
        os.close(reading)
        self._is_used = False
        connection = Connection(ours.detach())
        connection.send_bytes(self._work)
        return connection

    def _end(self) -> None:
        with self._changing:
            process, self._process = self._process, None
            connection, self._connection = self._connection, None
            lifeline, self._lifeline = self._lifeline, -1
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, 9)
            process.wait()
        if connection is not None:
            connection.close()
        if lifeline >= 0:
            os.close(lifeline)


def _note(task: Task, sentence: str) -> None:
    """Write into the log of an evaluation whose worker cannot."""
    if task.log is not None:
        with suppress(OSError), open(task.log, "a") as stream:
            stream.write(f"{sentence}\n")
