"""Everything that a report says of one run, as plain data."""

import shlex
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xnas.pareto import is_pareto_efficient
from xnas.report.choices import Variable, read_variables
from xnas.report.clock import Clock
from xnas.report.curves import Curve, hypervolume_curve
from xnas.report.effects import Commonness, Effects, common_choices, estimate_effects
from xnas.report.explanation import Explanation, explain
from xnas.report.gaps import find_gaps
from xnas.report.settings import Fact, settings_of, versions_of
from xnas.results import Run
from xnas.results.latest import TIME_STAMP, task_name
from xnas.results.state import State
from xnas.results.summary import summarise

if TYPE_CHECKING:
    import pandas as pd

INTROSPECTABILITY = "introspectability"


@dataclass(frozen=True)
class Axis:
    """An objective, or introspectability where it is recorded only.

    Args:
        name: of the objective.
        is_objective: whether the search maximised it.
        best: greatest value, ``None`` where nothing succeeded.
        best_id: the first evaluation that has it.
        median: of the evaluations that did not fail.
    """

    name: str
    is_objective: bool
    best: float | None
    best_id: int | None
    median: float | None


@dataclass(frozen=True)
class Host:
    """What one host did.

    Args:
        name: ``None`` for rows that do not tell.
        done: rows, failures included.
        failed: failures among them.
        seconds: mean duration of an evaluation, ``None`` if no row tells.
    """

    name: str | None
    done: int
    failed: int
    seconds: float | None


@dataclass(frozen=True)
class Pick:
    """A network to look at first.

    Args:
        name: ``accuracy``, ``introspectability`` or ``knee``.
        id: of the evaluation.
        command: trains it in full.
    """

    name: str
    id: int
    command: str


@dataclass(frozen=True)
class RunReport:
    """What a report says of one run; times are in seconds.

    Args:
        label: tells the run from the others of the report.
        folder: its absolute path.
        argument: the folder as a command takes it.
        task: its name, ``None`` if nothing tells.
        search: class of the search.
        seed: of the run.
        state: what the run was doing when it was read.
        read: when that was, Unix time.
        max_evals: evaluations asked for, ``None`` for no limit.
        done: rows.
        failed: rows without objectives.
        failures: reason and count, the commonest first.
        infinite: rows whose introspectability is −inf.
        running: evaluations under way.
        seconds: that the search took, pauses left out; ``None`` if no row tells.
        compute_seconds: that all evaluations together took.
        hosts: by name.
        settings: what was searched for and how.
        versions: of the software.
        axes: task objective first.
        reference: of the hypervolume, ``None`` where none makes sense.
        hypervolume: of the front.
        curve: hypervolume over the search.
        picks: networks to look at first.
        explanations: of the picks that have a finite introspectability, by id.
        variables: the space's choices.
        effects: one an axis.
        commonness: operations on the front and overall, by place.
        table: the evaluations.
        space: of ``init_infos.json``.
        gaps: what is missing from this report, and why.
    """

    label: str
    folder: str
    argument: str
    task: str | None
    search: str | None
    seed: int | None
    state: State
    read: float
    max_evals: int | None
    done: int
    failed: int
    failures: tuple[tuple[str, int], ...]
    infinite: int
    running: int
    seconds: float | None
    compute_seconds: float | None
    hosts: tuple[Host, ...]
    settings: tuple[Fact, ...]
    versions: tuple[Fact, ...]
    axes: tuple[Axis, ...]
    reference: tuple[float, ...] | None
    hypervolume: float | None
    curve: Curve | None
    picks: tuple[Pick, ...]
    explanations: Mapping[int, Explanation]
    variables: tuple[Variable, ...]
    effects: tuple[Effects, ...]
    commonness: tuple[Commonness, ...]
    table: "pd.DataFrame"
    space: Mapping[str, Any]
    gaps: tuple[str, ...]

    @property
    def succeeded(self) -> int:
        """Evaluations with objectives, −inf among them."""
        return self.done - self.failed

    @property
    def front(self) -> "pd.DataFrame":
        """The evaluations that no other dominates, best task objective first."""
        best = self.table[self.table["pareto_efficient"]]
        return best.sort_values([self.axes[0].name, "id"], ascending=[False, True])


