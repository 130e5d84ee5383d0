"""Progress of a training in full: a bar on a terminal, plain lines in a log."""

import sys
from typing import TextIO

from xnas.face.progress import Bar
from xnas.results.durations import duration


class TrainingProgress(Bar):
    """Counts epochs over all replicates, and tells how long the rest will take.

    Args:
        replicates: how many networks are trained.
        epochs: of each.
        shown: the value of an epoch to show, such as ``val_acc``.
        stream: where to write.
    """

    def __init__(
        self, replicates: int, epochs: int, shown: str, stream: TextIO | None = None
    ) -> None:
        stream = sys.stderr if stream is None else stream
        super().__init__(replicates * epochs, "epoch", stream)
        self._replicates, self._epochs, self._shown = replicates, epochs, shown
        self._replicate = 1
        self._done = 0  # in this replicate
        self._here = 0  # in this process

    @property
    def done(self) -> int:
        """Epochs that are done, those of earlier calls included."""
        return (self._replicate - 1) * self._epochs + self._done

    @property
    def total(self) -> int:
        """Epochs of all replicates."""
        return self._replicates * self._epochs

    def begin_replicate(self, replicate: int, epochs_done: int) -> None:
        """Hear that a replicate begins, or goes on."""
        self._replicate, self._done = replicate, epochs_done
        if not self._here:
            self._bar.initial = self.done  # of earlier calls, and so no rate's
        self._bar.n = self.done
        self._bar.refresh()

    def end_epoch(self, epoch: int, values: dict[str, float]) -> None:
        """Hear the number of an epoch, from 0, and its values."""
        self._done = epoch + 1
        self._here += 1
        state = self._state(values)
        is_last = self._done == self._epochs
        self._show(self.done, state, self._line(state), is_last=is_last)

    def _state(self, values: dict[str, float]) -> str:
        state = f"{self._shown} {values[self._shown]:.4f}"
        if self._replicates > 1:
            state = f"replicate {self._replicate} of {self._replicates}, {state}"
        return state

    def _line(self, state: str) -> str:
        left = (self.total - self.done) * self.seconds / self._here
        return f"{self.done}/{self.total} epochs, {state}, about {duration(left)} left"
