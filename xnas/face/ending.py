"""A search from its first evaluation to its last."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from xnas.errors import DiskFullError, OnlyFailuresError, is_disk_full
from xnas.face.log import logging_to
from xnas.face.progress import Progress
from xnas.face.request import Request, Say
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

    def load_run(self) -> Run | None:
        """Read the run, ``None`` if it did not come to begin."""
        folder = self.search.folder
        return load(folder.root) if folder.holds_run else None


def search_to_end(
    search: XNASSearch,
    evaluator: XNASEvaluator,
    progress: Progress,
    request: Request,
    around: Around,
) -> Outcome:
    """Search, with a heartbeat, however it ends.

    Args:
        search: the search, new or with an earlier run taken over.
        evaluator: evaluates for it.
        progress: shows how far it is.
        request: how many evaluations and seconds to stop after.
        around: surrounds the search.

    Returns:
        What became of it; nothing is raised.
    """
    with Heartbeat(search, evaluator) as heartbeat:
        state, error = _search(search, evaluator, request, around)
        outcome = Outcome(search, progress, state, error)
        failed = state == "finished" and outcome.only_failures
        heartbeat.end("failed" if failed else state)
    progress.close()
    return outcome


def _search(
    search: XNASSearch,
    evaluator: XNASEvaluator,
    request: Request,
    around: Around,
) -> tuple[State, BaseException | None]:
    max_evals = request.max_evals
    left = -1 if max_evals is None else max_evals - search.recorder.n_before
    try:
        with around(search):
            search.search(evaluator, left, request.timeout)
    except KeyboardInterrupt as error:
        return ("stopped", None) if search.stopping else ("interrupted", error)
    except OnlyFailuresError as error:
        logger.error("the search stopped: %s", error)
        return "failed", error
    except Exception as error:
        logger.exception("the search failed")
        return "failed", error
    has_more = not (search.no_more or is_complete(search, max_evals))
    return "stopped" if search.stopping and has_more else "finished", None


def is_complete(search: XNASSearch, max_evals: int | None) -> bool:
    """Whether a search has all the evaluations that were asked for."""
    return max_evals is not None and len(search.recorder.evaluations) >= max_evals


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
    words = " ".join(str(error).split()) or type(error).__name__
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
            words = " ".join(str(error).split())
            say(f"{WARNING}the report could not be written: {words}")
            return None
