"""Training of one network."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, isnan, nan
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from xnas.errors import EvaluationError
from xnas.training.callbacks import make_callbacks
from xnas.training.data import TaskData
from xnas.training.names import find_alias
from xnas.training.objective import Objective
from xnas.training.optimizer import make_optimizer
from xnas.training.steps import Trainee

if TYPE_CHECKING:
    from xnas.problem import NaProblem

History = dict[str, list[float]]
OnEpoch = Callable[[int, dict[str, float]], None]

VALIDATION_BATCH = 256
"""Examples scored at once; a larger training batch is used where there is one."""


@dataclass(frozen=True)
class TrainingResult:
    """What training gave.

    Args:
        objective: the task's objective, to be maximised.
        history: name to one value an epoch.
        seconds: of training, validation included.
    """

    objective: float
    history: History
    seconds: float


def fresh_session(seed: int) -> None:
    """Forget earlier networks and seed everything random; call before building one.

    Args:
        seed: 0 to 2**32 − 1.
    """
    keras.utils.clear_session()  # collects garbage, too
    keras.utils.set_random_seed(seed)


def train(
    model: keras.Model,
    problem: "NaProblem",
    data: TaskData,
    *,
    seed: int,
    on_epoch: OnEpoch | None = None,
) -> TrainingResult:
    """Train a network as its task says.

    Afterwards the model holds the weights that the objective was measured with: the
    best epoch's for ``__max`` and ``__min``, else the last one's. Training stops when
    the loss is not finite; the values of that epoch are NaN.

    Args:
        model: a fresh network, built after :func:`fresh_session`.
        problem: the task.
        data: its data.
        seed: of the order of examples and of augmentation.
        on_epoch: called with the number of each epoch and its values.

    Returns:
        Objective, history and time.

    Raises:
        EvaluationError: the objective is NaN.
        TaskError: optimizer or callbacks do not take the arguments they have.
    """
    started = time.perf_counter()
    settings = problem.hyperparameter_values
    batch_size, epochs = settings["batch_size"], settings["num_epochs"]
    steps = ceil(data.train_size / batch_size)
    batches = data.training_batches(batch_size, epochs=epochs, seed=seed)
    valid = data.validation_batches(max(batch_size, VALIDATION_BATCH))
    trainee = make_trainee(model, problem, batches, data.n_outputs, steps)
    callbacks = make_callbacks(model, settings["callbacks"], problem.history_keys)
    best = _Best(model, problem)
    history: History = {key: [] for key in problem.history_keys}
    stream = iter(batches)
    model.stop_training = False
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        logs = trainee.train(stream, steps)
        if isnan(logs["loss"]):
            logs = dict.fromkeys(history, nan)
        else:
            logs |= trainee.validate(valid)
        logs["lr"] = float(np.asarray(model.optimizer.learning_rate))
        for key, values in history.items():
            values.append(logs[key])
        best.update(logs)
        if on_epoch is not None:
            on_epoch(epoch, dict(logs))
        callbacks.on_epoch_end(epoch, dict(logs))
        if model.stop_training or isnan(logs["loss"]):
            break
    callbacks.on_train_end()
    return TrainingResult(best.finish(), history, time.perf_counter() - started)


def make_trainee(
    model: keras.Model,
    problem: "NaProblem",
    batches: tf.data.Dataset,
    n_outputs: int,
    steps: int,
) -> Trainee:
    """Compile a network with its task's optimizer, loss and metrics, and trace it.

    Args:
        model: a fresh network.
        problem: the task.
        batches: what it will be trained on.
        n_outputs: size of a prediction.
        steps: of an epoch; the learning rate's schedule follows from it.

    Returns:
        The network, ready for steps.

    Raises:
        TaskError: the optimizer does not take the arguments it has.
    """
    settings = problem.hyperparameter_values
    model.compile(
        optimizer=make_optimizer(settings, steps),
        loss=problem.loss_function,
        metrics=problem.metric_list,
        jit_compile=False,
    )
    decay = settings["weight_decay"]
    return Trainee(model, batches.element_spec, n_outputs, decay)


class _Best:
    """Follows the objective; keeps the weights of the epoch that decides it."""

    def __init__(self, model: keras.Model, problem: "NaProblem") -> None:
        self._model = model
        self._text = problem.objective_name
        self._objective = Objective.parse(self._text)
        self._key = find_alias(self._objective.name, problem.history_keys)
        self._value = nan
        self._weights: list[np.ndarray] | None = None

    def update(self, logs: dict[str, float]) -> None:
        """Learn an epoch's values."""
        value = logs[str(self._key)]
        if not self._objective.improves(value, self._value):
            return
        self._value = value
        if self._objective.epoch != "last":
            self._weights = self._model.get_weights()

    def finish(self) -> float:
        """Give the network its deciding weights back; return what to maximise."""
        if isnan(self._value):
            raise EvaluationError(
                "nan",
                f"{self._text} is NaN after training, expected a number",
            )
        if self._weights is not None:
            self._model.set_weights(self._weights)
        return self._objective.sign * self._value
