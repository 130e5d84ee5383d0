"""What ``check --gpu`` has done by workers, which are those of a search."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xnas.errors import one_line
from xnas.machine import VISIBLE, gpu_memory
from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.space.extremes import random_networks
from xnas.tasks import load_task_data, space_of

PRECISIONS = ("mixed_float16", "mixed_bfloat16")

N_TIMED = 5
"""Networks that each trainer is timed with."""

Found = dict[str, Any]
"""What a worker has found, by name; ``failure`` why it found nothing."""


def look(device: str = "GPU:0") -> Found:
    """Look at the GPUs that this process has, and compute on one.

    Args:
        device: that is computed on.

    Returns:
        Its id, the GPUs that it may see, what TensorFlow says of each, whether growth
        of memory is on, the device that has computed, and who held memory then.
    """
    import tensorflow as tf

    with tf.device(device):
        ones = tf.ones((1024, 1024))
        product = ones @ ones
        product.numpy()
    details = tf.config.experimental.get_device_details
    return {
        "pid": os.getpid(),
        "visible": os.environ.get(VISIBLE, ""),
        "gpus": [
            str(details(one).get("device_name", one.name))
            for one in tf.config.list_physical_devices("GPU")
        ],
        "growth": os.environ.get("TF_FORCE_GPU_ALLOW_GROWTH") == "true",
        "computed_on": product.device.rpartition("device:")[2],
        "memory": {str(pid): held for pid, held in gpu_memory().items()},
    }


def agree(problem: NaProblem, device: str = "GPU:0") -> Found:
    """Compare a device with the CPU, for each trainer.

    Args:
        problem: the task.
        device: to compare.

    Returns:
        The largest difference of predictions, by trainer.
    """
    from xnas.evaluation.on_device import largest_difference

    (genotype,) = _networks(problem, 1)
    return {
        one: largest_difference(device, one, problem, genotype)
        for one in ("plain", "compiled")
    }


def mixed(problem: NaProblem, device: str = "GPU:0") -> Found:
    """Train in lower precision.

    Args:
        problem: the task.
        device: where.

    Returns:
        The loss of each epoch, by precision.
    """
    from xnas.evaluation.on_device import losses_in

    (genotype,) = _networks(problem, 1)
    return {one: losses_in(device, one, problem, genotype) for one in PRECISIONS}


def timed(
    problem: NaProblem, device: str = "GPU:0", n_networks: int = N_TIMED
) -> Found:
    """Time both trainers on the same networks.

    Args:
        problem: the task.
        device: where.
        n_networks: how many, 2 or more.

    Returns:
        Seconds of the first evaluation and of later ones, by trainer.
    """
    from xnas.evaluation.on_device import time_trainer

    genotypes = _networks(problem, n_networks)
    return {
        one: time_trainer(device, one, problem, genotypes)
        for one in ("plain", "compiled")
    }


def _networks(problem: NaProblem, count: int) -> list[Genotype]:
    return random_networks(space_of(problem, load_task_data(problem)), count, seed=0)


JOBS: dict[str, Callable[..., Found]] = {
    "look": look,
    "agree": agree,
    "mixed": mixed,
    "timed": timed,
}


def run(job: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Do one of :data:`JOBS`, as a worker's run function.

    Args:
        job: names it as ``part``.
        arguments: of each part, by name.

    Returns:
        An objective without meaning, and what was found as metadata.
    """
    try:
        found = JOBS[job["part"]](**arguments.get(job["part"], {}))
    except Exception as error:
        found = {"failure": f"{type(error).__name__}: {one_line(error)}"}
    return {"objective": 0.0, "metadata": {"found": json.dumps(found)}}


def do(
    parts: Sequence[str],
    arguments: Mapping[str, Mapping[str, Any]],
    *,
    method: str = "process",
    num_workers: int = 1,
    num_gpus_per_task: float = 1,
    num_cpus_per_task: float = 1,
) -> list[Found]:
    """Have parts done, each by the next free worker.

    Args:
        parts: names of :data:`JOBS`.
        arguments: of each part, by name.
        method: as for :func:`~xnas.nas_deephyper.evaluator.create_evaluator`.
        num_workers: likewise.
        num_gpus_per_task: likewise.
        num_cpus_per_task: likewise.

    Returns:
        What each has found, in order.

    Raises:
        UsageError: there are not so many GPUs or CPUs.
    """
    evaluator = create_evaluator(
        method,
        run,
        num_workers=num_workers,
        num_gpus_per_task=num_gpus_per_task,
        num_cpus_per_task=num_cpus_per_task,
        run_function_kwargs={"arguments": arguments},
    )
    try:
        evaluator.submit([{"part": part} for part in parts])
        done = evaluator.gather("ALL")
    finally:
        evaluator.close()
    return [_found(job) for job in sorted(done, key=_number)]


def _number(job: Any) -> int:
    return int(job.id.rpartition(".")[2])


def _found(job: Any) -> Found:
    text = job.metadata.get("found")
    if text is None:
        return {"failure": f"its worker ended: {job.objective}"}
    found: Found = json.loads(text)
    return found
