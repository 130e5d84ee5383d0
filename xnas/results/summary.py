"""What a run has come to, read from its folder; nothing there is changed."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import inf, isfinite
from statistics import fmean
from typing import Any

from xnas.errors import UsageError
from xnas.objectives import (
    Objective,
    recorded_objectives,
    reference_point,
    shown_reference,
)
from xnas.pareto import hypervolume, is_pareto_efficient
from xnas.records import Evaluation, for_json
from xnas.results.confirmations import Confirmations
from xnas.results.estimated import StoredEstimates, read_estimates
from xnas.results.folder import RunFolder
from xnas.results.heartbeat import Beat, Running, read_beat, seconds_since
from xnas.results.latest import TIME_STAMP, task_name
from xnas.results.networks import Network, networks_of, points_of
from xnas.results.regularized import regularized_run
from xnas.results.state import State, state_of
from xnas.results.table import Table, read_table

RECENT = 600.0
"""Seconds that the recent rate is measured over."""

ENOUGH = 10
"""Evaluations that make the recent rate worth more than the whole process's."""


@dataclass(frozen=True)
class Best:
    """The best value of one objective.

    Args:
        objective: its name.
        value: as measured, may be infinite; ``None`` as long as no evaluation
            succeeded.
        id: the first network that has it.
        maximize: whether more is better.
        reference: the worst value that counts, ``None`` if none is known.
    """

    objective: str
    value: float | None
    id: int | None
    maximize: bool
    reference: float | None


@dataclass(frozen=True)
class Host:
    """What one host has done.

    Args:
        name: ``None`` for rows that do not tell.
        done: rows, failures included.
        failed: failures among them.
        running: evaluations that it is busy with.
        mean_seconds: that one of its evaluations took.
        last_row: when its last evaluation ended, Unix time in seconds.
    """

    name: str | None
    done: int
    failed: int
    running: int
    mean_seconds: float | None
    last_row: float | None


@dataclass(frozen=True)
class Summary:
    """A run at one time; all times are Unix time in seconds.

    Args:
        folder: the run folder's absolute path.
        time: when it was looked at.
        task: name of the task, ``None`` if neither infos nor folder tell.
        problem: import path of the problem, ``None`` if not recorded.
        search: class of the search.
        command: its name on the command line, ``None`` if it began elsewhere.
        population_size: of the search.
        seed: of the run.
        regularized: how its networks were, see :mod:`xnas.results.regularized`,
            ``None`` if they were not.
        state: what the run is doing, or how it ended.
        heartbeat: the last one of the last process, ``None`` if it gave none.
        max_evals: evaluations asked for, ``None`` for no limit.
        done: rows: ``succeeded`` and ``failed`` ones.
        confirmed: rows among them that are further trainings of networks, which
            ``max_evals`` does not count.
        to_confirm: further trainings that were asked for and have no row.
        succeeded: evaluations with objectives.
        failed: evaluations without.
        failures: how many failed for which reason.
        running: what is evaluated now.
        unfinished: evaluations handed out that neither run nor have a row.
        rate_per_minute: rows a minute of the last process, while it searched.
        recent_rate_per_minute: the same over the last ten minutes, if the process
            lives and is older.
        seconds_left: estimate, ``None`` if nothing tells.
        last_row: when the last evaluation ended.
        best: one an objective, of means over replicates.
        front_size: networks that no other dominates.
        hypervolume: of the front, ``None`` without a reference.
        hypervolume_reference: one number an objective, as measured; ``None`` unless all
            are known.
        estimates: what stored ones come to, ``None`` if none are stored.
        hosts: by name.
    """

    folder: str
    time: float
    task: str | None
    problem: str | None
    search: str | None
    command: str | None
    population_size: int | None
    seed: int | None
    regularized: str | None
    state: State
    heartbeat: Beat | None
    max_evals: int | None
    done: int
    confirmed: int
    to_confirm: int
    succeeded: int
    failed: int
    failures: dict[str, int]
    running: tuple[Running, ...]
    unfinished: int
    rate_per_minute: float | None
    recent_rate_per_minute: float | None
    seconds_left: float | None
    last_row: float | None
    best: tuple[Best, ...]
    front_size: int
    hypervolume: float | None
    hypervolume_reference: tuple[float, ...] | None
    estimates: StoredEstimates | None
    hosts: tuple[Host, ...]

    def to_json(self) -> dict[str, Any]:
        """Return everything in JSON's terms; infinities become ``None``."""
        content = asdict(self)
        # What runs is told once; the key is that of the file.
        content["sign_of_life"] = beat = content.pop("heartbeat")
        if beat is not None:
            del beat["running"]
        cleaned: dict[str, Any] = for_json(content, _without_infinity)
        return cleaned


