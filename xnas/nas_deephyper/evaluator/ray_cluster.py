"""Workers of a Ray cluster: an actor a worker, each with a supervised process."""

import asyncio
import atexit
import contextlib
import logging
import os
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from deephyper.evaluator import HPOJob
from ray.exceptions import ActorUnavailableError, RayError

from xnas.errors import NoWorkersError, UsageError, one_line
from xnas.machine import cpu_count, seeing, visible_gpus
from xnas.nas_deephyper.evaluator.base import WorkerHandle, WorkerLost, XNASEvaluator
from xnas.records import Evaluation
from xnas.workers.ray_worker import RayWorker, ray
from xnas.workers.resources import fitting_workers, this_machine
from xnas.workers.supervisor import python_path
from xnas.workers.worker import Task

logger = logging.getLogger(__name__)

SECONDS_TO_ANSWER = 4.0
SECONDS_BETWEEN_LOOKS = 2.0
LOST_HEADS: set[str] = set()
"""Addresses at which a head of Ray was lost since this process joined one."""

HTTP2_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(
    [0, 0, 0, 4, 0, 0, 0, 0, 0]
)
"""Connection preface and empty SETTINGS frame (RFC 9113, section 3.4)."""

HTTP2_FRAME_HEADER = 9
HTTP2_SETTINGS = 4
OBJECT_STORE_BYTES = 128 * 2**20
"""Only tasks and outcomes pass through it, a few kilobytes each."""


class RayHandle(WorkerHandle):
    """A worker of the cluster: an actor, for as long as it lives.

    Args:
        make_actor: starts an actor.
    """

    looked = 0.0
    """When any handle last looked for the head, by the monotonic clock."""

    def __init__(self, make_actor: Callable[[], Any]) -> None:
        self._actor: Any = make_actor()
        self._node: str | None = None

    async def start(self) -> None:
        """Wait until a node has taken the actor in.

        Raises:
            WorkerLost: the actor or its node is gone before it could.
        """
        try:
            found = self._actor.host_and_node.remote().future()
            self.host, self._node = await asyncio.wrap_future(found)
        except RayError as error:
            raise WorkerLost(type(error).__name__, with_node=False) from error

    async def evaluate(self, task: Task, timeout: float | None) -> Evaluation:
        """Have a task evaluated.

        Raises:
            WorkerLost: the actor or its node is gone.
            NoWorkersError: Ray's head is gone, and nothing can be started any more.
        """
        if self._actor is None:
            raise WorkerLost("the worker was stopped", with_node=False)
        # Actors answer without a head, until Ray ends this process for want of one:
        # with short evaluations there would be no last words.
        if time.monotonic() - RayHandle.looked > SECONDS_BETWEEN_LOOKS:
            RayHandle.looked = time.monotonic()
            await self._need_head()
        reference = self._actor.evaluate.remote(task, timeout)
        try:
            return await self._outcome(asyncio.wrap_future(reference.future()))
        except RayError as error:
            lost = await self._lost_node(error)
            what = f"node {self.host} was lost" if lost else "its worker died"
            raise WorkerLost(f"{what} ({type(error).__name__})", with_node=lost) from (
                error
            )

    async def _outcome(self, future: asyncio.Future[Evaluation]) -> Evaluation:
        """Wait for an evaluation, of which nothing is heard without Ray's head."""
        while not future.done():
            await asyncio.wait({future}, timeout=SECONDS_BETWEEN_LOOKS)
            if not future.done():
                await self._need_head()
        return future.result()

    async def _need_head(self) -> None:
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(None, _head_answers):
            raise NoWorkersError("Ray's head does not answer any more")

    async def _lost_node(self, error: RayError) -> bool:
        """Find out whether an actor went down with its node."""
        # Ray first notices that nobody answers, and later why.
        if isinstance(error, ActorUnavailableError):
            return True
        await self._need_head()  # it knows the nodes, and would be waited for
        loop = asyncio.get_running_loop()
        nodes = await loop.run_in_executor(None, ray.nodes)
        alive = {node["NodeID"] for node in nodes if node["Alive"]}
        return self._node not in alive

    def stop(self) -> None:
        """End the worker for good."""
        actor, self._actor = self._actor, None
        if actor is not None and ray.is_initialized() and _head_answers():
            with contextlib.suppress(RayError):
                ray.kill(actor)


