"""Progress of a search: a bar on a terminal, plain lines in a log."""

import time
from collections.abc import Sequence
from typing import TextIO

from tqdm import tqdm

from xnas.objectives import Objective
from xnas.records import Evaluation
from xnas.results.durations import duration
from xnas.results.networks import front_of

SECONDS_BETWEEN_LINES = 10.0

WHOLE = ("n_parameters", "n_multiplications")
"""Objectives whose values are whole numbers."""


class Bar:
    """A bar on a terminal, plain lines at a distance elsewhere.

    Args:
        total: steps to the end, ``None`` for no limit.
        unit: what a step is.
        stream: where to write; ``None`` for nowhere.
    """

    def __init__(self, total: int | None, unit: str, stream: TextIO | None) -> None:
        self._stream = stream
        self._started = self._printed = time.monotonic()
        # tqdm withdraws itself where the stream is no terminal.
        self._bar = tqdm(
            total=total,
            unit=unit,
            file=stream,
            disable=stream is None or not stream.isatty(),
            dynamic_ncols=True,
        )

    @property
    def seconds(self) -> float:
        """Time since the first step began."""
        return time.monotonic() - self._started

    def close(self) -> None:
        """End the bar's line."""
        self._bar.close()

    def _show(self, done: int, state: str, line: str, *, is_last: bool) -> None:
        """Show how many steps are done, and how it stands.

        Args:
            done: steps.
            state: stands beside the bar.
            line: takes the bar's place in a log.
            is_last: whether the line is written however late the last one was.
        """
        now = time.monotonic()
        if not self._bar.disable:
            self._bar.set_postfix_str(state, refresh=False)
            self._bar.update(done - self._bar.n)
        elif self._stream and (is_last or now - self._printed >= SECONDS_BETWEEN_LINES):
            self._printed = now
            print(line, file=self._stream, flush=True)


class Progress(Bar):
    """Counts evaluations, keeps the front and tells both.

    Args:
        total: evaluations asked for, ``None`` for no limit.
        objectives: what is looked for.
        stream: where to write; ``None`` for nowhere.
    """

    def __init__(
        self,
        total: int | None,
        objectives: Sequence[Objective],
        stream: TextIO | None,
    ) -> None:
        super().__init__(total, "network", stream)
        self.front: list[Evaluation] = []
        self.done = 0
        self.failed = 0
        self._before = 0
        self._total = total
        self._objectives = tuple(objectives)
        self._best = [float("-inf")] * len(self._objectives)

    def __call__(self, evaluated: Sequence[Evaluation]) -> None:
        """Count evaluations whose rows are on the disk."""
        self._count(evaluated)
        is_last = self.done == self._total
        self._show(self.done, self._state(), self._line(), is_last=is_last)

    def take_over(
        self, evaluated: Sequence[Evaluation], total: int | None = None
    ) -> None:
        """Count evaluations of the run that is carried on.

        Args:
            evaluated: its evaluations.
            total: how many there are to be with them, ``None`` for no limit.
        """
        self._before, self._total = len(evaluated), total
        self._count(evaluated)
        if not self._bar.disable:
            self._bar.initial = self._bar.n = self._before
            self._bar.total = total
            self._bar.refresh()

    def _count(self, evaluated: Sequence[Evaluation]) -> None:
        self.done += len(evaluated)
        self.failed += sum(one.objectives is None for one in evaluated)
        # Single trainings: what further ones say of a network waits for the end.
        evaluated = [one for one in evaluated if not one.replicate]
        for one in evaluated:
            if one.objectives is not None:
                self._best = [*map(max, self._best, one.objectives)]
        self.front = front_of([*self.front, *evaluated])

    def _state(self) -> str:
        best = [
            f"best {one.name} {measured(one, value)}"
            for one, value in zip(self._objectives, self._best, strict=True)
        ]
        if self.done == self.failed:
            best = []
        parts = [*best, f"front {len(self.front)}"]
        if self.failed:
            parts.append(f"failed {self.failed}")
        return ", ".join(parts)

    def _line(self) -> str:
        rate = (self.done - self._before) / max(self.seconds, 1e-9)
        total = "" if self._total is None else f"/{self._total}"
        left = ""
        if self._total is not None and rate:
            left = f", about {duration((self._total - self.done) / rate)} left"
        return (
            f"{self.done}{total} evaluations in {duration(self.seconds)}, "
            f"{60 * rate:.1f} a minute, {self._state()}{left}"
        )


def measured(objective: Objective, stored: float) -> str:
    """Write the value of an objective for people.

    Args:
        objective: the objective.
        stored: what the search maximises.
    """
    value = objective.shown(stored)
    return f"{value:,.0f}" if objective.name in WHOLE else f"{value:.4f}"
