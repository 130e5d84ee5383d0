"""From flags to a finished search, and its last words."""

import argparse
import shlex
import sys
from collections import Counter
from typing import Any

import pandas as pd

from xnas.cli.exit_status import DONE, FAILED, INTERRUPTED, STOPPED, WRONG_USAGE
from xnas.cli.next_commands import after_search, show_next
from xnas.cli.say import outliving_readers, say
from xnas.cli.setting_flags import DEFAULTS, GROUPS, settings_of
from xnas.cli.signals import stopping_on_signal
from xnas.errors import XNASError
from xnas.face.confirm import asked_to_confirm
from xnas.face.ending import Outcome, reason, store_estimates_of, write_report_of
from xnas.face.progress import measured
from xnas.face.request import Request
from xnas.face.resume import resumed_request
from xnas.face.searching import carry_out
from xnas.names import program
from xnas.results import Run
from xnas.results.confirmations import Confirmations
from xnas.results.durations import duration
from xnas.results.estimated import (
    PROBABILITY,
    all_alike,
    no_estimates,
    worded_interval,
)
from xnas.results.networks import networks_of
from xnas.results.regularized import meaning_of_mark, regularized_run

ANOTHER_SEED = """\
Another seed gives other numbers, and the front above keeps networks whose one training
was lucky. A model of all trainings tells what each network gives on average over seeds,
in brackets the range that holds it with 95 % probability, and how probably the network
is on the front of these averages."""

STATUS = {"failed": FAILED, "stopped": STOPPED, "interrupted": INTERRUPTED}


@outliving_readers()
def run_search(arguments: argparse.Namespace) -> int:
    """Check everything, search, and tell what came out.

    Args:
        arguments: the flags of ``deephyper_xnas nas``.

    Returns:
        The exit status: 0 done, 1 failed, 2 the run function lacks an objective, 75
        stopped early, 130 interrupted.

    Raises:
        XNASError: something is wrong that the user can mend; nothing was written.
    """
    request, is_resumed = resumed_request(
        arguments.resume, settings_of(arguments), say, DEFAULTS
    )
    carries_on, verbose = f"nas {request.search} --resume", arguments.verbose
    return _run(request, carries_on, arguments, resume=is_resumed, verbose=verbose)


@outliving_readers()
def run_confirmation(arguments: argparse.Namespace) -> int:
    """Check everything, train networks of a run again, and tell what came out.

    Args:
        arguments: the flags of ``deephyper_xnas confirm``.

    Returns:
        The exit status, as of :func:`run_search`.

    Raises:
        XNASError: something is wrong that the user can mend; nothing was written.
    """
    given = vars(arguments)
    workers = {name: given[name] for name in GROUPS["workers"] if name in given}
    request, again = asked_to_confirm(
        arguments.run_dir, arguments.replicates, workers, say
    )
    return _run(request, "confirm", arguments, resume=True, again=again)


def _run(
    request: Request, carries_on: str, arguments: argparse.Namespace, **how: Any
) -> int:
    """Search, and tell what came out."""
    outcome = carry_out(
        request,
        say=say,
        stream=sys.stderr,
        around=lambda search: stopping_on_signal(search.stop, request.stop_within),
        command=sys.argv,
        **how,
    )
    return _tell(outcome, carries_on, writes_report=not arguments.no_report)


def _tell(outcome: Outcome, carries_on: str, *, writes_report: bool) -> int:
    search, run = outcome.search, outcome.load_run()
    status = STATUS.get(outcome.state, DONE)
    if isinstance(outcome.error, XNASError):
        status = WRONG_USAGE
        say(f"deephyper_xnas: {outcome.error}")
    elif status == FAILED and outcome.error is not None:
        say(f"deephyper_xnas: {reason(search, outcome.error)}")
    print(_summary(outcome, run))
    if run is not None:
        _show_trained_again(run)
        _show_front(run)
        # Whoever interrupts a search waits for nothing more.
        if status != INTERRUPTED:
            _show_estimated_front(run)
        if mark := regularized_run(run.infos):
            print(f"\n{meaning_of_mark(mark)}")
    if search.folder.root.exists():
        print(f"\nRun folder: {search.folder.root}")
    if run is not None and run.records:
        print(f"All evaluations: {search.folder.results}")
    if writes_report and status != INTERRUPTED:
        page = write_report_of(run, say)
        print(f"Report: {page}" if page else "", end="\n" if page else "")
    if status == DONE and run is not None and not outcome.only_failures:
        show_next(after_search(run, reported=writes_report))
    if status != DONE and run is not None:
        folder = shlex.quote(str(search.folder.root))
        print(f"Carry on with: {program()} {carries_on} {folder}")
    return FAILED if status == DONE and outcome.only_failures else status


