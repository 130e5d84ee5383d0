"""The plain trainer, and what trainers have in common."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Protocol

import keras
import tensorflow as tf

from xnas.declarations.training_settings import TrainingSettings
from xnas.evaluation.settings import MAX_SCORED_EXAMPLES
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.tasks import load_task_data, space_of
from xnas.training.data import TaskData
from xnas.training.initial import fresh_network
from xnas.training.loop import OnEpoch, OnState, TrainingResult, train
from xnas.training.state import TrainingState
from xnas.xai import ClassActivations, collect_activations

SCORED_AT_ONCE = 1024
"""Validation examples read at a time; scoring cuts them into batches of its own."""


@dataclass(frozen=True)
class Scoring:
    """How class activations are collected.

    Args:
        group_by: whether an example counts for the class that is predicted, or for
            the one of its label.
        max_examples: how many validation examples to use at most.
    """

    group_by: Literal["prediction", "label"] = "prediction"
    max_examples: int = MAX_SCORED_EXAMPLES


@dataclass(frozen=True)
class TrainedNetwork:
    """What became of one network.

    Args:
        objective: the task's objective.
        history: name to one value an epoch.
        n_parameters: of the network, trainable or not.
        training_time: seconds, building included.
        activations: class activations on the validation data, if asked for.
        xai_time: seconds it took to get them.
    """

    objective: float
    history: dict[str, list[float]]
    n_parameters: int
    training_time: float
    activations: ClassActivations | None
    xai_time: float


class NetworkTrainer(Protocol):
    """Trains and scores networks of one task; holds what they share."""

    def evaluate(
        self, genotype: Genotype, *, seed: int, scoring: Scoring | None
    ) -> TrainedNetwork:
        """Train one network from scratch and score it.

        Args:
            genotype: one choice a variable node.
            seed: everything random follows from it.
            scoring: how to collect class activations, ``None`` not to.

        Returns:
            A function of task, genotype and seed, whatever was evaluated before.

        Raises:
            EvaluationError: the network failed for a reason with a name.
        """


class PlainTrainer:
    """Builds a fresh Keras model for every genotype.

    Args:
        problem: the task; its data is loaded here, once.
        objectives: as for :meth:`~xnas.problem.NaProblem.training_settings`.

    Raises:
        TaskError: the task's data breaks its contract.
    """

    def __init__(
        self, problem: NaProblem, objectives: Sequence[str] | None = None
    ) -> None:
        self._settings = problem.training_settings(objectives)
        self._data = load_task_data(problem)
        self._space = space_of(problem, self._data)

    def evaluate(
        self, genotype: Genotype, *, seed: int, scoring: Scoring | None
    ) -> TrainedNetwork:
        """Train and score; see :class:`NetworkTrainer`."""
        started = time.perf_counter()
        model = fresh_network(self._space, genotype, seed)
        found = train_and_score(
            model, self._settings, self._data, seed=seed, scoring=scoring
        )
        seconds = time.perf_counter() - started - found.xai_time
        return replace(found, training_time=seconds)


def train_and_score(
    model: keras.Model,
    settings: TrainingSettings,
    data: TaskData,
    *,
    seed: int,
    scoring: Scoring | None,
    start: TrainingState | None = None,
    on_epoch: OnEpoch | None = None,
    on_state: OnState | None = None,
) -> TrainedNetwork:
    """Train a fresh network and score it on the validation data.

    Args:
        model: the network, which afterwards holds the weights that were scored.
        settings: how to train it.
        data: the task's data.
        seed: of the order of examples and of augmentation.
        scoring: how to collect class activations, ``None`` not to.
        start: as for :func:`xnas.training.train`.
        on_epoch: likewise.
        on_state: likewise.

    Returns:
        What became of it.

    Raises:
        EvaluationError: the objective is NaN.
    """
    started = time.perf_counter()
    training = train(
        model,
        settings,
        data,
        seed=seed,
        on_epoch=on_epoch,
        start=start,
        on_state=on_state,
    )
    collect = None
    if scoring is not None:
        batches = data.validation_batches(SCORED_AT_ONCE)
        collect = partial(score_classes, model, batches, data.n_outputs, scoring)
    return scored(training, model.count_params(), started, collect)


def scored(
    training: TrainingResult,
    n_parameters: int,
    started: float,
    collect: Callable[[], ClassActivations] | None,
) -> TrainedNetwork:
    """Score what was trained just now.

    Args:
        training: what it gave.
        n_parameters: of the network.
        started: when its making began, by ``time.perf_counter``.
        collect: collects the class activations, ``None`` not to.
    """
    trained = time.perf_counter()
    activations = collect() if collect else None
    return TrainedNetwork(
        objective=training.objective,
        history=training.history,
        n_parameters=n_parameters,
        training_time=trained - started,
        activations=activations,
        xai_time=time.perf_counter() - trained if collect else 0.0,
    )


def score_classes(
    model: keras.Model, batches: tf.data.Dataset, n_classes: int, scoring: Scoring
) -> ClassActivations:
    """Collect a trained network's class activations.

    Args:
        model: the network.
        batches: of (inputs, labels).
        n_classes: of the task.
        scoring: how to collect them.
    """
    return collect_activations(
        model,
        batches,
        n_classes=n_classes,
        group_by=scoring.group_by,
        max_examples=scoring.max_examples,
    )
