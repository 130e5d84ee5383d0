"""A few steps of training, to see that they work and what they take."""

import time
from dataclasses import dataclass

import keras

from xnas.declarations.training_settings import TrainingSettings
from xnas.training.data import TaskData
from xnas.training.loop import make_trainee

BATCH_SIZE = 64
"""Examples a step at most: what a large step takes follows from a small one."""

STEPS = 3


@dataclass(frozen=True)
class Trial:
    """What a few steps took.

    Args:
        loss: of the last steps.
        preparation: seconds until the first step was done, tracing included.
        training: seconds an example after that.
        validation: seconds an example.
    """

    loss: float
    preparation: float
    training: float
    validation: float


def try_training(
    model: keras.Model, settings: TrainingSettings, data: TaskData, *, seed: int
) -> Trial:
    """Train a fresh network for a few steps, and validate it on a few examples.

    Args:
        model: the network.
        settings: how to train it.
        data: the task's data.
        seed: of the order of examples and of augmentation.

    Returns:
        What it took.

    Raises:
        TaskError: the optimizer does not take the arguments it has.
    """
    started = time.perf_counter()
    size = min(BATCH_SIZE, data.train_size, settings.batch_size)
    batches = data.training_batches(size, epochs=1 + STEPS, seed=seed)
    steps = settings.steps_per_epoch(data.train_size)
    spec = batches.element_spec
    trainee = make_trainee(model, settings, spec, data.n_outputs, steps)
    stream = iter(batches)
    trainee.train(stream, 1)
    trained = time.perf_counter()
    loss = trainee.train(stream, STEPS)["loss"]
    done = time.perf_counter()
    valid_size = min(BATCH_SIZE, data.valid_size)
    valid = data.validation_batches(valid_size).take(1).cache()
    trainee.validate(valid)
    warm = time.perf_counter()
    trainee.validate(valid)
    return Trial(
        loss=loss,
        preparation=trained - started,
        training=(done - trained) / (STEPS * size),
        validation=(time.perf_counter() - warm) / valid_size,
    )
