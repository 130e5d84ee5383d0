"""What ``status`` found, in lines for people."""

import os
from collections.abc import Iterator, Sequence

from xnas.names import path_argument, program
from xnas.objectives import COUNTED, short_number
from xnas.results.durations import duration
from xnas.results.heartbeat import Beat
from xnas.results.regularized import REGULARIZED, meaning_of_mark
from xnas.results.state import State
from xnas.results.summary import Host, Summary
from xnas.results.texts import aligned, moment, short_path

SHOWN = 10
"""Running evaluations that are listed; the longest running come first."""

NOTICEABLE = 0.1
"""By how much of the whole rate the recent one must differ to be told."""

STATES = {
    State.PREPARING: "preparing",
    State.RUNNING: "running",
    State.STOPPING: "stopping: what runs may end, nothing new is begun",
    State.FINISHED: "finished",
    State.STOPPED: "stopped early, can be resumed",
    State.INTERRUPTED: "interrupted",
    State.FAILED: "failed, see {log}",
    State.DIED: "died: no heartbeat for {silence}",
    State.NEVER_STARTED: "never started searching",
    State.INCOMPLETE: "ended before its last evaluation; how is not recorded",
    State.UNKNOWN: "unknown: no heartbeat is recorded, as for a DeepHyper search "
    "made in Python",
}


def resuming_command(summary: Summary) -> str | None:
    """Return the command that carries the run on, ``None`` if none does."""
    if not summary.state.can_be_resumed or summary.command is None:
        return None
    folder = path_argument(short_path(summary.folder))
    if summary.to_confirm:
        return f"{program()} confirm {folder}"
    return f"{program()} nas {summary.command} --resume {folder}"


def report_lines(summary: Summary) -> Iterator[str]:
    """Tell everything.

    Args:
        summary: of a run.
    """
    beat = summary.heartbeat
    for label, texts in (
        ("Run", [short_path(summary.folder)]),
        ("Task", [_task(summary)]),
        ("Search", [_search(summary)]),
        ("State", [state_words(summary)]),
        ("Process", [_process(summary, beat)] if beat else []),
        ("Heartbeat", [_when(beat.time, summary.time)] if beat else []),
        ("Done", [done_words(summary)]),
        ("Rate", [_rate(summary)]),
        ("Best", best_words(summary)),
        ("Mark", [meaning_of_mark(summary.regularized)] if summary.regularized else []),
        ("Front", [_front(summary)]),
        ("Estimates", _estimates(summary)),
        ("Running", _running(summary)),
    ):
        for i, text in enumerate(texts):
            yield f"{'' if i else label:<14}{text}"
    if summary.hosts:
        yield ""
        yield from _host_lines(summary)
    command = resuming_command(summary)
    if command is not None:
        yield ""
        yield f"Carry on with: {command}"


def list_lines(summaries: Sequence[Summary]) -> Iterator[str]:
    """Tell of each of several runs in a line.

    Args:
        summaries: of the runs.
    """
    rows = [("Run", "State", "Done", "Best")]
    for one in summaries:
        state = state_words(one).partition(":")[0]
        done = done_words(one).partition(";")[0]
        mark = f" {REGULARIZED}" if one.regularized else ""
        best = next(best_words(one), "") + mark
        rows.append((short_path(one.folder), state, done, best))
    yield from aligned(rows)


def _task(summary: Summary) -> str:
    name = summary.task or "unknown: the run records no import path of its problem"
    return name if summary.problem is None else f"{name} ({summary.problem})"


def _search(summary: Summary) -> str:
    parts = [summary.search or "unknown"]
    if summary.population_size is not None:
        parts.append(f"population {summary.population_size}")
    if summary.seed is not None:
        parts.append(f"seed {summary.seed}")
    return ", ".join(parts)


def state_words(summary: Summary) -> str:
    """Tell what a run is doing, or how it ended.

    Args:
        summary: of the run.
    """
    beat = summary.heartbeat
    silence = "" if beat is None else duration(summary.time - beat.time)
    log = os.path.join(short_path(summary.folder), "deephyper.log")
    text = STATES[summary.state].format(silence=silence, log=log)
    if summary.unfinished and not summary.state.is_alive:
        text += f"; {summary.unfinished} evaluation(s) were begun and have no row"
    return text


