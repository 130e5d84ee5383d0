"""Trains and scores networks through one graph of the whole space."""

import time
from collections.abc import Sequence
from functools import partial

from xnas.evaluation.trainer import Scoring, TrainedNetwork, scored
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.supernet.network import Supernet
from xnas.supernet.scoring import SupernetScorer
from xnas.supernet.training import SupernetEpochs, check_supported
from xnas.tasks import load_task_data, space_of
from xnas.training.loop import train
from xnas.xai import ClassActivations


class CompiledTrainer:
    """Traces the whole space once; a network then costs its arithmetic.

    Args:
        problem: the task; its data is loaded here, once.
        objectives: as for :meth:`~xnas.problem.NaProblem.training_settings`.

    Raises:
        TaskError: the task's data breaks its contract.
        UnsupportedSpaceError: the space does not go into one graph.
    """

    def __init__(
        self, problem: NaProblem, objectives: Sequence[str] | None = None
    ) -> None:
        self._settings = problem.training_settings(objectives)
        check_supported(self._settings)
        self._data = load_task_data(problem)
        self.supernet = Supernet(space_of(problem, self._data))
        self._epochs = SupernetEpochs(self.supernet, self._settings, self._data)
        self._scorers: dict[str, SupernetScorer] = {}

    def evaluate(
        self, genotype: Genotype, *, seed: int, scoring: Scoring | None
    ) -> TrainedNetwork:
        """Train and score; see :class:`~xnas.evaluation.trainer.NetworkTrainer`."""
        started = time.perf_counter()
        self.supernet.choose(genotype, seed)
        self._epochs.begin(seed)
        training = train(
            self.supernet, self._settings, self._data, seed=seed, epochs=self._epochs
        )
        collect = partial(self._collect, scoring) if scoring else None
        return scored(training, self.supernet.count_params(), started, collect)

    def _collect(self, scoring: Scoring) -> ClassActivations:
        group_by = scoring.group_by
        if group_by not in self._scorers:
            scorer = SupernetScorer(self.supernet, self._data, group_by)
            self._scorers[group_by] = scorer
        return self._scorers[group_by].collect(scoring.max_examples)
