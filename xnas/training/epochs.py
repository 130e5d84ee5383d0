"""Epochs of a training, and the few short ones that a task is tried with."""

from collections.abc import Callable
from math import nan
from time import perf_counter
from typing import Protocol

N_TRIED = 3
"""Epochs of a trial: one step, whose graph is new; one to time; then some more."""

STEPS = 8
"""Steps of a trial's last epoch at most."""

SECONDS = 3.0
"""What that epoch may take, though one step is made in any case."""


class Epochs(Protocol):
    """Trains a network epoch by epoch."""

    def train(self, epoch: int, steps: int | None = None) -> dict[str, float]:
        """Train one epoch, or its first steps.

        Args:
            epoch: its number.
            steps: how many to make, ``None`` for all.

        Returns:
            Loss and metrics over its examples. The loss is NaN, and training stopped,
            as soon as one step's is not finite.
        """

    def validate(self, batches: int | None = None) -> dict[str, float]:
        """Measure the network on the validation data.

        Args:
            batches: how many to look at, ``None`` for all.

        Returns:
            Loss and metrics, names prefixed ``val_``.
        """


class Trial(Epochs):
    """Epochs of few steps, timed: what else a training does, it does as ever.

    Args:
        steps_per_epoch: that a whole epoch has.

    Attributes:
        loss: of the last epoch.
        steps: made in each epoch.
        training: seconds of each epoch's steps.
        validation: seconds of each epoch's one batch of validation.
    """

    def __init__(self, steps_per_epoch: int) -> None:
        self._whole = steps_per_epoch
        self._epochs: Epochs | None = None
        self._go_back: Callable[[int], None] = lambda count: None
        self.loss = nan
        self.steps: list[int] = []
        self.training: list[float] = []
        self.validation: list[float] = []

    def of(self, epochs: Epochs, go_back: Callable[[int], None]) -> "Trial":
        """Return this trial, of certain epochs.

        Args:
            epochs: that are made.
            go_back: called before steps with their number; sees to it that the
                schedule of the learning rate does not end before them.
        """
        self._epochs, self._go_back = epochs, go_back
        return self

    def train(self, epoch: int, steps: int | None = None) -> dict[str, float]:
        """Make the few steps that an epoch of a trial has."""
        assert self._epochs is not None  # noqa: S101 - of() comes first
        count = 1
        if len(self.training) == N_TRIED - 1:
            count = max(1, min(STEPS, self._whole, int(SECONDS / self.training[-1])))
        self._go_back(count)
        started = perf_counter()
        found = self._epochs.train(epoch, count)
        self.training.append(perf_counter() - started)
        self.steps.append(count)
        self.loss = found["loss"]
        return found

    def validate(self, batches: int | None = None) -> dict[str, float]:
        """Measure on one batch."""
        assert self._epochs is not None  # noqa: S101 - of() comes first
        started = perf_counter()
        found = self._epochs.validate(1)
        self.validation.append(perf_counter() - started)
        return found

    @property
    def step(self) -> float:
        """Seconds of a step once its graph is there."""
        later = slice(1, None) if len(self.steps) > 1 else slice(None)
        return sum(self.training[later]) / sum(self.steps[later])

    @property
    def validation_batch(self) -> float:
        """Seconds of a batch of validation."""
        return min(self.validation, default=0.0)

    @property
    def preparation(self) -> float:
        """Seconds that the first step and validation took beyond later ones."""
        first = sum(self.training[:1]) + sum(self.validation[:1])
        return max(0.0, first - self.step - self.validation_batch)
