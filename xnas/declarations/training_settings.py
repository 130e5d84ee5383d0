"""How the networks of a task are trained and measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from xnas.declarations.measures import history_key, history_keys

VALIDATION_BATCH = 256
"""Examples scored at once; a larger training batch is used where there is one."""


@dataclass(frozen=True)
class TrainingSettings:
    """All that training has to know of a task beside its data.

    Args:
        hyperparameters: all of them by name; see
            :data:`xnas.declarations.hyperparameters.DEFAULTS`.
        loss: a name that Keras knows, or a function of (labels, predictions).
        metrics: likewise, any number of them.
        objective: the objective out of the history, such as ``val_acc__max``, that
            decides which epoch's weights are kept.
    """

    hyperparameters: Mapping[str, Any]
    loss: Any
    metrics: tuple[Any, ...]
    objective: str

    @property
    def history_keys(self) -> list[str]:
        """What the training history holds for each epoch."""
        return history_keys(self.metrics)

    @property
    def objective_key(self) -> str:
        """Key of the history that the objective looks at, such as ``val_acc``."""
        return str(history_key(self.objective, self.history_keys))

    @property
    def batch_size(self) -> int:
        """Examples a training step."""
        return self.hyperparameters["batch_size"]

    @property
    def validation_batch_size(self) -> int:
        """Examples that are validated at a time."""
        return max(self.batch_size, VALIDATION_BATCH)

    def steps_per_epoch(self, train_size: int) -> int:
        """Count the training steps of an epoch of so many examples."""
        return ceil(train_size / self.batch_size)
