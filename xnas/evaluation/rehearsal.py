"""One evaluation cut short, by the trainer of the search, and what a search will take.

All that an evaluation does is done: the same trainer, batches, schedule, callbacks,
history, objectives and explainers. There are just fewer steps and scored examples.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.explainers import Explainer
from xnas.declarations.functions import error_text
from xnas.errors import EvaluationError, TaskError
from xnas.evaluation.explainers import explainers_of_run
from xnas.evaluation.network import TrainedNetwork
from xnas.evaluation.output import Measured
from xnas.evaluation.settings import RunSettings, evaluation_seed
from xnas.evaluation.trainer import NetworkTrainer
from xnas.objectives import INTROSPECTABILITY, LAYER_MEAN
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.training.data import TaskData
from xnas.training.epochs import Trial
from xnas.xai.activations import BATCH_SIZE, MAX_BATCH_BYTES

WRITTEN = {"CSVLogger": "filename", "ModelCheckpoint": "filepath"}
"""Callbacks that write a file, and the argument that names it."""


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
        trial: its training.
        elapsed: seconds of the whole rehearsal.
        building: seconds to build it.
        score: of its activations, if they are scored.
        explaining: seconds that everything else took that is measured.
        failure: why an evaluation fails, such as ``nan``; ``None`` if none did.
    """

    genotype: Genotype
    trial: Trial
    elapsed: float
    building: float = 0.0
    score: TrialScore | None = None
    explaining: float = 0.0
    failure: str | None = None

    def evaluation_seconds(
        self, problem: NaProblem, data: TaskData, settings: RunSettings
    ) -> float:
        """Estimate what a whole evaluation of this network takes.

        Args:
            problem: the task, its number of epochs above all.
            data: its data.
            settings: how many examples are scored.

        Returns:
            Seconds; training ends where a loss is NaN.
        """
        if self.failure is not None:
            return self.elapsed
        training = problem.training_settings()
        steps = training.steps_per_epoch(data.train_size)
        batches = data.valid_size / min(training.validation_batch_size, data.valid_size)
        epoch = steps * self.trial.step + batches * self.trial.validation_batch
        seconds = self.building + self.trial.preparation + self.explaining
        seconds += problem.hyperparameter_values["num_epochs"] * epoch
        if self.score is None:
            return seconds
        scored = min(data.valid_size, settings.max_scored_examples)
        return seconds + self.score.preparation + scored * self.score.per_example


def rehearse(
    trainer: NetworkTrainer,
    genotype: Genotype,
    problem: NaProblem,
    data: TaskData,
    settings: RunSettings,
    weights: NDArray[np.float64] | None,
) -> Rehearsal:
    """Evaluate one network as a search does, but for the number of steps.

    Args:
        trainer: the search's.
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
    steps = problem.training_settings().steps_per_epoch(data.train_size)
    count = min(BATCH_SIZE, data.valid_size, settings.max_scored_examples)
    found = partial(Rehearsal, genotype, trial := Trial(steps))
    started = time.perf_counter()
    try:
        network = trainer.evaluate(
            genotype,
            seed=evaluation_seed(settings.seed, genotype),
            max_scored_examples=count,
            trial=trial,
        )
    except EvaluationError as error:
        return found(time.perf_counter() - started, failure=error.reason)
    building = network.training_time - sum(trial.training) - sum(trial.validation)
    features, preparation, again = 0, 0.0, 0.0
    if settings.scores_activations:
        features, preparation, again = _score_twice(network, settings)
    explained = time.perf_counter()
    values = _measure(network, settings, explainers_of_run(settings, problem, weights))
    ended = time.perf_counter()
    score = None
    if settings.scores_activations:
        value = values.get(INTROSPECTABILITY, values.get(LAYER_MEAN, np.nan))
        score = TrialScore(value, features, preparation, again / count)
    wanted = (name.removeprefix("-") for name in settings.objectives or ())
    return found(
        ended - started,
        max(0.0, building),
        score,
        ended - explained,
        "nan" if any(np.isnan(values[name]) for name in wanted) else None,
    )


def _score_twice(
    network: TrainedNetwork, settings: RunSettings
) -> tuple[int, float, float]:
    """Return features, seconds that are taken once a network, and those of scoring."""
    clock = [time.perf_counter()]
    for _ in range(2):
        network.collected.clear()
        activations = network.class_activations(group_by=settings.group_by)
        clock.append(time.perf_counter())
    first, again = np.diff(clock)
    return int(sum(activations.layer_sizes)), max(0.0, first - again), float(again)


def _measure(
    network: TrainedNetwork, settings: RunSettings, explainers: Mapping[str, Explainer]
) -> dict[str, float]:
    """Measure all that an evaluation does, and what it only records no less strictly.

    Raises:
        TaskError: an explainer fails, or returns no number.
    """
    measured, values = Measured(network, explainers), {}
    for name in dict.fromkeys((*settings.measured, *settings.recorded)):
        try:
            values[name] = measured.value(name)
        except EvaluationError as error:
            raise TaskError(str(error)) from error
        except Exception as error:
            if name not in explainers:
                raise
            raise TaskError(
                f"explainer {name!r} failed: {error_text(error)}"
            ) from error
    return values


def with_files_in(problem: NaProblem, folder: str) -> NaProblem:
    """Let callbacks write into a folder of a rehearsal, and not over what a run wrote.

    Args:
        problem: the task.
        folder: of their files.

    Raises:
        TaskError: the folder of such a file is missing, and Keras does not make it.
    """
    log = problem.hyperparameter_values["callbacks"].get("CSVLogger", {})
    missing = Path(log.get("filename", "")).parent
    if not missing.is_dir():
        raise TaskError(
            f"callback CSVLogger writes into the folder {missing.absolute()}, which is "
            "not there: make it, or name another file"
        )
    callbacks = {
        name: _moved(arguments, WRITTEN.get(name), folder)
        for name, arguments in problem.hyperparameter_values["callbacks"].items()
    }
    return problem.with_hyperparameters(callbacks=callbacks)


def _moved(
    arguments: Mapping[str, Any], file: str | None, folder: str
) -> Mapping[str, Any]:
    if file is None or file not in arguments:
        return arguments
    return {**arguments, file: str(Path(folder, Path(arguments[file]).name))}


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
