"""Either trainer by name."""

from collections.abc import Sequence

from xnas.evaluation.compiled_trainer import CompiledTrainer
from xnas.evaluation.settings import Trainer
from xnas.evaluation.trainer import NetworkTrainer, PlainTrainer
from xnas.problem import NaProblem
from xnas.training.data import TaskData


def make_trainer(
    trainer: Trainer,
    problem: NaProblem,
    objectives: Sequence[str] | None = None,
    data: TaskData | None = None,
) -> NetworkTrainer:
    """Load a task for training.

    Args:
        trainer: whether networks are traced one by one, or their space as a whole.
        problem: the task.
        objectives: as for :meth:`~xnas.problem.NaProblem.training_settings`.
        data: its data, where they are loaded already.

    Raises:
        TaskError: the task's data breaks its contract.
    """
    if trainer == "plain":
        return PlainTrainer(problem, objectives, data)
    return CompiledTrainer(problem, objectives, data)
