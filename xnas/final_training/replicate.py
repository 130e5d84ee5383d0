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
from xnas.evaluation.explainers import introspectability
from xnas.evaluation.network import PlainNetwork
from xnas.evaluation.settings import RunSettings
from xnas.final_training.folder import ReplicateFolder
from xnas.final_training.plain_model import foreign_objects, plain_model, save_model
from xnas.objectives import INTROSPECTABILITY, Metric
from xnas.problem import NaProblem
from xnas.results import write_json
from xnas.space import KSearchSpace
from xnas.training.data import TaskData
from xnas.training.initial import fresh_network
from xnas.training.loop import OnEpoch, TrainingResult, measure, train

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

    def introspectability(self, network: PlainNetwork) -> dict[str, float]:
        """Return the score under its name, as the search computes it, if it does."""
        if not self.run_settings.score_introspectability:
            return {}
        with warnings.catch_warnings():
            # Of classes without activations; −inf says enough.
            warnings.simplefilter("ignore", RuntimeWarning)
            score = introspectability(network, self.run_settings, self.weights)
        return {INTROSPECTABILITY: score}

    def network(
        self, model: keras.Model, training: TrainingResult, data: TaskData | None = None
    ) -> PlainNetwork:
        """Return a trained model as explainers take it.

        Args:
            model: the model.
            training: what its training gave.
            data: what to score it on, the task's by default.
        """
        bound = self.run_settings.max_scored_examples
        data = data or self.data
        return PlainNetwork(model, data, training, max_scored_examples=bound)

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
        training = train(
            model,
            settings,
            data,
            seed=seed,
            start=start,
            on_epoch=on_epoch,
            on_state=folder.write_checkpoint,
        )
    except EvaluationError as error:
        raise EvaluationError(
            error.reason, f"replicate {replicate} (seed {seed}) failed: {error}"
        ) from error
    validation = {
        settings.objective: training.objective,
        **trainable.introspectability(trainable.network(model, training)),
    }
    plain = plain_model(model, data)
    test, test_metrics = _test(trainable, model, training)
    outcome = Outcome(
        replicate=replicate,
        seed=seed,
        n_parameters=model.count_params(),
        history=training.history,
        validation=validation,
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
    trainable: Trainable, model: keras.Model, training: TrainingResult
) -> tuple[dict[str, float] | None, dict[str, float] | None]:
    """Measure objectives, and loss and metrics, on the test data, if any."""
    data, settings = trainable.data.tested(), trainable.problem.training_settings()
    if data is None:
        return None, None
    batches = data.validation_batches(settings.validation_batch_size)
    metrics = measure(model, settings, trainable.data, batches)
    objective = Metric.parse(settings.objective)
    key = find_alias(objective.name.removeprefix("val_"), metrics)
    scores = {}
    if key is not None:
        scores[settings.objective] = objective.sign * metrics[key]
    network = trainable.network(model, training, data)
    return scores | trainable.introspectability(network), metrics


def _read_outcome(path: Path) -> Outcome | None:
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text())
    return Outcome(**content)
