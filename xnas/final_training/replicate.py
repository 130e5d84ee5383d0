"""One network trained from scratch, with checkpoints, and scored."""

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from xnas.declarations.keras_names import find_alias
from xnas.errors import EvaluationError
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trainer import (
    SCORED_AT_ONCE,
    Scoring,
    score_classes,
    train_and_score,
)
from xnas.final_training.folder import ReplicateFolder
from xnas.final_training.plain_model import foreign_objects, plain_model, save_model
from xnas.objectives import Metric
from xnas.problem import NaProblem
from xnas.results import write_json
from xnas.space import KSearchSpace
from xnas.training.data import TaskData
from xnas.training.initial import fresh_network
from xnas.training.loop import OnEpoch, measure
from xnas.xai import ClassActivations

INTROSPECTABILITY = "introspectability"
SCORING_SETTINGS = (
    "explainability_type",
    "group_by",
    "divide_by_mean_similarity",
    "max_scored_examples",
)
FILE_WRITING_CALLBACKS = ("CSVLogger", "ModelCheckpoint")


@dataclass(frozen=True)
class Trainable:
    """A network with everything that is needed to train and score it.

    Args:
        problem: the task, with the hyperparameters to train with.
        data: its data.
        space: its search space.
        arch_seq: one choice a variable node.
        run_settings: how the search scored.
        weights: how pairs of classes weigh in introspectability, if not all the same.
    """

    problem: NaProblem
    data: TaskData
    space: KSearchSpace
    arch_seq: tuple[int, ...]
    run_settings: RunSettings
    weights: NDArray[np.float64] | None

    @property
    def scoring_settings(self) -> dict[str, Any]:
        """How introspectability is measured, settings by name."""
        values = self.run_settings.to_json()
        return {name: values[name] for name in SCORING_SETTINGS}

    @property
    def scoring(self) -> Scoring | None:
        """How class activations are collected, ``None`` if the search did not."""
        if not self.run_settings.score_introspectability:
            return None
        return Scoring(
            self.run_settings.group_by, self.run_settings.max_scored_examples
        )

    def introspectability(self, activations: ClassActivations | None) -> dict:
        """Return the score under its name, as the search computes it."""
        if activations is None:
            return {}
        with warnings.catch_warnings():
            # Of classes without activations; −inf says enough.
            warnings.simplefilter("ignore", RuntimeWarning)
            score = activations.score(
                self.weights,
                divide_by_mean_similarity=self.run_settings.divide_by_mean_similarity,
            )
        return {INTROSPECTABILITY: score}

    def build(self, seed: int) -> keras.Model:
        """Make the network with fresh weights."""
        return fresh_network(self.space, self.arch_seq, seed)


@dataclass(frozen=True)
class Outcome:
    """What became of one replicate.

    Args:
        replicate: counts from 1.
        seed: its seed.
        n_parameters: of the network.
        history: name to one value an epoch.
        validation: objectives on the validation data, by name.
        test: the same on the test data; ``None`` without those.
        test_metrics: loss and metrics on the test data.
        foreign: layers and functions that plain Keras does not know.
    """

    replicate: int
    seed: int
    n_parameters: int
    history: Mapping[str, list[float]]
    validation: Mapping[str, float]
    test: Mapping[str, float] | None
    test_metrics: Mapping[str, float] | None
    foreign: list[str]

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return len(next(iter(self.history.values())))

    @property
    def stopped(self) -> bool:
        """Whether a loss that was not finite ended it."""
        return bool(np.isnan(self.history["loss"][-1]))


def train_replicate(
    trainable: Trainable,
    replicate: int,
    seed: int,
    folder: ReplicateFolder,
    on_epoch: OnEpoch,
    on_start: Callable[[int], None],
) -> Outcome:
    """Train and score one network, going on from its checkpoint where there is one.

    Args:
        trainable: what to train.
        replicate: its number.
        seed: its seed.
        folder: where it writes; the model and what is returned are there afterwards.
        on_epoch: called with the number of each epoch and its values.
        on_start: called first, with how many epochs are done.

    Returns:
        Scores and history, equal to those of a training in one go.

    Raises:
        EvaluationError: the objective is NaN.
        UsageError: the checkpoint cannot be read.
    """
    finished = _read_outcome(folder.outcome)
    if finished is not None:
        on_start(finished.epochs)
        return finished
    folder.root.mkdir(parents=True, exist_ok=True)
    start = folder.read_checkpoint()
    on_start(start.epochs if start else 0)
    model = trainable.build(seed)
    data, settings = trainable.data, trainable.problem.training_settings()
    try:
        found = train_and_score(
            model,
            settings,
            data,
            seed=seed,
            scoring=trainable.scoring,
            start=start,
            on_epoch=on_epoch,
            on_state=folder.write_checkpoint,
        )
    except EvaluationError as error:
        raise EvaluationError(
            error.reason, f"replicate {replicate} (seed {seed}) failed: {error}"
        ) from error
    plain = plain_model(model, data)
    test, test_metrics = _test(trainable, model)
    outcome = Outcome(
        replicate=replicate,
        seed=seed,
        n_parameters=found.n_parameters,
        history=found.history,
        validation={
            settings.objective: found.objective,
            **trainable.introspectability(found.activations),
        },
        test=test,
        test_metrics=test_metrics,
        foreign=foreign_objects(plain),
    )
    save_model(plain, folder.model)
    write_json(folder.outcome, vars(outcome))
    folder.checkpoint.unlink(missing_ok=True)
    return outcome


def without_files(problem: NaProblem) -> NaProblem:
    """Leave out callbacks that write files of their own, over and over.

    Args:
        problem: the task.
    """
    callbacks = {
        name: arguments
        for name, arguments in problem.hyperparameter_values["callbacks"].items()
        if name not in FILE_WRITING_CALLBACKS
    }
    return problem.with_hyperparameters(callbacks=callbacks)


def _test(
    trainable: Trainable, model: keras.Model
) -> tuple[dict[str, float] | None, dict[str, float] | None]:
    """Measure objectives, and loss and metrics, on the test data, if any."""
    data, settings = trainable.data, trainable.problem.training_settings()
    batches = data.test_batches(settings.validation_batch_size)
    if batches is None:
        return None, None
    metrics = measure(model, settings, data, batches)
    objective = Metric.parse(settings.objective)
    key = find_alias(objective.name.removeprefix("val_"), metrics)
    scores = {}
    if key is not None:
        scores[settings.objective] = objective.sign * metrics[key]
    if trainable.scoring is not None:
        again = data.test_batches(SCORED_AT_ONCE)
        scoring = trainable.scoring
        activations = score_classes(model, again, data.n_outputs, scoring)
        scores |= trainable.introspectability(activations)
    return scores, metrics


def _read_outcome(path: Path) -> Outcome | None:
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text())
    return Outcome(**content)
