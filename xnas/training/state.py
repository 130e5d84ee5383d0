"""What training goes on from when it was cut short."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

History = dict[str, list[float]]
"""Name to one value an epoch."""


@dataclass(frozen=True)
class TrainingState:
    """Training at the end of an epoch; nothing else decides how it goes on.

    Args:
        history: of the epochs so far.
        variables: of the network, the random state of its layers included.
        optimizer: variables of the optimizer.
        best_weights: of the epoch that the objective so far is from; ``None`` for the
            last one's.
        seconds: that training took so far.
    """

    history: History
    variables: list[NDArray]
    optimizer: list[NDArray]
    best_weights: list[NDArray] | None
    seconds: float = 0.0

    @property
    def epochs(self) -> int:
        """How many epochs are done."""
        return len(next(iter(self.history.values())))

    def restore(self, model: "keras.Model") -> None:
        """Give a network, compiled and built, its variables back.

        Args:
            model: a network like the one that was trained.

        Raises:
            ValueError: it has other variables.
        """
        for variables, values in (
            (model.variables, self.variables),
            (model.optimizer.variables, self.optimizer),
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)


def values_of(variables: list["keras.Variable"]) -> list[NDArray]:
    """Copy variables into arrays."""
    # NumPy warns of how Keras's variables themselves become arrays.
    return [np.array(variable.value.numpy()) for variable in variables]
