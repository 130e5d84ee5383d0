"""The plain trainer, and what trainers have in common."""

import time
from collections.abc import Sequence
from typing import Protocol

from xnas.evaluation.network import PlainNetwork, TrainedNetwork
from xnas.evaluation.settings import MAX_SCORED_EXAMPLES
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.tasks import load_task_data, space_of
from xnas.training.initial import fresh_network
from xnas.training.loop import train
from xnas.training.numerics import pin_numerics


class NetworkTrainer(Protocol):
    """Trains networks of one task; holds what they share."""

    def evaluate(
        self,
        genotype: Genotype,
        *,
        seed: int,
        max_scored_examples: int = MAX_SCORED_EXAMPLES,
    ) -> TrainedNetwork:
        """Train one network from scratch.

        Args:
            genotype: one choice a variable node.
            seed: everything random follows from it.
            max_scored_examples: as for
                :class:`~xnas.evaluation.network.TrainedNetwork`.

        Returns:
            The network, usable until the next one is trained; a function of task,
            genotype and seed, whatever was evaluated before.

        Raises:
            EvaluationError: the network failed for a reason with a name.
        """


class PlainTrainer:
    """Builds a fresh Keras model for every genotype.

    Args:
        problem: the task; its data is loaded here, once.
        objectives: as for :meth:`~xnas.problem.NaProblem.training_settings`.

    Raises:
        TaskError: the task's data breaks its contract, or its code tells Keras of a
            precision by itself.
    """

    def __init__(
        self, problem: NaProblem, objectives: Sequence[str] | None = None
    ) -> None:
        self._settings = problem.training_settings(objectives)
        self._data = load_task_data(problem)
        self._space = space_of(problem, self._data)
        pin_numerics()

    def evaluate(
        self,
        genotype: Genotype,
        *,
        seed: int,
        max_scored_examples: int = MAX_SCORED_EXAMPLES,
    ) -> PlainNetwork:
        """Train a network; see :class:`NetworkTrainer`."""
        started = time.perf_counter()
        model = fresh_network(self._space, genotype, seed)
        training = train(model, self._settings, self._data, seed=seed)
        return PlainNetwork(
            model,
            self._data,
            training,
            training_time=time.perf_counter() - started,
            max_scored_examples=max_scored_examples,
        )
