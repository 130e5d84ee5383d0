"""``xnas.confirm``: what ``./deephyper_xnas confirm`` does."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xnas.errors import UsageError
from xnas.face.ending import Goal, finished_run
from xnas.face.request import Request, Say, saying
from xnas.face.resume import resumed_request
from xnas.face.searching import Again, carry_out
from xnas.nas_deephyper.search import XNASSearch
from xnas.objectives import COUNTED
from xnas.problem import NaProblem
from xnas.results import Run, load
from xnas.results.estimates import FEWEST_NETWORKS
from xnas.results.state import State

REPLICATES = 32
"""Trainings where no number is given."""


def confirm(
    run_dir: str | Path,
    *,
    replicates: int | None = None,
    problem: NaProblem | None = None,
    run: Callable[..., Any] | None = None,
    report: bool = True,
    progress: bool = True,
    **workers: Any,
) -> Run:
    """Train networks of a run again, as ``./deephyper_xnas confirm`` does.

    Those are trained of which it is least certain whether they are on the front, with
    other seeds, as the search trained them. Rows are added to the run's; an interrupted
    confirmation is carried on by the same call.

    Args:
        run_dir: the run folder, or ``results/<task>/latest``.
        replicates: how many trainings; by default 32, or what is left of those that
            were interrupted.
        problem: the task, where it was defined in a notebook or a script.
        run: the run function, likewise.
        report: whether to write ``report.html`` at the end.
        progress: whether to show on standard error what is done.
        **workers: settings of workers that differ from the run's, such as
            ``num_workers``; see :class:`~xnas.face.request.Request`.

    Returns:
        The run.

    Raises:
        XNASError: something is wrong that the user can mend.
        RuntimeError: it failed; what has finished is in the run folder.
    """
    say = saying(progress)
    request, again = asked_to_confirm(str(run_dir), replicates, workers, say)
    outcome = carry_out(
        request,
        problem,
        run,
        resume=True,
        again=again,
        say=say,
        stream=sys.stderr if progress else None,
    )
    return finished_run(outcome, say, report=report)


def asked_to_confirm(
    run_dir: str, replicates: int | None, given: Mapping[str, Any], say: Say
) -> tuple[Request, Again]:
    """Check that a run can be confirmed.

    Args:
        run_dir: as the user names it.
        replicates: how many trainings, if that is said.
        given: settings that differ from the run's.
        say: shows a line.

    Returns:
        The settings, and what tells what the run is to come to.

    Raises:
        UsageError: something is wrong with the run or with what is asked for.
    """
    if replicates is not None and replicates < 1:
        raise UsageError(f"--replicates is {replicates}, expected 1 or more")
    found = load(run_dir)
    refuse_unconfirmable(found)
    summary = found.summary()
    request, _ = resumed_request(str(found.folder.root), given, say)

    def goal_of(search: XNASSearch) -> Goal:
        limit, n_done = summary.max_evals, search.recorder.n_searched
        has_all = limit is not None and n_done >= limit
        has_ended = has_all or summary.state is State.FINISHED
        if not has_ended:
            of_all = "" if limit is None else f" of {limit}"
            say(
                f"The search has {n_done}{of_all} evaluation(s) and had not finished: "
                "what it has found so far is confirmed; nas --resume carries it on."
            )
        total = _total(search, replicates)
        return Goal(n_done, confirm=total, leaves_more=not has_ended)

    return request, goal_of


def refuse_unconfirmable(run: Run) -> None:
    """Refuse runs of which nothing could be confirmed.

    Args:
        run: any.

    Raises:
        UsageError: there is something wrong with the run.
    """
    if run.infos.get("arguments") is None:
        raise UsageError(
            f"{run.folder.init_infos} holds no flags, expected a run of "
            "`nas` or xnas.search"
        )
    count = sum(one.objectives is not None for one in run.networks)
    if count < FEWEST_NETWORKS:
        raise UsageError(
            f"{run.folder.results} has {count} network(s) that did not fail, expected "
            f"{FEWEST_NETWORKS} or more to tell which are worth another training"
        )
    names = [objective.name for objective in run.objectives]
    if set(names) <= set(COUNTED):
        raise UsageError(
            f"the objectives of {run.folder.root} are {', '.join(names)}, the same in "
            "all trainings of a network, expected one that is measured"
        )


def _total(search: XNASSearch, replicates: int | None) -> int:
    """Count the trainings that are to follow the search's last evaluation.

    Raises:
        UsageError: another number than that of an interrupted confirmation is given.
    """
    before = search.dispatcher.latest_confirmations
    left = search.dispatcher.n_unconfirmed(0)
    if not left:
        return len(before.ids) + (replicates or REPLICATES)
    count = before[-1].replicates
    if replicates not in (None, count):
        raise UsageError(
            f"--replicates is {replicates}, but {left} training(s) of an interrupted "
            f"confirmation with --replicates {count} are left in {search.folder.root}, "
            "expected the same to carry it on"
        )
    return len(before.ids)
