"""One network trained for a few steps and scored, and what a search follows to take."""

import time
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trial import Trial, try_training
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.space import KSearchSpace
from xnas.training.data import TaskData
from xnas.training.initial import fresh_network
from xnas.xai import ClassActivations, collect_activations
from xnas.xai.activations import BATCH_SIZE, MAX_BATCH_BYTES


@dataclass(frozen=True)
class TrialScore:
    """What scoring a few examples took.

    Args:
        value: introspectability, of a network that has hardly been trained.
        n_features: outputs that it looks at.
        preparation: seconds before the first batch is scored.
        per_example: seconds an example after that.
    """

    value: float
    n_features: int
    preparation: float
    per_example: float


@dataclass(frozen=True)
class Rehearsal:
    """What one network took.

    Args:
        genotype: one choice a variable node.
        n_parameters: of the network.
        trial: its training.
        building: seconds to build it.
        score: its introspectability, if asked for.
    """

    genotype: Genotype
    n_parameters: int
    trial: Trial
    building: float
    score: TrialScore | None

    def evaluation_seconds(
        self, problem: NaProblem, data: TaskData, settings: RunSettings
    ) -> float:
        """Estimate what a whole evaluation of this network takes.

        Args:
            problem: the task, its number of epochs above all.
            data: its data.
            settings: how many examples are scored.

        Returns:
            Seconds.
        """
        epochs = problem.hyperparameter_values["num_epochs"]
        epoch = (
            data.train_size * self.trial.training
            + data.valid_size * self.trial.validation
        )
        seconds = self.building + self.trial.preparation + epochs * epoch
        if self.score is None:
            return seconds
        scored = min(data.valid_size, settings.max_scored_examples)
        return seconds + self.score.preparation + scored * self.score.per_example


def rehearse(
    space: KSearchSpace,
    genotype: Genotype,
    problem: NaProblem,
    data: TaskData,
    settings: RunSettings,
    weights: NDArray[np.float64] | None,
) -> Rehearsal:
    """Build one network, train it for a few steps, and score it.

    Args:
        space: the task's search space.
        genotype: one choice a variable node.
        problem: the task.
        data: its data.
        settings: seed, and whether and how to score.
        weights: how pairs of classes weigh, if not all the same.

    Returns:
        What it took.

    Raises:
        ValueError: the network cannot be scored.
    """
    started = time.perf_counter()
    model = fresh_network(space, genotype, settings.seed)
    building = time.perf_counter() - started
    trial = try_training(model, problem.training_settings(), data, seed=settings.seed)
    score = None
    if settings.score_introspectability:
        score = _try_scoring(model, data, settings, weights)
    return Rehearsal(genotype, model.count_params(), trial, building, score)


def _try_scoring(
    model: keras.Model,
    data: TaskData,
    settings: RunSettings,
    weights: NDArray[np.float64] | None,
) -> TrialScore:
    count = min(BATCH_SIZE, data.valid_size, settings.max_scored_examples)

    def collect() -> ClassActivations:
        return collect_activations(
            model,
            data.validation_batches(count),
            n_classes=data.n_outputs,
            group_by=settings.group_by,
            max_examples=count,
        )

    started = time.perf_counter()
    collect()
    warm = time.perf_counter()
    activations = collect()
    again = time.perf_counter() - warm
    return TrialScore(
        value=activations.score(
            weights, divide_by_mean_similarity=settings.divide_by_mean_similarity
        ),
        n_features=int(sum(activations.layer_sizes)),
        preparation=max(0.0, warm - started - again),
        per_example=again / count,
    )


def activations_bytes(n_features: int, n_classes: int) -> int:
    """Size of a file of mean activations, float32, before compression."""
    return 4 * n_features * n_classes


def scoring_bytes(n_features: int, n_classes: int) -> int:
    """Estimate the memory that scoring takes on top of the trained network.

    Args:
        n_features: outputs that introspectability looks at.
        n_classes: number of classes.

    Returns:
        Bytes of one batch of activations, and of the sums of each class, twice in
        float64 and once in float32.
    """
    batch = min(MAX_BATCH_BYTES, 4 * n_features * BATCH_SIZE)
    return batch + 5 * activations_bytes(n_features, n_classes)
