"""What stands between the run function and how a network is trained and scored."""

import time
from dataclasses import dataclass
from typing import Protocol

from xnas.nas_deephyper.candidates import Genotype
from xnas.problem import NaProblem
from xnas.training import fresh_session, load_task_data, train
from xnas.xai import ClassActivations, collect_activations


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

    def evaluate(self, genotype: Genotype, *, seed: int, score: bool) -> TrainedNetwork:
        """Train one network from scratch and score it.

        Args:
            genotype: one choice a variable node.
            seed: everything random follows from it.
            score: whether to collect class activations.

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

    def evaluate(self, genotype: Genotype, *, seed: int, score: bool) -> TrainedNetwork:
        """Train one network from scratch and score it.

        Args:
            genotype: one choice a variable node.
            seed: everything random follows from it.
            score: whether to collect class activations.

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
                self._data.validation_batches(self._data.valid_size),
                n_classes=self._data.n_outputs,
            )
            if score
            else None
        )
        return TrainedNetwork(
            objective=training.objective,
            history=training.history,
            n_parameters=model.count_params(),
            training_time=trained - started,
            activations=activations,
            xai_time=time.perf_counter() - trained if score else 0.0,
        )
