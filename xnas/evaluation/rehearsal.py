"""One network trained for a few steps and scored, and what a search follows to take."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.explainers import Explainer
from xnas.declarations.functions import error_text
from xnas.errors import EvaluationError, TaskError
from xnas.evaluation.explainers import explain, explainers_of_run
from xnas.evaluation.network import PlainNetwork
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trial import Trial, try_training
from xnas.objectives import INTROSPECTABILITY
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.space import KSearchSpace
from xnas.training.data import TaskData
from xnas.training.initial import fresh_network
from xnas.training.loop import TrainingResult
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
        explaining: seconds that other explainers took.
    """

    genotype: Genotype
    n_parameters: int
    trial: Trial
    building: float
    score: TrialScore | None
    explaining: float = 0.0

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
        seconds += self.explaining
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
        settings: seed, and what is measured, and how.
        weights: how pairs of classes weigh, if not all the same.

    Returns:
        What it took.

    Raises:
        ValueError: the network cannot be scored.
        TaskError: another explainer fails, or returns no number.
    """
    started = time.perf_counter()
    model = fresh_network(space, genotype, settings.seed)
    building = time.perf_counter() - started
    trial = try_training(model, problem.training_settings(), data, seed=settings.seed)
    count = min(BATCH_SIZE, data.valid_size, settings.max_scored_examples)

    def network() -> PlainNetwork:
        """Return it as if it had been trained, with nothing worked out yet."""
        nothing = TrainingResult(trial.loss, {}, 0.0)
        return PlainNetwork(model, data, nothing, max_scored_examples=count)

    explainers = explainers_of_run(settings, problem, weights)
    scoring = explainers.pop(INTROSPECTABILITY)
    score = None
    if settings.score_introspectability:
        score = _try_scoring(scoring, network, settings, count)
    started = time.perf_counter()
    for name in explainers.keys() & {*settings.measured}:
        _try_explaining(explainers[name], network())
    return Rehearsal(
        genotype=genotype,
        n_parameters=model.count_params(),
        trial=trial,
        building=building,
        score=score,
        explaining=time.perf_counter() - started,
    )


def _try_scoring(
    scoring: Explainer,
    network: Callable[[], PlainNetwork],
    settings: RunSettings,
    count: int,
) -> TrialScore:
    started = time.perf_counter()
    scoring.function(network())
    warm = time.perf_counter()
    scored = network()
    value = scoring.function(scored)
    again = time.perf_counter() - warm
    activations = scored.class_activations(group_by=settings.group_by)
    return TrialScore(
        value=value,
        n_features=int(sum(activations.layer_sizes)),
        preparation=max(0.0, warm - started - again),
        per_example=again / count,
    )


def _try_explaining(explainer: Explainer, network: PlainNetwork) -> None:
    try:
        explain(explainer, network)
    except EvaluationError as error:
        raise TaskError(str(error)) from error
    except Exception as error:
        raise TaskError(
            f"explainer {explainer.name!r} failed: {error_text(error)}"
        ) from error


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
