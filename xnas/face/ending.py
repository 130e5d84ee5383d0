"""A search from its first evaluation to its last."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from xnas.errors import (
    DiskFullError,
    OnlyFailuresError,
    UsageError,
    XNASError,
    is_disk_full,
    one_line,
)
from xnas.face.log import logging_to
from xnas.face.progress import Progress
from xnas.face.request import Say
from xnas.nas_deephyper.evaluator import XNASEvaluator
from xnas.nas_deephyper.heartbeat import Heartbeat
from xnas.nas_deephyper.search import XNASSearch
from xnas.results import Run, load
from xnas.results.storing import store_estimates

logger = logging.getLogger("xnas")

REPORT = "report.html"

WARNING = "deephyper_xnas: warning: "

State = Literal["complete", "finished", "stopped", "interrupted", "failed"]

Around = Callable[[XNASSearch], AbstractContextManager[None]]
"""What surrounds the search proper, such as the handling of signals."""


@dataclass(frozen=True)
class Goal:
    """What a run is to come to.

    Args:
        max_evals: networks in all, ``None`` for no limit.
        timeout: seconds to stop searching after.
        confirm: trainings of networks again, after the last new one.
        leaves_more: whether the search can be carried on after it.
    """

    max_evals: int | None
    timeout: int | None = None
    confirm: int = 0
    leaves_more: bool = False

    def n_new(self, search: XNASSearch) -> int:
        """Count the networks that are still to be evaluated, −1 for no limit."""
        if self.max_evals is None:
            return -1
        return max(0, self.max_evals - search.recorder.n_searched)

    def n_again(self, search: XNASSearch) -> int:
        """Count the trainings of networks that are still to follow."""
        return search.dispatcher.n_unconfirmed(self.confirm) if self.confirm else 0

    def total(self, search: XNASSearch) -> int | None:
        """Count all evaluations that there are to be, ``None`` for no limit."""
        new, done = self.n_new(search), len(search.recorder.evaluations)
        again = self.confirm if new else self.n_again(search)
        return None if new < 0 else done + new + again

    def remark(self, search: XNASSearch) -> str | None:
        """Say that all networks that there are to be are random ones, where they are.

        Args:
            search: of the run.
        """
        n, first = self.max_evals, search.algorithm.n_random
        if n is None or not 1 < n <= first or not self.n_new(search):
            return None
        if n >= search.space.size:
            return None  # nothing is left to choose
        smaller = ", or a smaller --population-size,"
        if not hasattr(search.algorithm, "population_size"):
            smaller = ""
        return (
            f"all {n} networks of this search are drawn at random, as the first "
            f"{first} of {type(search).__name__} are: a greater --max-evals{smaller} "
            "lets it learn from what it finds"
        )

    def is_reached(self, search: XNASSearch) -> bool:
        """Whether a run has come to it."""
        return not self.n_new(search) and not self.n_again(search)


@dataclass(frozen=True)
class Outcome:
    """How a search ended.

    Args:
        search: what searched.
        progress: what it came to.
        state: ``complete`` if it had all its evaluations before.
        error: what ended it, if it neither finished nor was to stop.
    """

    search: XNASSearch
    progress: Progress
    state: State
    error: BaseException | None = None

    @property
    def only_failures(self) -> bool:
        """Whether no evaluation succeeded."""
        return 0 < self.progress.done == self.progress.failed

    @property
    def n_rows(self) -> int:
        """How many evaluations are on the disk."""
        return len(self.search.recorder.evaluations)

    def load_run(self) -> Run | None:
        """Read the run, ``None`` if it did not come to begin."""
        folder = self.search.folder
        return load(folder.root) if folder.holds_run else None


def search_to_end(
    search: XNASSearch,
    evaluator: XNASEvaluator,
    progress: Progress,
    goal: Goal,
    around: Around,
) -> Outcome:
    """Search, with a heartbeat, however it ends.

    Args:
        search: the search, new or with an earlier run taken over.
        evaluator: evaluates for it.
        progress: shows how far it is.
        goal: when to stop.
        around: surrounds the search.

    Returns:
        What became of it; nothing is raised.
    """
    with Heartbeat(search, evaluator) as heartbeat:
        state, error = _search(search, evaluator, goal, around)
        outcome = Outcome(search, progress, state, error)
        failed = state == "finished" and outcome.only_failures
        has_more = state == "finished" and goal.leaves_more
        heartbeat.end("failed" if failed else "stopped" if has_more else state)
    progress.close()
    return outcome


def _search(
    search: XNASSearch,
    evaluator: XNASEvaluator,
    goal: Goal,
    around: Around,
) -> tuple[State, BaseException | None]:
    try:
        with around(search):
            new, confirm = goal.n_new(search), goal.confirm
            search.search(evaluator, new, goal.timeout, confirm=confirm)
    except KeyboardInterrupt as error:
        return ("stopped", None) if search.stopping else ("interrupted", error)
    except OnlyFailuresError as error:
        logger.error("the search stopped: %s", error)
        return "failed", error
    except Exception as error:
        logger.exception("the search failed")
        return "failed", error
    is_done = goal.is_reached(search) or (search.no_more and not goal.n_again(search))
    return "stopped" if search.stopping and not is_done else "finished", None


def reason(search: XNASSearch, error: BaseException) -> str:
    """Word what ended a search.

    Args:
        search: the search.
        error: what it raised.
    """
    if isinstance(error, DiskFullError) or is_disk_full(error):
        return (
            f"the search stopped, since no space is left where {search.folder.root} "
            f"is ({error}); make room there and carry it on"
        )
    if isinstance(error, OnlyFailuresError):
        return f"the search stopped: {error}"
    words = one_line(error) or type(error).__name__
    return f"the search failed: {words}; see {search.folder.log}"


def store_estimates_of(run: Run | None) -> str | None:
    """Estimate what networks are worth, and write that to the run folder.

    Args:
        run: the run; without rows nothing is written.

    Returns:
        Why there are no estimates, ``None`` if there are some or no rows.
    """
    if run is None or not run.records:
        return None
    with logging_to(run.folder.log):
        return store_estimates(run)


def write_report_of(run: Run | None, say: Say) -> str | None:
    """Write the page on a run, or say in one line why not.

    Args:
        run: the run; without rows there is no page.
        say: shows a line.

    Returns:
        Path of the page, if there is one.
    """
    if run is None or not run.records:
        return None
    with logging_to(run.folder.log):
        try:
            from xnas.report import write_report

            return str(write_report([run], run.folder.root / REPORT))
        except Exception as error:
            # The search is what counts: it has ended as it has ended.
            logger.exception("the report could not be written")
            say(f"{WARNING}the report could not be written: {one_line(error)}")
            return None


def finished_run(outcome: Outcome, say: Say, *, report: bool) -> Run:
    """Return the run of a search that has ended, or raise what ended it.

    Args:
        outcome: of the search.
        say: shows a line.
        report: whether to write the page on it.

    Raises:
        XNASError: something is wrong that the user can mend.
        RuntimeError: the search failed; what has finished is in its folder.
    """
    found, error = outcome.load_run(), outcome.error
    if not isinstance(error, KeyboardInterrupt):
        store_estimates_of(found)
        if report:
            write_report_of(found, say)
    if isinstance(error, (KeyboardInterrupt, XNASError)):
        raise error
    if error is not None:
        raise RuntimeError(reason(outcome.search, error)) from error
    if found is None:
        raise UsageError(f"{outcome.search.folder.root} holds no run")
    return found
