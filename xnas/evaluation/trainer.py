"""What trainers have in common, and the plain one."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial

import keras

from xnas.evaluation.network import PlainNetwork, TrainedNetwork
from xnas.evaluation.settings import MAX_SCORED_EXAMPLES, ScoredSample
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.tasks import load_task_data, space_of
from xnas.training.data import TaskData
from xnas.training.epochs import Epochs, Trial
from xnas.training.initial import fresh_network
from xnas.training.loop import train
from xnas.training.numerics import pin_numerics

Begun = tuple[keras.Model, Epochs | None, Callable[..., TrainedNetwork]]
"""A model to train, its epochs if not streamed, and what makes the trained network."""


class NetworkTrainer(ABC):
    """Trains networks of one task; holds what they share.

    Args:
        problem: the task; its data is loaded here, once.
        objectives: as for :meth:`~xnas.problem.NaProblem.training_settings`.
        data: its data, where they are loaded already.

    Attributes:
        space: the task's search space.

    Raises:
        TaskError: the task's data breaks its contract, or its code tells Keras of a
            precision by itself.
    """

    def __init__(
        self,
        problem: NaProblem,
        objectives: Sequence[str] | None = None,
        data: TaskData | None = None,
    ) -> None:
        self._settings = problem.training_settings(objectives)
        self._data = data or load_task_data(problem)
        self.space = space_of(problem, self._data)
        pin_numerics()

    def evaluate(
        self,
        genotype: Genotype,
        *,
        seed: int,
        max_scored_examples: int = MAX_SCORED_EXAMPLES,
        scored_sample: ScoredSample = "stratified",
        trial: Trial | None = None,
    ) -> TrainedNetwork:
        """Train one network from scratch.

        Args:
            genotype: one choice a variable node.
            seed: everything random follows from it.
            max_scored_examples: as for
                :class:`~xnas.evaluation.network.TrainedNetwork`.
            scored_sample: likewise.
            trial: cuts the training short, and times it.

        Returns:
            The network, usable until the next one is trained; a function of task,
            genotype and seed, whatever was evaluated before.

        Raises:
            EvaluationError: the network failed for a reason with a name.
        """
        started = time.perf_counter()
        model, epochs, trained = self._begin(genotype, seed)
        training = train(
            model, self._settings, self._data, seed=seed, epochs=epochs, trial=trial
        )
        return trained(
            self._data,
            training,
            training_time=time.perf_counter() - started,
            max_scored_examples=max_scored_examples,
            scored_sample=scored_sample,
        )

    @abstractmethod
    def _begin(self, genotype: Genotype, seed: int) -> Begun:
        """Set a network to its first weights, which follow from the seed."""


class PlainTrainer(NetworkTrainer):
    """Builds a fresh Keras model for every genotype.

    Args:
        *args: see :class:`NetworkTrainer`.
        **kwargs: likewise.
    """

    def _begin(self, genotype: Genotype, seed: int) -> Begun:
        model = fresh_network(self.space, genotype, seed)
        return model, None, partial(PlainNetwork, model)