class RayEvaluator(XNASEvaluator):
    """Evaluates on the nodes of a Ray cluster.

    Args:
        run_function: evaluates one network.
        num_workers: how many workers; what the cluster holds if ``None``.
        address: ``host:port`` of a cluster, ``auto`` to join one that runs on this
            machine or else start one, ``None`` to start one.
        num_cpus_per_task: CPUs, and TensorFlow threads, of each worker.
        num_gpus_per_task: GPUs of each; fractions share one.
        **kwargs: see :class:`~xnas.nas_deephyper.evaluator.base.XNASEvaluator`.

    Raises:
        UsageError: nothing answers at the address, or a worker fits on no node.
    """

    def __init__(
        self,
        run_function: Any,
        *,
        num_workers: int | None = None,
        address: str | None = None,
        num_cpus_per_task: float = 1,
        num_gpus_per_task: float = 0,
        **kwargs: Any,
    ) -> None:
        each = (num_cpus_per_task, num_gpus_per_task)
        self._owns_ray = join_or_start(address, *each)
        try:
            fitting = fitting_workers(cluster_nodes(), *each)
            if num_workers is not None and num_workers > fitting:
                raise UsageError(
                    f"--num-workers is {num_workers}, but the Ray cluster has room for "
                    f"{fitting}"
                )
            super().__init__(
                run_function,
                num_workers=num_workers or fitting,
                num_cpus_per_task=num_cpus_per_task,
                num_gpus_per_task=num_gpus_per_task,
                **kwargs,
            )
        except BaseException:
            self._leave()
            raise

    def _make_handle(self, number: int) -> WorkerHandle:
        def make_actor() -> Any:
            actor_class = ray.remote(RayWorker).options(
                num_cpus=self.num_cpus_per_task,
                num_gpus=self.num_gpus_per_task,
                runtime_env={"env_vars": {"PYTHONPATH": python_path()}},
            )
            return actor_class.remote(
                self._work,
                self.num_cpus_per_task,
                self.memory_per_worker,
                self._log_of(number),
            )

        return RayHandle(make_actor)

    def close(self) -> list[HPOJob]:
        """End the workers, and the Ray that was started for them.

        Returns:
            Jobs that were cancelled.
        """
        jobs = super().close()
        self._leave()
        return jobs

    def _leave(self) -> None:
        if ray.is_initialized() and self._owns_ray is not None:
            self._owns_ray = None
            if _head_answers():
                ray.shutdown()
            else:
                # It would wait for the head; Ray calls it when Python ends, too.
                atexit.unregister(ray.shutdown)


def _head_answers() -> bool:
    """Tell whether Ray's head takes connections, without asking Ray, which waits."""
    address = ray.get_runtime_context().gcs_address
    if address in LOST_HEADS:
        return False
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), SECONDS_TO_ANSWER).close()
    except OSError:
        LOST_HEADS.add(address)
        return False
    return True


def cluster_workers(address: str, cpus_per_task: float) -> int | None:
    """Count the workers that a running cluster has room for.

    Args:
        address: ``host:port``, or ``auto``.
        cpus_per_task: CPUs of a worker.

    Returns:
        Their number; ``None`` where ``auto`` finds no cluster.

    Raises:
        UsageError: nothing answers at the address, or a worker fits on no node.
    """
    if address == "auto" and not ray.is_initialized() and _running_cluster() is None:
        return None
    joined = join_or_start(address, cpus_per_task, 0)
    try:
        return fitting_workers(cluster_nodes(), cpus_per_task, 0)
    finally:
        if joined is not None:
            ray.shutdown()


def cluster_nodes() -> list[tuple[float, float]]:
    """Return CPUs and GPUs of each live node of the cluster that was joined."""
    return [
        (node["Resources"].get("CPU", 0.0), node["Resources"].get("GPU", 0.0))
        for node in ray.nodes()
        if node["Alive"]
    ]


