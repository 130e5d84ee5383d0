"""Whether a device computes what the CPU does, in what precision, and how fast.

Devices are named as TensorFlow names them, ``GPU:0`` for a process's first.
"""

from collections.abc import Sequence
from time import perf_counter

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.evaluation.settings import Trainer
from xnas.evaluation.trainers import make_trainer
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.tasks import load_task_data
from xnas.training.epochs import Trial

STEADY_RATE = 1e-3
"""Learning rate at which rounding hardly grows in that time."""


def largest_difference(
    device: str, trainer: Trainer, problem: NaProblem, genotype: Genotype
) -> float:
    """Train one network for a few steps on a device and on the CPU.

    TensorFloat-32, which newer GPUs multiply ``float32`` in, is off meanwhile: it keeps
    10 of the 23 bits.

    Args:
        device: to compare.
        trainer: which of the trainers.
        problem: the task.
        genotype: the network.

    Returns:
        The largest difference of predictions for validation data; NaN if one is NaN.
    """
    steady = problem.with_hyperparameters(
        precision="float32", learning_rate=STEADY_RATE, schedule="constant"
    )
    is_on = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        found, expected = (
            _predictions(one, trainer, steady, genotype) for one in (device, "CPU:0")
        )
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(is_on)
    return float(np.abs(found - expected).max())


def _predictions(
    device: str, trainer: Trainer, problem: NaProblem, genotype: Genotype
) -> NDArray[np.floating]:
    """Predict some validation data after a trial, (examples, outputs)."""
    data = load_task_data(problem)
    trial = Trial(problem.training_settings().steps_per_epoch(data.train_size))
    with tf.device(device):
        maker = make_trainer(trainer, problem, data=data)
        network = maker.evaluate(genotype, seed=0, trial=trial)
        x, _ = next(iter(network.batches("valid")))
        return network.predict(x)


def losses_in(
    device: str, precision: str, problem: NaProblem, genotype: Genotype
) -> list[float]:
    """Train a network in lower precision.

    Args:
        device: where.
        precision: such as ``mixed_float16``.
        problem: the task.
        genotype: the network.

    Returns:
        The loss of each epoch.
    """
    lower = problem.with_hyperparameters(precision=precision)
    with tf.device(device):
        network = make_trainer("plain", lower).evaluate(genotype, seed=0)
    return list(network.history["loss"])


def time_trainer(
    device: str, trainer: Trainer, problem: NaProblem, genotypes: Sequence[Genotype]
) -> tuple[float, float]:
    """Time whole evaluations, one after the other.

    Args:
        device: where.
        trainer: which of the trainers.
        problem: the task.
        genotypes: the networks, two or more.

    Returns:
        Seconds of the first, the trainer's making included, and of each later one on
        average.
    """
    data = load_task_data(problem)
    seconds, started = [], perf_counter()
    with tf.device(device):
        maker = make_trainer(trainer, problem, data=data)
        for genotype in genotypes:
            network = maker.evaluate(genotype, seed=0)
            if data.is_classification:
                network.class_activations()
            seconds.append(perf_counter() - started)
            started = perf_counter()
    return seconds[0], float(np.mean(seconds[1:]))