def summarise(
    folder: RunFolder, now: float | None = None, table: Table | None = None
) -> Summary:
    """Read a run folder, whatever state its run is in.

    Args:
        folder: of the run.
        now: Unix time in seconds, of the clock if ``None``.
        table: of the folder, where it was read already.

    Returns:
        What can be told; nothing is left behind and no lock is taken.

    Raises:
        UsageError: the folder holds no run, or its files cannot be read.
    """
    infos, objectives = _infos(folder)
    # In this order, what ends meanwhile is taken for nothing worse than running.
    beat = read_beat(folder.heartbeat)
    started = folder.started_ids()
    table = table or read_table(folder.results)
    rows = table.evaluations
    if now is None:
        now = time.time()
        silent = seconds_since(beat, folder.heartbeat, now) if beat else 0.0
    else:
        silent = now - beat.time if beat else 0.0
    search = infos["search"]
    max_evals = search.get("max_evals", -1)
    confirmations = Confirmations.of_run(infos)
    n_searched = len(confirmations.searched(rows))
    to_confirm = confirmations.latest(rows).n_missing(rows)
    n_left = max(max_evals - n_searched, 0) + to_confirm
    is_done = max_evals >= 0 and not n_left
    state = state_of(beat, started, len(rows), table.concluded, is_done, silent)
    have_rows = {one.id for one in rows}
    running = tuple(
        one
        for one in (beat.running if beat and state.is_alive else ())
        if one.id not in have_rows
    )
    failures = Counter(one.failure for one in rows if one.failure)
    rates = _Rates(infos, beat, state, rows, now)
    problem = (infos.get("run_settings") or {}).get("problem")
    loader = ((infos.get("problem") or {}).get("load_data") or {}).get("function")
    return Summary(
        folder=str(folder.root),
        time=now,
        task=_task(problem or loader, folder),
        problem=problem,
        search=search.get("type"),
        command=(infos.get("arguments") or {}).get("search"),
        population_size=search.get("population_size"),
        seed=search.get("seed"),
        regularized=regularized_run(infos),
        state=state,
        heartbeat=beat,
        max_evals=max_evals if max_evals >= 0 else None,
        done=len(rows),
        confirmed=len(rows) - n_searched,
        to_confirm=to_confirm,
        succeeded=len(rows) - failures.total(),
        failed=failures.total(),
        failures=dict(failures.most_common()),
        running=running,
        unfinished=len(started - have_rows - {one.id for one in running}),
        rate_per_minute=rates.whole,
        recent_rate_per_minute=rates.recent,
        seconds_left=rates.seconds_left(n_left) if max_evals >= 0 else None,
        last_row=_last(rows),
        estimates=read_estimates(folder, objectives),
        hosts=_hosts(rows, running),
        **_found(rows, objectives),
    )


def _found(
    rows: Sequence[Evaluation], objectives: Sequence[Objective]
) -> dict[str, Any]:
    """Tell what the front is worth, by fields of the summary."""
    networks = networks_of(rows)
    points = points_of(networks, len(objectives))
    corner = reference_point(objectives)
    return {
        "best": _best(networks, objectives),
        "front_size": int(is_pareto_efficient(points).sum()),
        "hypervolume": None if corner is None else hypervolume(points, corner),
        "hypervolume_reference": shown_reference(objectives),
    }


