"""A search from its first evaluation to its last words."""

import argparse
import logging
import shlex
import sys
from collections import Counter
from typing import Any

import pandas as pd

from xnas.cli.durations import duration
from xnas.cli.exit_status import DONE, FAILED, INTERRUPTED, STOPPED
from xnas.cli.progress import Progress
from xnas.cli.report import NAME as REPORT
from xnas.cli.signals import ignore_further_signals, stopping_on_signal
from xnas.errors import DiskFullError, is_disk_full
from xnas.nas_deephyper.heartbeat import SignOfLife
from xnas.nas_deephyper.search import XNASSearch

logger = logging.getLogger("xnas")

STATES = {
    DONE: "finished",
    FAILED: "failed",
    STOPPED: "stopped",
    INTERRUPTED: "interrupted",
}


def search_to_end(
    search: XNASSearch,
    evaluator: Any,
    progress: Progress,
    arguments: argparse.Namespace,
) -> int:
    """Search, say what came out and return the exit status.

    Args:
        search: the search, new or with an earlier run taken over.
        evaluator: evaluates for it.
        progress: tells how far it is.
        arguments: the flags ``max_evals``, ``timeout``, ``stop_within`` and
            ``no_report``.

    Returns:
        The exit status.
    """
    with SignOfLife(search, evaluator) as sign:
        with stopping_on_signal(search.stop, arguments.stop_within):
            status = _status_of(search, evaluator, arguments)
        only_failures = 0 < progress.done == progress.failed
        told = FAILED if status == DONE and only_failures else status
        sign.end(STATES[told])
    progress.close()
    _tell(search, progress, status)
    # Whoever interrupts a search waits for nothing more.
    if status != INTERRUPTED and not arguments.no_report:
        _write_report(search)
    if status != DONE and search.folder.holds_run:
        folder = shlex.quote(str(search.folder.root))
        command = f"./deephyper_xnas nas {arguments.search} --resume {folder}"
        print(f"Carry on with: {command}")
    return told


def _status_of(
    search: XNASSearch, evaluator: Any, arguments: argparse.Namespace
) -> int:
    total = arguments.max_evals
    left = -1 if total is None else total - search.recorder.n_before
    try:
        search.search(evaluator, left, arguments.timeout)
    except KeyboardInterrupt:
        ignore_further_signals()
        return STOPPED if search.stopping else INTERRUPTED
    except Exception as error:
        logger.exception("the search failed")
        print(f"deephyper_xnas: {_reason(search, error)}", file=sys.stderr)
        return FAILED
    ignore_further_signals()
    if search.stopping and not (search.exhausted or is_complete(search, total)):
        return STOPPED
    return DONE


def _reason(search: XNASSearch, error: Exception) -> str:
    if isinstance(error, DiskFullError) or is_disk_full(error):
        return (
            f"the search stopped, since no space is left where {search.folder.root} "
            f"is ({error}); make room there and carry it on"
        )
    return f"the search failed: {error}; see {search.folder.log}"


def is_complete(search: XNASSearch, max_evals: int | None) -> bool:
    """Whether a search has all the evaluations that were asked for."""
    return max_evals is not None and len(search.recorder.evaluations) >= max_evals


def tell_complete(
    search: XNASSearch, progress: Progress, arguments: argparse.Namespace
) -> int:
    """Say of a resumed run that it has ended before.

    Args:
        search: with the run taken over.
        progress: with its rows counted.
        arguments: the flag ``no_report``.

    Returns:
        The exit status, 0.
    """
    progress.close()
    search.conclude()
    print(
        f"This run is complete: it has {progress.done} evaluation(s). For more, add "
        "--max-evals with a higher number."
    )
    _show(search, _rows(search))
    if not arguments.no_report:
        _write_report(search)
    return DONE


def _rows(search: XNASSearch) -> pd.DataFrame:
    return search.conclude()


def _write_report(search: XNASSearch) -> None:
    """Write the page on the run, or say in one line why not."""
    folder = search.folder
    if not folder.holds_run or not len(search.recorder.evaluations):
        return
    try:
        from xnas.report import write_report
        from xnas.results import load

        page = write_report([load(folder.root)], folder.root / REPORT)
    except Exception as error:
        # The search is what counts: it has ended as it has ended.
        logger.exception("the report could not be written")
        print(
            "deephyper_xnas: warning: the report could not be written: "
            + " ".join(str(error).split()),
            file=sys.stderr,
        )
    else:
        print(f"Report: {page}")


def _tell(search: XNASSearch, progress: Progress, status: int) -> None:
    rows = _rows(search)
    print(_outcome(search, progress, status, rows))
    _show(search, rows)


def _show(search: XNASSearch, rows: pd.DataFrame) -> None:
    front = front_table(search, rows)
    if len(front):
        print(f"\nThe front, {len(front)} network(s):\n")
        print(front.to_string(index=False))
    print(f"\nRun folder: {search.folder.root}")
    if len(rows):
        print(f"All evaluations: {search.folder.results}")


def _outcome(
    search: XNASSearch, progress: Progress, status: int, rows: pd.DataFrame
) -> str:
    # Of rows and not of what was told: an interrupt may come between the two.
    here = len(rows) - search.recorder.n_before
    done = f"{len(rows)} evaluation(s)"
    done += f", {here} of them" if search.recorder.n_before else ""
    done += f" in {duration(progress.seconds)}"
    first = rows[search.recorder.columns.objectives[0]]
    reasons = Counter(value for value in first if str(value).startswith("F"))
    if reasons:
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        done += f", of which {reasons.total()} failed ({told})"
        done += f"; tracebacks are in {search.folder.logs}"
    if status == FAILED:
        return f"Failed: kept {done}."
    if status == STOPPED:
        return f"Stopped early, as asked: kept {done}."
    if status == INTERRUPTED:
        return f"Interrupted: kept {done}."
    if search.exhausted:
        return f"The search space is exhausted: {done}."
    return f"Finished: {done}."


def front_table(search: XNASSearch, rows: pd.DataFrame) -> pd.DataFrame:
    """Pick the front out of all rows, best task objective first.

    Args:
        search: the search that made the rows.
        rows: all of them.

    Returns:
        One row a network, with the columns people compare.
    """
    objectives = search.recorder.columns.objectives
    shown = {
        "m:id": "id",
        **dict(
            zip(
                objectives,
                [objective.text for objective in search.objectives],
                strict=True,
            )
        ),
        "m:n_parameters": "parameters",
        "m:arch_seq": "arch_seq",
    }
    front = rows[rows["pareto_efficient"].astype(bool)].sort_values(
        objectives[0], ascending=False, key=lambda column: column.astype(float)
    )
    front = front[list(shown)].rename(columns=shown)
    # Rows of a run that was carried on are text, as they stand in its table.
    numbers = front.columns.difference(["arch_seq"])
    return front.assign(**front[numbers].apply(pd.to_numeric))