def _summary(outcome: Outcome, run: Run | None) -> str:
    search, progress = outcome.search, outcome.progress
    # Of rows and not of what was counted: an interrupt may come between the two.
    rows = run.records if run is not None else ()
    if outcome.state == "complete":
        return (
            f"This run is complete: it has {len(rows)} evaluation(s). For more, add "
            "--max-evals with a higher number."
        )
    before = search.recorder.n_before
    done = f"{len(rows)} evaluation(s)"
    done += f", {len(rows) - before} of them" if before else ""
    done += f" in {duration(progress.seconds)}"
    n_again = sum(one.replicate > 0 for one in rows)
    done += f"; {n_again} of all are further trainings of networks" if n_again else ""
    reasons = Counter(one.failure for one in rows if one.failure is not None)
    if reasons:
        each = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        done += f", of which {reasons.total()} failed ({each})"
        done += f"; tracebacks are in {search.folder.logs}"
    words = {
        "failed": "Failed: kept",
        "stopped": "Stopped early, as asked: kept",
        "interrupted": "Interrupted: kept",
        "finished": "Finished:",
    }
    if outcome.state == "finished" and search.exhausted:
        return f"The search space is exhausted: {done}."
    if outcome.state == "finished" and search.no_more is not None:
        return f"{search.no_more[0].upper()}{search.no_more[1:]}: {done}."
    return f"{words[outcome.state]} {done}."


def _show_trained_again(run: Run) -> None:
    """Print what the latest further trainings changed, in means over trainings."""
    latest = Confirmations.of_run(run.infos).latest(run.records)
    before = {
        one.mean.genotype: one.mean
        for one in networks_of([r for r in run.records if not latest.hold(r.id)])
    }
    counts = Counter(one.genotype for one in run.records if latest.hold(one.id))
    changed = [one for one in run.networks if one.mean.genotype in counts]
    if not changed:
        return
    rows = []
    for one in changed:
        row: dict[str, Any] = {"id": one.id, "times": counts[one.mean.genotype]}
        values = zip(
            run.objectives,
            before[one.mean.genotype].objectives or (),
            one.objectives or (),
            strict=False,
        )
        for objective, was, now in values:
            words = [measured(objective, value) for value in (was, now)]
            row[objective.name] = " -> ".join(words)
        rows.append(row)
    print(f"\nTrained again, {len(rows)} network(s); means before and now:\n")
    print(pd.DataFrame(rows).to_string(index=False))


def _show_front(run: Run) -> None:
    """Print the front, best in the first objective first, in measured values."""
    names = [objective.name for objective in run.objectives]
    size = [name for name in ("n_parameters",) if name not in names]
    front = run.front[["id", *names, *size, "arch_seq"]]
    if len(front):
        whole = {name: "Int64" for name in ("n_parameters",) if name in front}
        front = front.astype(whole).assign(arch_seq=front["arch_seq"].map(list))
        print(f"\nThe front, {len(front)} network(s):\n")
        renamed = front.rename(columns={"n_parameters": "parameters"} if size else {})
        print(renamed.to_string(index=False))


def _show_estimated_front(run: Run) -> None:
    """Print what is expected of which networks with other seeds, likewise."""
    why = store_estimates_of(run)
    if why is not None:
        print(f"\n{no_estimates(why)}")
    if why is not None or not run.records:
        return
    front = run.estimated_front
    columns = {"id": front["id"]} | {
        one.name: [
            worded_interval(*pair)
            for pair in zip(front[one.name], front[f"{one.name}_sd"], strict=True)
        ]
        for one in run.objectives
    }
    columns["on the front"] = front[PROBABILITY].map("{:.0%}".format)
    columns["arch_seq"] = front["arch_seq"].map(list)
    print(f"\n{ANOTHER_SEED}\n\nThe estimated front, {len(front)} network(s):\n")
    print(front[[]].assign(**columns).to_string(index=False))
    for sentence in all_alike(run.alike):
        print(f"\n{sentence}")