def _infos(folder: RunFolder) -> tuple[dict[str, Any], tuple[Objective, ...]]:
    infos = folder.infos()
    try:
        objectives = recorded_objectives(infos)
        is_readable = isinstance(infos["search"].get("max_evals", -1), int)
    except (AttributeError, KeyError, TypeError, ValueError):
        is_readable = False
    if not is_readable:
        raise UsageError(
            f"{folder.init_infos} lacks objectives or search, expected what a search "
            "of this tool writes"
        )
    return infos, objectives


def _task(path: str | None, folder: RunFolder) -> str | None:
    """Name the task by the import path of its problem, or of what loads its data."""
    if path and "." in path and not path.startswith("__main__"):
        return task_name(path)
    return folder.root.parent.name if TIME_STAMP.fullmatch(folder.root.name) else None


def _last(rows: Sequence[Evaluation]) -> float | None:
    return max(
        (one.times.ended for one in rows if one.times.ended is not None), default=None
    )


class _Rates:
    """Rows a minute of the last process.

    Args:
        infos: ``init_infos.json``.
        beat: the process's last heartbeat.
        state: of the run.
        rows: all of them.
        now: Unix time in seconds.
    """

    def __init__(
        self,
        infos: Mapping[str, Any],
        beat: Beat | None,
        state: State,
        rows: Sequence[Evaluation],
        now: float,
    ) -> None:
        self._state = state
        if beat is None:
            since, until = _started(infos), _last(rows)
        else:
            since, until = beat.since, now if state.is_alive else beat.time
        self.whole: float | None = None
        self.recent: float | None = None
        if since is None or until is None or until <= since:
            return
        before = beat.rows_before if beat else len(rows) - _count_since(rows, since)
        self.whole = 60 * max(len(rows) - before, 0) / (until - since)
        if state.is_alive and until - since > RECENT:
            self.recent = 60 * _count_since(rows, until - RECENT) / RECENT

    def seconds_left(self, count: int) -> float | None:
        """Estimate the time that so many evaluations take."""
        rate = self.whole
        # Nodes come and go: the last minutes tell more, if they tell anything.
        if self.recent is not None and self.recent * RECENT >= 60 * ENOUGH:
            rate = self.recent
        if self._state is not State.RUNNING or not rate:
            return None
        return 60 * count / rate


def _count_since(rows: Sequence[Evaluation], begin: float) -> int:
    return sum((one.times.ended or -inf) > begin for one in rows)


def _started(infos: Mapping[str, Any]) -> float | None:
    """Tell when the last process of a run began."""
    try:
        last = [infos, *infos.get("resumed", [])][-1]
        return datetime.fromisoformat(last["started"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None


def _best(
    networks: Sequence[Network], objectives: Sequence[Objective]
) -> tuple[Best, ...]:
    known = [(one.objectives, one.id) for one in networks if one.objectives is not None]
    best = []
    for axis, objective in enumerate(objectives):
        value, number = None, None
        if known:
            # max() keeps the first of equal values.
            values, number = max(known, key=lambda pair: pair[0][axis])
            value = objective.shown(values[axis])
        name, maximize = objective.name, objective.maximize
        best.append(Best(name, value, number, maximize, objective.reference))
    return tuple(best)


def _hosts(rows: Sequence[Evaluation], running: Sequence[Running]) -> tuple[Host, ...]:
    by_host: dict[str | None, list[Evaluation]] = {one.host: [] for one in running}
    for row in rows:
        by_host.setdefault(row.host, []).append(row)
    busy = Counter(one.host for one in running)
    return tuple(
        _host(name, by_host[name], busy[name])
        for name in sorted(by_host, key=lambda name: (name is None, name))
    )


def _host(name: str | None, rows: Sequence[Evaluation], running: int) -> Host:
    seconds = [
        one.times.ended - one.times.started
        for one in rows
        if one.times.ended is not None and one.times.started is not None
    ]
    return Host(
        name=name,
        done=len(rows),
        failed=sum(one.objectives is None for one in rows),
        running=running,
        mean_seconds=fmean(seconds) if seconds else None,
        last_row=_last(rows),
    )


def _without_infinity(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value