def join_or_start(
    address: str | None, cpus_per_task: float, gpus_per_task: float
) -> bool | None:
    """Connect this process to Ray.

    Args:
        address: see :class:`RayEvaluator`.
        cpus_per_task: CPUs of a worker, checked before a Ray of our own is started.
        gpus_per_task: GPUs of a worker, likewise.

    Returns:
        Whether Ray was started here (``True``) or joined (``False``); ``None`` if
        this process was connected before.

    Raises:
        UsageError: nothing answers at the address, or Ray cannot start.
    """
    if ray.is_initialized():
        return None
    LOST_HEADS.clear()  # another one may have its address
    found = _running_cluster() if address == "auto" else address
    if found is None:
        if address == "auto":
            print("No Ray runs here yet: starting one.", file=sys.stderr)
        here = [this_machine(gpus_per_task)]
        fitting_workers(here, cpus_per_task, gpus_per_task, here=True)
        _start(visible_gpus() if gpus_per_task else [])
        return True
    _check_answers(found)
    try:
        _connect(found)
    except (ConnectionError, RayError, RuntimeError, ValueError) as error:
        raise UsageError(
            f"--ray-address is {address!r}, but joining Ray there failed: "
            f"{one_line(error)} (a Ray with a token needs RAY_AUTH_MODE=token)"
        ) from error
    return False


def _start(gpus: list[str]) -> None:
    """Start a Ray of our own on this machine.

    Args:
        gpus: that its workers share.

    Raises:
        UsageError: it does not start, as on a machine that is far too busy.
    """
    try:
        with seeing(gpus):
            _connect(
                "local",  # else Ray would join whatever RAY_ADDRESS names
                num_cpus=cpu_count(),
                num_gpus=len(gpus),
                include_dashboard=False,
                object_store_memory=OBJECT_STORE_BYTES,
            )
    except Exception as error:  # Ray raises nothing narrower
        raise UsageError(
            f"starting Ray on this machine failed: {one_line(error)}; try again, or "
            "--evaluator process, which needs no Ray"
        ) from error


def _connect(address: str, **options: Any) -> None:
    """Connect to Ray without its messages, and without its handler of SIGTERM."""
    # It warns of files of its own that it leaves open.
    with warnings.catch_warnings(action="ignore"), _same_handler_of_sigterm():
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            configure_logging=False,
            **options,
        )


def _running_cluster() -> str | None:
    """Return the address of the Ray that runs on this machine, if it answers."""
    from ray._private.services import canonicalize_bootstrap_address

    with contextlib.suppress(ConnectionError, ValueError):
        found = canonicalize_bootstrap_address("auto")
        if found is not None and _answers(found):
            return found
    return None


def _check_answers(address: str) -> None:
    host, colon, port = address.rpartition(":")
    if not colon or not host or "/" in host or not port.isdigit():
        raise UsageError(f"--ray-address is {address!r}, expected host:port or auto")
    if not _answers(address):
        raise UsageError(
            f"--ray-address is {address!r}, but no Ray answers there; expected the "
            "address that ray start --head printed"
        )


def _answers(address: str) -> bool:
    """Whether something at the address speaks gRPC, which runs on HTTP/2.

    ``ray.init`` itself waits for minutes where nothing, or something else, listens.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), SECONDS_TO_ANSWER) as peer:
            if os.environ.get("RAY_USE_TLS") == "1":
                return True
            peer.sendall(HTTP2_GREETING)
            frame = peer.recv(HTTP2_FRAME_HEADER)
            return len(frame) == HTTP2_FRAME_HEADER and frame[3] == HTTP2_SETTINGS
    except (OSError, OverflowError, ValueError):
        return False


@contextlib.contextmanager
def _same_handler_of_sigterm() -> Iterator[None]:
    """Keep what SIGTERM does, which ``ray.init`` changes: its handler just exits."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        # Outside of the main thread neither Ray nor we can change it.
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGTERM, handler)
