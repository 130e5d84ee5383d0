"""Trains and scores networks through one graph of the whole space."""

import time

from xnas.evaluation.trainer import Scoring, TrainedNetwork
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.supernet.network import Supernet
from xnas.supernet.scoring import SupernetScorer
from xnas.supernet.training import SupernetEpochs, check_hyperparameters
from xnas.tasks import load_task_data
from xnas.training import train


class CompiledTrainer:
    """Traces the whole space once; a network then costs its arithmetic.

    Args:
        problem: the task; its data is loaded here, once.

    Raises:
        TaskError: the task's data breaks its contract.
        UnsupportedSpaceError: the space does not go into one graph.
    """

    def __init__(self, problem: NaProblem) -> None:
        check_hyperparameters(problem)
        self._problem = problem
        self._data = load_task_data(problem)
        self.supernet = Supernet(problem.build_space())
        self._epochs = SupernetEpochs(self.supernet, problem, self._data)
        self._scorers: dict[str, SupernetScorer] = {}

    def evaluate(
        self, genotype: Genotype, *, seed: int, scoring: Scoring | None
    ) -> TrainedNetwork:
        """Train and score; see :class:`~xnas.evaluation.trainer.NetworkTrainer`."""
        started = time.perf_counter()
        self.supernet.choose(genotype, seed)
        self._epochs.begin(seed)
        training = train(
            self.supernet, self._problem, self._data, seed=seed, epochs=self._epochs
        )
        trained = time.perf_counter()
        activations = None
        if scoring is not None:
            activations = self._scorer(scoring).collect(scoring.max_examples)
        return TrainedNetwork(
            objective=training.objective,
            history=training.history,
            n_parameters=self.supernet.count_params(),
            training_time=trained - started,
            activations=activations,
            xai_time=time.perf_counter() - trained if scoring else 0.0,
        )

    def _scorer(self, scoring: Scoring) -> SupernetScorer:
        kind = scoring.group_by
        if kind not in self._scorers:
            self._scorers[kind] = SupernetScorer(self.supernet, self._data, kind)
        return self._scorers[kind]
