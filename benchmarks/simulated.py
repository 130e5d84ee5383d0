"""Workers whose evaluations take time that nobody waits for.

The search, its evaluator and its files are the real ones; only the clock jumps to
whatever ends next.
"""

import asyncio
import selectors
from collections.abc import Callable, Mapping
from typing import Any

from xnas.nas_deephyper.evaluator.base import WorkerHandle, XNASEvaluator
from xnas.records import Evaluation, evaluated
from xnas.workers.worker import Task

Run = Callable[[Mapping[str, Any]], Any]


class JumpingSelector(selectors.DefaultSelector):
    """Moves the time forward instead of waiting."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready, at once."""
        if timeout is None:
            raise RuntimeError("nothing is under way that could ever end")
        self.now += max(timeout, 0.0)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is its selector's."""

    def __init__(self) -> None:
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)

    def time(self) -> float:
        """Return the seconds since the loop was made."""
        return self.jumping.now


class SimulatedSlot(WorkerHandle):
    """Evaluates at once and then lets time pass.

    Args:
        run: the run function.
        seconds: how long a genotype takes.
    """

    host = "simulated"

    def __init__(self, run: Run, seconds: Callable[[tuple[int, ...]], float]) -> None:
        self._run = run
        self._seconds = seconds

    async def start(self) -> None:
        """Return at once."""

    async def evaluate(self, task: Task, timeout: float | None) -> Evaluation:
        """Evaluate a task."""
        evaluation = evaluated(task.candidate, self._run(task.parameters))
        await asyncio.sleep(self._seconds(task.candidate.genotype))
        ended = asyncio.get_running_loop().time()
        return evaluation.having(metadata={"ended": ended})

    def stop(self) -> None:
        """Do nothing: there is no process."""


class SimulatedEvaluator(XNASEvaluator):
    """Evaluates in this process, on a clock that jumps.

    Args:
        run: the run function.
        num_workers: how many evaluations are under way at a time.
        seconds: how long a genotype takes.
    """

    def __init__(
        self,
        run: Run,
        num_workers: int,
        seconds: Callable[[tuple[int, ...]], float],
    ) -> None:
        super().__init__(run, num_workers=num_workers)
        self.loop: asyncio.AbstractEventLoop | None = None
        self._seconds = seconds

    def set_event_loop(self) -> None:
        """Make the loop, once."""
        if self.loop is None:
            self.loop = JumpingLoop()

    def _make_handle(self, number: int) -> WorkerHandle:
        return SimulatedSlot(self.run_function, self._seconds)