def _process(summary: Summary, beat: Beat) -> str:
    parts = [f"{beat.pid} on {beat.host}"]
    if beat.slurm_job is not None:
        parts.append(f"Slurm job {beat.slurm_job}")
    if beat.since is not None:
        until = summary.time if summary.state.is_alive else beat.time
        word = "for" if summary.state.is_alive else "searched for"
        parts.append(f"{word} {duration(max(until - beat.since, 0))}")
    if summary.state.is_alive and beat.workers is not None:
        parts.append(f"{beat.workers} worker(s)")
    return ", ".join(parts)


def _when(time: float, now: float) -> str:
    return f"{moment(time)} ({duration(max(now - time, 0))} ago)"


def done_words(summary: Summary) -> str:
    """Tell how many evaluations there are, and how many failed.

    Args:
        summary: of the run.
    """
    total = "" if summary.max_evals is None else f" of {summary.max_evals}"
    text = f"{summary.done - summary.confirmed}{total} evaluation(s)"
    if summary.confirmed or summary.to_confirm:
        text += f", {summary.confirmed} further training(s) of networks"
    if summary.to_confirm and summary.state is not State.FINISHED:
        text += f" and {summary.to_confirm} to do"
    if summary.failed:
        reasons = [f"{count} {reason}" for reason, count in summary.failures.items()]
        text += f"; {summary.failed} failed ({', '.join(reasons)})"
    return text


def _rate(summary: Summary) -> str:
    whole, recent = summary.rate_per_minute, summary.recent_rate_per_minute
    if whole is None:
        return "unknown"
    text = f"{whole:.1f} a minute"
    if recent is not None and abs(recent - whole) > NOTICEABLE * whole:
        text += f", {recent:.1f} in the last ten minutes"
    if summary.seconds_left is not None:
        text += f"; about {duration(summary.seconds_left)} left"
    elif summary.state is State.RUNNING:
        limit = "no limit is set" if summary.max_evals is None else "none has ended yet"
        text += f"; time left unknown, as {limit}"
    return text


def best_words(summary: Summary) -> Iterator[str]:
    """Tell the best value of each objective.

    Args:
        summary: of the run.
    """
    for best in summary.best:
        if best.value is None:
            yield f"{best.objective} none yet"
        else:
            remark = "" if best.maximize else " (less is better)"
            value = short_number(best.value)
            yield f"{best.objective} {value}{remark}, evaluation {best.id}"


def _front(summary: Summary) -> str:
    size = f"{summary.front_size} network(s)"
    volume = summary.hypervolume
    if volume is None or summary.hypervolume_reference is None:
        unknown = [one.objective for one in summary.best if one.reference is None]
        return f"{size}; no hypervolume, as no reference is known for " + ", ".join(
            unknown
        )
    corner = ", ".join(
        short_number(value) if abs(value) >= 1000 else f"{value:g}"
        for value in summary.hypervolume_reference
    )
    word = "above" if all(one.maximize for one in summary.best) else "better than"
    return f"{size}, hypervolume {short_number(volume)} {word} ({corner})"


def _estimates(summary: Summary) -> Iterator[str]:
    """Tell what the last estimates came to; none are made here."""
    found = summary.estimates
    if found is None:
        return
    yield (
        f"from {found.evaluations} of {summary.done} evaluation(s): "
        f"{found.front_size} network(s) on the front, {found.likely} with a "
        "probability of 0.5 or more"
    )
    for best in found.best:
        value, low, high = map(short_number, (best.value, best.low, best.high))
        within = f" ({low} to {high})"
        if best.low == best.high:
            within = "" if best.objective in COUNTED else " (all trainings alike)"
        yield f"{best.objective} {value}{within}, evaluation {best.id}"


def _running(summary: Summary) -> Iterator[str]:
    longest_first = sorted(summary.running, key=lambda one: one.since)
    for one in longest_first[:SHOWN]:
        seconds = max(summary.time - one.since, 0)
        host = one.host or "a host not known yet"
        yield f"evaluation {one.id} on {host}, worker {one.worker}, {duration(seconds)}"
    if len(longest_first) > SHOWN:
        yield f"and {len(longest_first) - SHOWN} more"


def _host_lines(summary: Summary) -> Iterator[str]:
    rows = [["Host", "rows", "failed", "running", "seconds each", "last row"]]
    rows += [_host_row(host, summary.time) for host in summary.hosts]
    yield from aligned(rows, to_the_right=range(1, len(rows[0]) - 1))


def _host_row(host: Host, now: float) -> list[str]:
    return [
        host.name or "unknown",
        str(host.done),
        str(host.failed),
        str(host.running),
        "-" if host.mean_seconds is None else f"{host.mean_seconds:.1f}",
        "-" if host.last_row is None else _when(host.last_row, now),
    ]