def describe_run(run: Run, now: float | None = None) -> RunReport:
    """Work out everything a report says of one run.

    Args:
        run: any, also one that is under way.
        now: Unix time in seconds, of the clock if ``None``.
    """
    now = time.time() if now is None else now
    summary = summarise(run.folder, now)
    table = _with_front(run)
    sound = table[table["reason"].isna()]
    variables = read_variables(run.infos.get("space") or {})
    argument = shlex.quote(short_path(run.folder.root))
    picks = tuple(
        Pick(name, id_, f"./deephyper_xnas train {argument} --pick {name}")
        for name, id_ in run.picks().items()
    )
    explanations = _explanations(run, picks)
    clock = Clock(
        table["timestamp_start"].to_numpy(), table["timestamp_end"].to_numpy()
    )
    spent = (table["timestamp_end"] - table["timestamp_start"]).sum()
    return RunReport(
        label=_label(run, summary.task, summary.seed),
        folder=str(run.folder.root),
        argument=argument,
        task=summary.task,
        search=summary.search,
        seed=summary.seed,
        state=summary.state,
        read=now,
        max_evals=summary.max_evals,
        done=len(table),
        failed=len(table) - len(sound),
        failures=tuple(Counter(table["reason"].dropna()).most_common()),
        infinite=_count_infinite(sound),
        running=len(summary.running),
        seconds=clock.total or None,
        compute_seconds=float(spent) or None,
        hosts=_hosts(table),
        settings=settings_of(run.infos),
        versions=versions_of(run.infos),
        axes=tuple(_axis(name, run, sound) for name in run.axes),
        reference=run.hypervolume_reference,
        hypervolume=run.hypervolume(),
        curve=hypervolume_curve(run),
        picks=picks,
        explanations=explanations,
        variables=variables,
        effects=_effects(run, sound, variables),
        commonness=_commonness(sound, variables),
        table=table,
        space=run.infos.get("space") or {},
        gaps=find_gaps(run, summary, explanations, variables),
    )


def _with_front(run: Run) -> "pd.DataFrame":
    """Return the evaluations; the front counts introspectability even if recorded only.

    People choose between trade-offs, whatever the search looked at.
    """
    table = run.evaluations
    if run.axes == run.objectives:
        return table
    points = table[list(run.axes)].to_numpy(dtype=np.float64)
    return table.assign(pareto_efficient=is_pareto_efficient(points))


def short_path(folder: Path) -> str:
    """Return a path relative to the current folder if it lies below."""
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:
        return str(folder)


def _label(run: Run, task: str | None, seed: int | None) -> str:
    place = run.folder.root
    name = place.name
    if TIME_STAMP.fullmatch(name) or task is None or task != name:
        name = f"{task or task_name(place.parent.name)}, {name}"
    return name if seed is None else f"{name}, seed {seed}"


def _count_infinite(sound: "pd.DataFrame") -> int:
    if INTROSPECTABILITY not in sound:
        return 0
    return int(np.isneginf(sound[INTROSPECTABILITY].to_numpy()).sum())


def _axis(name: str, run: Run, sound: "pd.DataFrame") -> Axis:
    values = sound[name]  # of a recorded score, some may be missing
    best = float(values.max()) if values.notna().any() else None
    return Axis(
        name=name,
        is_objective=name in run.objectives,
        best=best,
        best_id=None if best is None else int(sound["id"].iloc[values.argmax()]),
        median=None if best is None else float(values.median()),
    )


def _hosts(table: "pd.DataFrame") -> tuple[Host, ...]:
    hosts = []
    for name, rows in table.groupby("host", dropna=False, sort=True):
        seconds = (rows["timestamp_end"] - rows["timestamp_start"]).mean()
        hosts.append(
            Host(
                name=name if isinstance(name, str) else None,
                done=len(rows),
                failed=int(rows["reason"].notna().sum()),
                seconds=float(seconds) if np.isfinite(seconds) else None,
            )
        )
    return tuple(hosts)


def _explanations(run: Run, picks: tuple[Pick, ...]) -> dict[int, Explanation]:
    if INTROSPECTABILITY not in run.axes:
        return {}
    scores = run.evaluations.set_index("id")[INTROSPECTABILITY]
    return {
        pick.id: explain(run, pick.id, float(scores[pick.id]))
        for pick in picks
        if np.isfinite(scores[pick.id])
    }


def _genotypes(sound: "pd.DataFrame", n_variables: int) -> np.ndarray:
    rows = [genotype for genotype in sound["arch_seq"] if len(genotype) == n_variables]
    return np.array(rows, dtype=np.int64).reshape(-1, n_variables)


def _fits(sound: "pd.DataFrame", variables: tuple[Variable, ...]) -> bool:
    """Whether the space describes all genotypes."""
    if not variables:
        return False
    genotypes = _genotypes(sound, len(variables))
    sizes = np.array([len(variable.operations) for variable in variables])
    whole = len(genotypes) == len(sound)
    return whole and bool((genotypes < sizes).all())


def _effects(
    run: Run, sound: "pd.DataFrame", variables: tuple[Variable, ...]
) -> tuple[Effects, ...]:
    if not _fits(sound, variables):
        return ()
    genotypes = _genotypes(sound, len(variables))
    sizes = tuple(len(variable.operations) for variable in variables)
    return tuple(
        estimate_effects(name, genotypes, sound[name].to_numpy(), sizes)
        for name in run.axes
    )


def _commonness(
    sound: "pd.DataFrame", variables: tuple[Variable, ...]
) -> tuple[Commonness, ...]:
    if not _fits(sound, variables) or sound.empty:
        return ()
    return common_choices(
        _genotypes(sound, len(variables)),
        sound["pareto_efficient"].to_numpy(),
        tuple(len(variable.operations) for variable in variables),
    )
