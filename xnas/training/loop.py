"""Training of one network."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import isnan, nan
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xnas.declarations.measures import metric_name, metric_value
from xnas.declarations.training_settings import TrainingSettings
from xnas.errors import EvaluationError
from xnas.objectives import Metric
from xnas.training.callbacks import make_callbacks
from xnas.training.data import TaskData
from xnas.training.epochs import N_TRIED, Epochs, Trial
from xnas.training.optimizer import make_optimizer
from xnas.training.state import History, TrainingState, values_of
from xnas.training.steps import Trainee
from xnas.xai.regularizer import Regularizer

OnEpoch = Callable[[int, dict[str, float]], None]
OnState = Callable[[TrainingState], None]


@dataclass(frozen=True)
class TrainingResult:
    """What training gave.

    Args:
        objective: value of the settings' objective, to be maximised.
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
    settings: TrainingSettings,
    data: TaskData,
    *,
    seed: int,
    on_epoch: OnEpoch | None = None,
    start: TrainingState | None = None,
    on_state: OnState | None = None,
    epochs: Epochs | None = None,
    trial: Trial | None = None,
) -> TrainingResult:
    """Train a network as its task says.

    Afterwards the model holds the weights that the objective was measured with: the
    best epoch's for ``__max`` and ``__min``, else the last one's. Training stops when
    the loss is not finite; the values of that epoch are NaN.

    Args:
        model: a fresh network, built after :func:`fresh_session`.
        settings: how to train.
        data: its data.
        seed: of the order of examples and of augmentation.
        on_epoch: called with the number of each epoch and its values.
        start: what to go on from; the end is then that of training in one go.
        on_state: called with what to go on from, after each epoch but one whose loss
            is not finite.
        epochs: makes and measures epochs of this network, where that is prepared.
        trial: makes a few short epochs of them, and times those.

    Returns:
        Objective, history and time, that of what it goes on from included.

    Raises:
        EvaluationError: the objective is NaN.
        TaskError: optimizer or callbacks do not take the arguments they have.
    """
    started = time.perf_counter() - (start.seconds if start else 0.0)
    first = start.epochs if start else 0
    keys, values = settings.history_keys, settings.hyperparameters
    n_epochs = N_TRIED if trial else values["num_epochs"]
    if epochs is None:
        epochs = _StreamedEpochs(model, settings, data, seed, range(first, n_epochs))
    if trial is not None:
        end = values["num_epochs"] * settings.steps_per_epoch(data.train_size)
        epochs = trial.of(epochs, partial(_go_back, model.optimizer, end))
    callbacks = make_callbacks(model, values["callbacks"], keys)
    best = _Best(model, settings)
    model.stop_training = False
    callbacks.on_train_begin()
    if start is not None:
        _recall(callbacks, start)
        start.restore(model)
        best.restore(start)
    for epoch in range(first, n_epochs):
        if model.stop_training:
            break
        callbacks.on_epoch_begin(epoch)
        logs = epochs.train(epoch)
        if isnan(logs["loss"]):
            logs = dict.fromkeys(keys, nan)
        else:
            logs |= epochs.validate()
        logs["lr"] = float(np.asarray(model.optimizer.learning_rate))
        best.update(logs)
        if on_epoch is not None:
            on_epoch(epoch, dict(logs))
        callbacks.on_epoch_end(epoch, dict(logs))
        if isnan(logs["loss"]):
            break
        if on_state is not None:
            so_far = time.perf_counter() - started
            on_state(replace(best.state(), seconds=so_far))
    callbacks.on_train_end()
    objective = best.finish()
    return TrainingResult(objective, best.history, time.perf_counter() - started)


class _StreamedEpochs:
    """Epochs of one network on streams of batches."""

    def __init__(
        self,
        model: keras.Model,
        settings: TrainingSettings,
        data: TaskData,
        seed: int,
        epochs: range,
    ) -> None:
        batches = data.training_examples.shuffled(
            settings.batch_size, epochs=epochs.stop, seed=seed, first=epochs.start
        )
        self._valid = data.validation_batches(settings.validation_batch_size)
        self._steps = settings.steps_per_epoch(data.train_size)
        self._trainee = make_trainee(
            model, settings, batches.element_spec, data.n_outputs, self._steps
        )
        self._stream = iter(batches)

    def train(self, epoch: int, steps: int | None = None) -> dict[str, float]:
        """Train on what comes next in the stream."""
        return self._trainee.train(self._stream, steps or self._steps)

    def validate(self, batches: int | None = None) -> dict[str, float]:
        """Measure the network as it is."""
        return self._trainee.validate(self._valid.take(batches or -1))


