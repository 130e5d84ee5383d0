"""Training of one network: a compiled epoch at a time."""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, isnan
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from xnas.errors import EvaluationError, TaskError
from xnas.training.data import TaskData
from xnas.training.optimizer import decayed_weights, make_optimizer
from xnas.training.settings import read_objective

if TYPE_CHECKING:
    from xnas.problem import NaProblem

History = dict[str, list[float]]
OnEpoch = Callable[[int, dict[str, float]], None]

VALIDATION_BATCH = 512


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
    keras.utils.clear_session()
    gc.collect()
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
    best epoch's for ``__max`` and ``__min``, else the last one's.

    Args:
        model: a fresh network, built after :func:`fresh_session`.
        problem: the task.
        data: its data.
        seed: of the order of examples and of augmentation.
        on_epoch: called with the number of each epoch and its values.

    Returns:
        Objective, history and time.

    Raises:
        EvaluationError: the objective, or the loss, is NaN.
        TaskError: the objective names nothing in the history.
    """
    started = time.perf_counter()
    settings = problem.hyperparameter_values
    steps = ceil(data.train_size / settings["batch_size"])
    model.compile(
        optimizer=make_optimizer(settings, steps),
        loss=problem.loss_function,
        metrics=problem.metric_list,
        jit_compile=False,
    )
    best = _Best(model, problem.objective_name)
    callbacks = _callbacks(model, settings)
    history: History = {}
    for epoch, logs in enumerate(_epochs(model, problem, data, steps, seed, callbacks)):
        for name, value in logs.items():
            history.setdefault(name, []).append(value)
        best.update(logs)
        if on_epoch is not None:
            on_epoch(epoch, logs)
        if model.stop_training or isnan(logs["loss"]):
            break
    objective = best.finish()
    if isnan(objective) or isnan(history["loss"][-1]):
        raise EvaluationError("nan", f"{problem.objective_name} is NaN after training")
    return TrainingResult(objective, history, time.perf_counter() - started)


def _epochs(
    model: keras.Model,
    problem: "NaProblem",
    data: TaskData,
    steps: int,
    seed: int,
    callbacks: keras.callbacks.CallbackList,
) -> Iterator[dict[str, float]]:
    """Train and validate epoch by epoch."""
    settings = problem.hyperparameter_values
    batches = data.training_batches(
        settings["batch_size"],
        settings["num_epochs"],
        seed,
        problem.preprocessing_function,
        problem.augmentation,
    )
    valid = data.validation_batches(VALIDATION_BATCH, problem.preprocessing_function)
    train_epoch = _compiled_epoch(model, settings["weight_decay"], steps)
    validate = _compiled_validation(model)
    stream = iter(batches)
    model.stop_training = False
    callbacks.on_train_begin()
    for epoch in range(settings["num_epochs"]):
        callbacks.on_epoch_begin(epoch)
        model.reset_metrics()
        train_epoch(stream)
        logs = _results(model)
        model.reset_metrics()
        validate(valid)
        logs |= {f"val_{name}": value for name, value in _results(model).items()}
        logs["lr"] = float(np.asarray(model.optimizer.learning_rate))
        callbacks.on_epoch_end(epoch, dict(logs))
        yield logs
    callbacks.on_train_end()


def _compiled_epoch(
    model: keras.Model, weight_decay: float, steps: int
) -> Callable[[Any], None]:
    """Compile one epoch: ``steps`` training steps in one call."""
    decayed = decayed_weights(model)
    loss_tracker = model.metrics[0]

    def step(x: Any, y: tf.Tensor) -> None:
        weights = model.trainable_variables
        with tf.GradientTape() as tape:
            prediction = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=prediction, training=True)
        gradients = tape.gradient(loss, [weight.value for weight in weights])
        # L2 as in SGD's textbook form: the decay is part of the gradient, so that
        # momentum carries it too.
        gradients = [
            gradient + weight_decay * weight if decays else gradient
            for gradient, weight, decays in zip(
                gradients, weights, decayed, strict=True
            )
        ]
        model.optimizer.apply(gradients, weights)
        loss_tracker.update_state(loss)
        model.compute_metrics(x, y, prediction)

    @tf.function(jit_compile=False)
    def epoch(stream: Any) -> None:
        for _ in tf.range(steps):
            step(*next(stream))

    model.optimizer.build(model.trainable_variables)
    return epoch


def _compiled_validation(model: keras.Model) -> Callable[[Any], None]:
    loss_tracker = model.metrics[0]

    @tf.function(jit_compile=False)
    def validate(batches: Any) -> None:
        for x, y in batches:
            prediction = model(x, training=False)
            loss = model.compute_loss(x=x, y=y, y_pred=prediction, training=False)
            loss_tracker.update_state(loss, sample_weight=tf.shape(y)[0])
            model.compute_metrics(x, y, prediction)

    return validate


def _results(model: keras.Model) -> dict[str, float]:
    return {
        name: float(np.asarray(value))
        for name, value in model.get_metrics_result().items()
    }


def _callbacks(
    model: keras.Model, settings: dict[str, Any]
) -> keras.callbacks.CallbackList:
    """Make the callbacks by name; those for single batches are not called."""
    made = [
        getattr(keras.callbacks, name)(**arguments)
        for name, arguments in settings["callbacks"].items()
    ]
    return keras.callbacks.CallbackList(made, model=model, add_history=False)


class _Best:
    """Follows the objective; keeps the weights of the epoch that decides it.

    Args:
        model: the network.
        objective: such as ``val_acc__max``.
    """

    def __init__(self, model: keras.Model, objective: str) -> None:
        self.model = model
        self.sign, self.name, self.epoch = read_objective(objective)
        self.value = float("nan")
        self.weights: list[np.ndarray] | None = None

    def update(self, logs: dict[str, float]) -> None:
        """Learn an epoch's values."""
        if self.name not in logs:
            raise TaskError(
                f"the objective names {self.name!r}, expected one of "
                f"{', '.join(sorted(logs))}"
            )
        value = logs[self.name]
        if self.epoch == "last":
            self.value = value
        elif isnan(self.value) or (
            value > self.value if self.epoch == "max" else value < self.value
        ):
            self.value = value
            self.weights = self.model.get_weights()

    def finish(self) -> float:
        """Give the model its deciding weights back; return what to maximise."""
        if self.weights is not None:
            self.model.set_weights(self.weights)
        return self.sign * self.value
