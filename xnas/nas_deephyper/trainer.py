"""What stands between the run function and how a network is trained and scored."""

import time
from dataclasses import dataclass
from typing import Literal, Protocol

from xnas.nas_deephyper.candidates import Genotype
from xnas.nas_deephyper.run_settings import MAX_SCORED_EXAMPLES
from xnas.problem import NaProblem
from xnas.training import fresh_session, load_task_data, train
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

    Raises:
        TaskError: the task's data breaks its contract.
    """

    def __init__(self, problem: NaProblem) -> None:
        self._problem = problem
        self._data = load_task_data(problem)
        self._space = problem.build_space()

    def evaluate(
        self, genotype: Genotype, *, seed: int, scoring: Scoring | None
    ) -> TrainedNetwork:
        """Train one network from scratch and score it.

        Args:
            genotype: one choice a variable node.
            seed: everything random follows from it.
            scoring: how to collect class activations, ``None`` not to.

        Returns:
            What became of it.

        Raises:
            EvaluationError: the objective is NaN.
        """
        started = time.perf_counter()
        fresh_session(seed)
        self._space.set_ops(list(genotype))
        model = self._space.create_model()
        training = train(model, self._problem, self._data, seed=seed)
        trained = time.perf_counter()
        activations = (
            collect_activations(
                model,
                self._data.validation_batches(SCORED_AT_ONCE),
                n_classes=self._data.n_outputs,
                group_by=scoring.group_by,
                max_examples=scoring.max_examples,
            )
            if scoring
            else None
        )
        return TrainedNetwork(
            objective=training.objective,
            history=training.history,
            n_parameters=model.count_params(),
            training_time=trained - started,
            activations=activations,
            xai_time=time.perf_counter() - trained if scoring else 0.0,
        )