def measure(
    model: keras.Model,
    settings: TrainingSettings,
    data: TaskData,
    batches: tf.data.Dataset,
) -> dict[str, float]:
    """Measure loss and metrics of a network that was trained.

    Args:
        model: the network.
        settings: how it was trained.
        data: the task's data.
        batches: of (inputs, labels) as those of training, of any size.

    Returns:
        Name to value, as in the history.
    """
    spec = data.validation_batches(1).element_spec
    decay = settings.hyperparameters["weight_decay"]
    trainee = Trainee(model, spec, data.n_outputs, decay)
    same_type = batches.map(lambda x, y: (x, tf.cast(y, spec[1].dtype)))
    found = trainee.validate(same_type)
    return {key.removeprefix("val_"): value for key, value in found.items()}


def _go_back(optimizer: keras.optimizers.Optimizer, end: int, count: int) -> None:
    """Take an optimizer back so far that steps fit before the end of its schedule.

    No step of a training has the rate that a schedule ends with, 0, by which some
    optimizers divide.
    """
    done = getattr(optimizer, "inner_optimizer", optimizer).iterations
    done.assign(max(0, min(int(done.numpy()), end - count)))


def _recall(callbacks: keras.callbacks.CallbackList, start: TrainingState) -> None:
    """Tell callbacks of the epochs before, from which all that they know follows."""
    for epoch in range(start.epochs):
        callbacks.on_epoch_begin(epoch)
        logs = {key: values[epoch] for key, values in start.history.items()}
        callbacks.on_epoch_end(epoch, logs)


def make_trainee(
    model: keras.Model,
    settings: TrainingSettings,
    spec: Any,
    n_outputs: int,
    steps: int,
    trainee: type[Trainee] = Trainee,
) -> Trainee:
    """Compile a network with its task's optimizer, loss and metrics, and trace it.

    Args:
        model: a fresh network.
        settings: how to train.
        spec: of the batches that it will be trained on.
        n_outputs: size of a prediction.
        steps: of an epoch; the learning rate's schedule follows from it.
        trainee: class of what is returned.

    Returns:
        The network, ready for steps.

    Raises:
        TaskError: the optimizer does not take the arguments it has.
    """
    values = settings.hyperparameters
    model.compile(
        optimizer=make_optimizer(values, steps),
        auto_scale_loss=False,
        loss=settings.loss,
        metrics=[_named(metric) for metric in settings.metrics],
        jit_compile=False,
    )
    regularizer = Regularizer.of(values, n_outputs)
    return trainee(model, spec, n_outputs, values["weight_decay"], regularizer)


def _named(metric: Any) -> Any:
    """Keep a function's name, which Keras would write in another way."""
    if isinstance(metric, str):
        return metric
    return keras.metrics.MeanMetricWrapper(metric, name=metric_name(metric))


class _Best:
    """Keeps the history, and the weights of the epoch that decides the objective."""

    def __init__(self, model: keras.Model, settings: TrainingSettings) -> None:
        self._model = model
        self._text = settings.objective
        self._objective = Metric.parse(settings.objective)
        self._key = settings.objective_key
        self._weights: list[np.ndarray] | None = None
        self.history: History = {key: [] for key in settings.history_keys}

    @property
    def _value(self) -> float:
        """The objective so far, to be maximised; NaN if there is none."""
        return metric_value(self.history, self._text)

    def update(self, logs: dict[str, float]) -> None:
        """Learn an epoch's values."""
        before = self._objective.sign * self._value
        for key, values in self.history.items():
            values.append(logs[key])
        if self._objective.epoch != "last" and self._objective.improves(
            logs[self._key], before
        ):
            self._weights = self._model.get_weights()

    def state(self) -> TrainingState:
        """Return what training goes on from after the epochs so far."""
        return TrainingState(
            {key: list(values) for key, values in self.history.items()},
            values_of(self._model.variables),
            values_of(self._model.optimizer.variables),
            self._weights,
        )

    def restore(self, state: TrainingState) -> None:
        """Become what the object was that made ``state``."""
        self.history = {key: list(state.history[key]) for key in self.history}
        self._weights = state.best_weights

    def finish(self) -> float:
        """Give the network its deciding weights back; return what to maximise."""
        value = self._value
        if isnan(value):
            raise EvaluationError(
                "nan", f"{self._text} is NaN after training, expected a number"
            )
        if self._weights is not None:
            self._model.set_weights(self._weights)
        return value
