"""One network trained from scratch, with checkpoints, and scored."""

import copy
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from xnas.declarations.measures import first_metric
from xnas.declarations.training_settings import TrainingSettings
from xnas.errors import EvaluationError
from xnas.evaluation.explainers import explainers_of_run
from xnas.evaluation.network import PlainNetwork
from xnas.evaluation.output import Measured
from xnas.evaluation.settings import RunSettings
from xnas.final_training.folder import ReplicateFolder
from xnas.final_training.plain_model import (
    examples,
    foreign_objects,
    plain_model,
    save_model,
)
from xnas.objectives import INTROSPECTABILITY, MINIMISED, Objective
from xnas.problem import NaProblem
from xnas.results import write_json
from xnas.space import KSearchSpace
from xnas.space.precision import FULL
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
        objectives: what the search looked for; the task's own objective if empty.
    """

    problem: NaProblem
    data: TaskData
    space: KSearchSpace
    arch_seq: tuple[int, ...]
    run_settings: RunSettings
    weights: NDArray[np.float64] | None
    objectives: tuple[Objective, ...] = ()

    @property
    def axes(self) -> tuple[Objective, ...]:
        """What the replicates are compared by."""
        own = self.problem.objective_name
        return self.objectives or (
            Objective(own.removeprefix("-"), not own.startswith("-")),
        )

    @property
    def settings(self) -> TrainingSettings:
        """How to train; the first metric among the axes keeps the best weights."""
        return self.problem.training_settings([axis.text for axis in self.axes])

    def measured(
        self,
        model: keras.Model,
        history: Mapping[str, list[float]],
        seconds: float,
        data: TaskData | None = None,
    ) -> dict[str, float]:
        """Return objectives as measured, and introspectability if it was scored.

        Args:
            model: the trained network.
            history: name to one value an epoch.
            seconds: that training took.
            data: whose validation data explainers see, the task's by default.

        Returns:
            Values by name; what an explainer fails at is missing.
        """
        explainers = explainers_of_run(self.run_settings, self.problem, self.weights)
        network = PlainNetwork(
            model,
            data or self.data,
            TrainingResult(nan, dict(history), seconds),
            training_time=seconds,
            max_scored_examples=self.run_settings.max_scored_examples,
            scored_sample=self.run_settings.scored_sample,
        )
        names = {axis.name: None for axis in self.axes}
        if self.run_settings.score_introspectability:
            names[INTROSPECTABILITY] = None
        measured = Measured(network, explainers)
        with warnings.catch_warnings():
            # Of classes without activations; −inf says enough.
            warnings.simplefilter("ignore", RuntimeWarning)
            values = {
                name: measured.recorded(name)
                for name in names
                if name in explainers
                or name in MINIMISED
                or first_metric([name], self.settings.metrics)
            }
        return {name: value for name, value in values.items() if value is not None}

    @property
    def scoring_settings(self) -> dict[str, Any]:
        """How introspectability is measured, settings by name."""
        return {name: getattr(self.run_settings, name) for name in SCORING_SETTINGS}

    def build(self, seed: int) -> keras.Model:
        """Make the network with fresh weights."""
        return fresh_network(self.space, self.arch_seq, seed)

    def in_full(self, model: keras.Model) -> keras.Model:
        """Make the network that has a network's weights and computes in float32."""
        if self.space.precision == FULL:
            return model
        space = copy.copy(self.space)
        space.precision = FULL
        other = fresh_network(space, self.arch_seq, 0)
        other.set_weights(model.get_weights())
        return other


@dataclass(frozen=True)
class Outcome:
    """What became of one replicate.

    Args:
        replicate: counts from 1.
        seed: its seed.
        n_parameters: of the network.
        history: name to one value an epoch.
        validation: objectives on the validation data, by name, as measured.
        test: the same on the test data; ``None`` without those.
        test_metrics: loss and metrics on the test data.
        foreign: layers and functions that plain Keras does not know.
        minimised: names of the objectives of which less is better.
    """

    replicate: int
    seed: int
    n_parameters: int
    history: Mapping[str, list[float]]
    validation: Mapping[str, float]
    test: Mapping[str, float] | None
    test_metrics: Mapping[str, float] | None
    foreign: list[str]
    minimised: Sequence[str] = ()

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
    if folder.outcome.exists():
        finished = Outcome(**json.loads(folder.outcome.read_text()))
        on_start(finished.epochs)
        return finished
    folder.root.mkdir(parents=True, exist_ok=True)
    start = folder.read_checkpoint()
    on_start(start.epochs if start else 0)
    model = trainable.build(seed)
    data = trainable.data
    try:
        training = train(
            model,
            trainable.settings,
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
    validation = trainable.measured(model, training.history, training.seconds)
    test, test_metrics = _test(trainable, model, training.seconds)
    plain = plain_model(trainable.in_full(model), data)
    outcome = Outcome(
        replicate=replicate,
        seed=seed,
        n_parameters=model.count_params(),
        history=training.history,
        validation=validation,
        test=test,
        test_metrics=test_metrics,
        foreign=foreign_objects(plain),
        minimised=[axis.name for axis in trainable.axes if not axis.maximize],
    )
    save_model(plain, folder.model, examples(plain, data))
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
    trainable: Trainable, model: keras.Model, seconds: float
) -> tuple[dict[str, float] | None, dict[str, float] | None]:
    """Measure objectives, and loss and metrics, on the test data, if any."""
    data, settings = trainable.data.tested(), trainable.settings
    if data is None:
        return None, None
    batches = data.validation_batches(settings.validation_batch_size)
    metrics = measure(model, settings, trainable.data, batches)
    history = {name: [value] for name, value in metrics.items()}
    history |= {f"val_{name}": values for name, values in history.items()}
    return trainable.measured(model, history, seconds, data), metrics
