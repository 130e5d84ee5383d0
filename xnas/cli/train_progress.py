"""Progress of a training in full: a bar on a terminal, plain lines in a log."""

import sys
import time
from typing import TextIO

from tqdm import tqdm

from xnas.face.progress import SECONDS_BETWEEN_LINES
from xnas.results.durations import duration


class TrainingProgress:
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
        self._replicates, self._epochs, self._shown = replicates, epochs, shown
        self._stream = sys.stderr if stream is None else stream
        self._replicate = 1
        self._done = 0  # in this replicate
        self._here = 0  # in this process
        self._started = self._told = time.monotonic()
        # tqdm withdraws itself where the stream is no terminal.
        self._bar = tqdm(
            total=replicates * epochs,
            unit="epoch",
            file=self._stream,
            disable=not self._stream.isatty(),
            dynamic_ncols=True,
        )

    @property
    def done(self) -> int:
        """Epochs that are done, those of earlier calls included."""
        return (self._replicate - 1) * self._epochs + self._done

    @property
    def total(self) -> int:
        """Epochs of all replicates."""
        return self._replicates * self._epochs

    @property
    def seconds(self) -> float:
        """Time since training began in this process."""
        return time.monotonic() - self._started

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
        if not self._bar.disable:
            self._bar.set_postfix_str(state, refresh=False)
            self._bar.update(self.done - self._bar.n)
        elif self._done == self._epochs or self._is_time():
            self._told = time.monotonic()
            print(self._line(state), file=self._stream, flush=True)

    def close(self) -> None:
        """End the bar's line."""
        self._bar.close()

    def _is_time(self) -> bool:
        return time.monotonic() - self._told >= SECONDS_BETWEEN_LINES

    def _state(self, values: dict[str, float]) -> str:
        state = f"{self._shown} {values[self._shown]:.4f}"
        if self._replicates > 1:
            state = f"replicate {self._replicate} of {self._replicates}, {state}"
        return state

    def _line(self, state: str) -> str:
        left = (self.total - self.done) * self.seconds / self._here
        return f"{self.done}/{self.total} epochs, {state}, about {duration(left)} left"
