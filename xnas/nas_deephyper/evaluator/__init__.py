"""Evaluators: how many networks are evaluated at a time, and where."""

from collections.abc import Callable
from typing import Any

from xnas.errors import UsageError
from xnas.machine import cpu_count
from xnas.nas_deephyper.evaluator.base import XNASEvaluator
from xnas.nas_deephyper.evaluator.local import ProcessEvaluator
from xnas.workers.resources import fitting_workers, this_machine

__all__ = ["METHODS", "XNASEvaluator", "create_evaluator", "expected_workers"]

METHODS = ("serial", "process", "ray")


def create_evaluator(
    method: str,
    run_function: Callable[..., Any],
    *,
    num_workers: int | None = None,
    num_cpus_per_task: float = 1,
    num_gpus_per_task: float = 0,
    ray_address: str | None = None,
    **options: Any,
) -> XNASEvaluator:
    """Make an evaluator with long-lived workers.

    Args:
        method: ``serial`` (one worker process), ``process`` (several on this machine)
            or ``ray`` (on the nodes of a Ray cluster).
        run_function: evaluates one network: a job in, its objectives out.
        num_workers: evaluations at a time; what CPUs and GPUs allow if ``None``.
        num_cpus_per_task: CPUs, and TensorFlow threads, of each worker.
        num_gpus_per_task: GPUs of each worker; fractions share one.
        ray_address: the cluster to join, ``auto`` to join one that runs on this
            machine or else start one, ``None`` to start one.
        **options: further arguments of :class:`XNASEvaluator`.

    Returns:
        The evaluator; :meth:`~XNASEvaluator.close` ends its workers.

    Raises:
        UsageError: an argument cannot be used here.
    """
    _check(method, num_workers, num_cpus_per_task, num_gpus_per_task, ray_address)
    options |= {
        "num_cpus_per_task": num_cpus_per_task,
        "num_gpus_per_task": num_gpus_per_task,
    }
    if method == "ray":
        # Ray takes a moment to load, and only this evaluator needs it.
        from xnas.nas_deephyper.evaluator.ray_cluster import RayEvaluator

        return RayEvaluator(
            run_function, num_workers=num_workers, address=ray_address, **options
        )
    here = [this_machine(num_gpus_per_task)]
    fitting = fitting_workers(here, num_cpus_per_task, num_gpus_per_task, here=True)
    if num_workers is not None and num_gpus_per_task and num_workers > fitting:
        raise UsageError(
            f"--num-workers is {num_workers}, but this machine has GPUs for {fitting}"
        )
    wanted = 1 if method == "serial" else num_workers or fitting
    return ProcessEvaluator(run_function, num_workers=wanted, **options)


def expected_workers(
    method: str,
    num_workers: int | None,
    num_cpus_per_task: float,
    ray_address: str | None = None,
) -> int:
    """Tell how many workers there will be, without starting any.

    Args:
        method: as for :func:`create_evaluator`.
        num_workers: likewise.
        num_cpus_per_task: likewise.
        ray_address: likewise; a cluster is joined for as long as it takes to count.

    Returns:
        Their number, were there no GPUs; without an address, Ray is this machine's.

    Raises:
        UsageError: no Ray answers at the address, or no worker fits there.
    """
    if method == "serial":
        return 1
    if method == "ray" and ray_address is not None and num_workers is None:
        from xnas.nas_deephyper.evaluator.ray_cluster import cluster_workers

        num_workers = cluster_workers(ray_address, num_cpus_per_task)
    return num_workers or max(1, int(cpu_count() / num_cpus_per_task))


def _check(
    method: str,
    num_workers: int | None,
    num_cpus_per_task: float,
    num_gpus_per_task: float,
    ray_address: str | None,
) -> None:
    if method not in METHODS:
        raise UsageError(f"--evaluator is {method!r}, expected {', '.join(METHODS)}")
    if num_workers is not None and num_workers < 1:
        raise UsageError(f"--num-workers is {num_workers}, expected 1 or more")
    if method == "serial" and num_workers not in (None, 1):
        raise UsageError(
            f"--num-workers is {num_workers}, expected 1 with --evaluator serial"
        )
    if not num_cpus_per_task > 0:
        raise UsageError(
            f"--num-cpus-per-task is {num_cpus_per_task}, expected above 0"
        )
    if not num_gpus_per_task >= 0:
        raise UsageError(
            f"--num-gpus-per-task is {num_gpus_per_task}, expected 0 or more"
        )
    if num_gpus_per_task > 1 and num_gpus_per_task != int(num_gpus_per_task):
        raise UsageError(
            f"--num-gpus-per-task is {num_gpus_per_task}, expected a whole number or a "
            "fraction below 1"
        )
    if ray_address is not None and method != "ray":
        raise UsageError(
            f"--ray-address is {ray_address!r}, expected --evaluator ray with it"
        )
