"""Training of one network."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, isnan, nan
from typing import TYPE_CHECKING, Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from xnas.errors import EvaluationError
from xnas.objectives import Metric
from xnas.training.callbacks import make_callbacks
from xnas.training.data import TaskData
from xnas.training.optimizer import make_optimizer
from xnas.training.state import History, TrainingState, values_of
from xnas.training.steps import Trainee

if TYPE_CHECKING:
    from xnas.problem import NaProblem

OnEpoch = Callable[[int, dict[str, float]], None]
OnState = Callable[[TrainingState], None]

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
    start: TrainingState | None = None,
    on_state: OnState | None = None,
    epochs: "Epochs | None" = None,
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
        start: what to go on from; the end is then that of training in one go.
        on_state: called with what to go on from, after each epoch but one whose loss
            is not finite.
        epochs: makes and measures epochs of this network, where that is prepared.

    Returns:
        Objective, history and time, that of this call.

    Raises:
        EvaluationError: the objective is NaN.
        TaskError: optimizer or callbacks do not take the arguments they have.
    """
    started = time.perf_counter()
    settings = problem.hyperparameter_values
    first = start.epochs if start else 0
    if epochs is None:
        epochs = _StreamedEpochs(model, problem, data, seed, first)
    callbacks = make_callbacks(model, settings["callbacks"], problem.history_keys)
    best = _Best(model, problem)
    history: History = {key: [] for key in problem.history_keys}
    model.stop_training = False
    callbacks.on_train_begin()
    if start is not None:
        _recall(callbacks, start)
        start.restore(model)
        best.restore(start)
        history = {key: list(start.history[key]) for key in history}
    for epoch in range(first, settings["num_epochs"]):
        if model.stop_training:
            break
        callbacks.on_epoch_begin(epoch)
        logs = epochs.train(epoch)
        if isnan(logs["loss"]):
            logs = dict.fromkeys(history, nan)
        else:
            logs |= epochs.validate()
        logs["lr"] = float(np.asarray(model.optimizer.learning_rate))
        for key, values in history.items():
            values.append(logs[key])
        best.update(logs)
        if on_epoch is not None:
            on_epoch(epoch, dict(logs))
        callbacks.on_epoch_end(epoch, dict(logs))
        if isnan(logs["loss"]):
            break
        if on_state is not None:
            on_state(best.state(history))
    callbacks.on_train_end()
    return TrainingResult(best.finish(), history, time.perf_counter() - started)


class Epochs(Protocol):
    """Trains a network epoch by epoch."""

    def train(self, epoch: int) -> dict[str, float]:
        """Train one epoch; return loss and metrics over its examples.

        The loss is NaN, and training stopped, as soon as one step's is not finite.
        """

    def validate(self) -> dict[str, float]:
        """Return loss and metrics on the validation data, names prefixed ``val_``."""


class _StreamedEpochs:
    """Epochs of one network on streams of batches."""

    def __init__(
        self,
        model: keras.Model,
        problem: "NaProblem",
        data: TaskData,
        seed: int,
        first: int,
    ) -> None:
        settings = problem.hyperparameter_values
        batch_size = settings["batch_size"]
        batches = data.training_batches(
            batch_size, epochs=settings["num_epochs"], seed=seed, first=first
        )
        self._valid = data.validation_batches(validation_batch_size(problem))
        self._steps = steps_per_epoch(problem, data)
        self._trainee = make_trainee(
            model, problem, batches.element_spec, data.n_outputs, self._steps
        )
        self._stream = iter(batches)

    def train(self, epoch: int) -> dict[str, float]:
        """Train on what comes next in the stream."""
        return self._trainee.train(self._stream, self._steps)

    def validate(self) -> dict[str, float]:
        """Measure the network as it is."""
        return self._trainee.validate(self._valid)


def steps_per_epoch(problem: "NaProblem", data: TaskData) -> int:
    """Tell how many training steps an epoch has."""
    return ceil(data.train_size / problem.hyperparameter_values["batch_size"])


def validation_batch_size(problem: "NaProblem") -> int:
    """Tell how many examples are validated at a time."""
    return max(problem.hyperparameter_values["batch_size"], VALIDATION_BATCH)


def measure(
    model: keras.Model, problem: "NaProblem", data: TaskData, batches: tf.data.Dataset
) -> dict[str, float]:
    """Measure loss and metrics of a network that was trained.

    Args:
        model: the network.
        problem: its task.
        data: the task's data.
        batches: of (inputs, labels) as those of training, of any size.

    Returns:
        Name to value, as in the history.
    """
    spec = data.validation_batches(1).element_spec
    decay = problem.hyperparameter_values["weight_decay"]
    trainee = Trainee(model, spec, data.n_outputs, decay)
    same_type = batches.map(lambda x, y: (x, tf.cast(y, spec[1].dtype)))
    found = trainee.validate(same_type)
    return {key.removeprefix("val_"): value for key, value in found.items()}


def _recall(callbacks: keras.callbacks.CallbackList, start: TrainingState) -> None:
    """Tell callbacks of the epochs before, from which all that they know follows."""
    for epoch in range(start.epochs):
        callbacks.on_epoch_begin(epoch)
        logs = {key: values[epoch] for key, values in start.history.items()}
        callbacks.on_epoch_end(epoch, logs)


def make_trainee(
    model: keras.Model,
    problem: "NaProblem",
    spec: Any,
    n_outputs: int,
    steps: int,
    kind: type[Trainee] = Trainee,
) -> Trainee:
    """Compile a network with its task's optimizer, loss and metrics, and trace it.

    Args:
        model: a fresh network.
        problem: the task.
        spec: of the batches that it will be trained on.
        n_outputs: size of a prediction.
        steps: of an epoch; the learning rate's schedule follows from it.
        kind: class of what is returned.

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
    return kind(model, spec, n_outputs, decay)


class _Best:
    """Follows the objective; keeps the weights of the epoch that decides it."""

    def __init__(self, model: keras.Model, problem: "NaProblem") -> None:
        self._model = model
        self._text = problem.objective_name
        self._objective = Metric.parse(self._text)
        self._key = problem.objective_key
        self._value = nan
        self._weights: list[np.ndarray] | None = None

    def update(self, logs: dict[str, float]) -> None:
        """Learn an epoch's values."""
        value = logs[self._key]
        if not self._objective.improves(value, self._value):
            return
        self._value = value
        if self._objective.epoch != "last":
            self._weights = self._model.get_weights()

    def state(self, history: History) -> TrainingState:
        """Return what training goes on from after the epochs of ``history``."""
        return TrainingState(
            {key: list(values) for key, values in history.items()},
            values_of(self._model.variables),
            values_of(self._model.optimizer.variables),
            self._value,
            self._weights,
        )

    def restore(self, state: TrainingState) -> None:
        """Become what the object was that made ``state``."""
        self._value, self._weights = state.best_value, state.best_weights

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
