"""Everything that a report says of one run, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from xnas.names import path_argument
from xnas.objectives import INTROSPECTABILITY, LAYER_MEAN, Objective
from xnas.report.choices import Variable, read_variables
from xnas.report.clock import Clock
from xnas.report.curves import Curve, hypervolume_curve
from xnas.report.effects import Commonness, Effects, common_choices, estimate_effects
from xnas.report.expected import Expected, expect
from xnas.report.explanation import Explanation, explain
from xnas.report.gaps import find_gaps
from xnas.report.picks import Pick, find_picks
from xnas.report.settings import settings_of, versions_of
from xnas.report.stored import Stored, read_stored
from xnas.results import Run
from xnas.results.latest import TIME_STAMP, task_name
from xnas.results.regularized import REGULARIZED
from xnas.results.summary import Summary
from xnas.results.texts import short_path

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Axis:
    """An objective, or introspectability where it is recorded only.

    Args:
        objective: name, direction and reference.
        is_objective: whether the search looked for it.
        best: value as measured, ``None`` where nothing succeeded.
        best_id: the first network that has it.
        median: of the networks that did not fail.
    """

    objective: Objective
    is_objective: bool
    best: float | None
    best_id: int | None
    median: float | None

    @property
    def name(self) -> str:
        """Name of the objective."""
        return self.objective.name

    @property
    def label(self) -> str:
        """The name, with a remark if less is better."""
        return self.objective.label


@dataclass(frozen=True)
class RunReport:
    """What a report says of one run; times are in seconds.

    Args:
        label: tells the run from the others of the report.
        argument: the folder as a command takes it.
        summary: state, counts, hosts and the front's hypervolume.
        infinite: networks whose introspectability is −inf.
        seconds: that the search took, pauses left out; ``None`` if no row tells.
        compute_seconds: that all evaluations together took.
        settings: what was searched for and how.
        versions: of the software.
        axes: objectives in order, then what is recorded only.
        extras: names of other scores that are recorded.
        expected: what networks give over seeds, ``None`` without estimates.
        curve: hypervolume over the search.
        picks: networks to look at first.
        explanations: of the picks that have a finite introspectability, by id.
        variables: the space's choices.
        effects: one an axis.
        commonness: operations on the front and overall, by node.
        table: one row a network, means over its replicates; ``parent_ids`` are those
            of networks, and ``trade_off`` says which no other dominates in any axis.
        evaluations: one row an evaluation, with the same ``trade_off``.
        space: of ``init_infos.json``.
        gaps: what is missing from this report, and why.
        stored: what the Gram matrices of its most important networks tell.
        explained: addresses of the pages on explained networks, by id.
    """

    label: str
    argument: str
    summary: Summary
    infinite: int
    seconds: float | None
    compute_seconds: float | None
    settings: Mapping[str, str]
    versions: Mapping[str, str]
    axes: tuple[Axis, ...]
    extras: tuple[str, ...]
    expected: Expected | None
    curve: Curve | None
    picks: tuple[Pick, ...]
    explanations: Mapping[int, Explanation]
    variables: tuple[Variable, ...]
    effects: tuple[Effects, ...]
    commonness: tuple[Commonness, ...]
    table: "pd.DataFrame"
    evaluations: "pd.DataFrame"
    space: Mapping[str, Any]
    gaps: tuple[str, ...]
    stored: Stored
    explained: Mapping[int, str] = field(default_factory=dict)

    @property
    def succeeded(self) -> int:
        """Networks with objectives, −inf among them."""
        return int(self.table["reason"].isna().sum())

    def best(self, column: str) -> "pd.DataFrame":
        """Return the networks that a column marks, best in the first objective first.

        Args:
            column: ``pareto_efficient`` or ``trade_off``.
        """
        first = self.axes[0].objective
        order = [not first.maximize, True]
        marked = self.table[self.table[column]]
        return marked.sort_values([first.name, "id"], ascending=order)

    @property
    def front(self) -> "pd.DataFrame":
        """The networks that no other dominates in any axis."""
        return self.best("trade_off")

    @property
    def counts_recorded(self) -> bool:
        """Whether trade-offs count what is recorded beside the objectives."""
        return not self.axes[-1].is_objective


def describe_run(
    run: Run,
    now: float | None = None,
    *,
    summary: Summary | None = None,
    before: RunReport | None = None,
) -> RunReport:
    """Work out everything a report says of one run.

    Args:
        run: any, also one that is under way.
        now: Unix time in seconds, of the clock if ``None``.
        summary: of the run, where it is known already.
        before: the same run with fewer rows. What takes long is taken from there:
            estimates, picks, explanations, effects and gaps.
    """
    summary = summary or run.summary(now)
    table, evaluations = _tables(run)
    succeeded = table[table["reason"].isna()]
    variables = read_variables(run.infos.get("space") or {})
    argument = path_argument(short_path(run.folder.root))
    if before is None:
        expected = expect(run)
        picks = tuple(find_picks(run, argument, expected))
        explanations: Mapping[int, Explanation] = _explanations(run, picks)
        effects = _effects(run, succeeded, variables)
        gaps = find_gaps(run, summary, explanations, variables)
        stored = read_stored(run, table, [pick.id for pick in picks])
    else:
        expected = _carried(before, table)
        picks, explanations = before.picks, before.explanations
        effects, gaps, stored = before.effects, before.gaps, before.stored
    axis_names = [axis.name for axis in run.axes]
    extras = [name for name in run.recorded if name not in axis_names]
    table, extras = _with_layer_means(run, table, extras, stored)
    starts, ends = evaluations["timestamp_start"], evaluations["timestamp_end"]
    return RunReport(
        label=_label(run, summary.task, summary.seed)
        + (f" {REGULARIZED}" if summary.regularized else ""),
        argument=argument,
        summary=summary,
        infinite=_count_infinite(succeeded),
        seconds=Clock(starts.to_numpy(), ends.to_numpy()).total or None,
        compute_seconds=float((ends - starts).sum()) or None,
        settings=settings_of(run.infos),
        versions=versions_of(run.infos),
        axes=tuple(_axis(one, run, succeeded) for one in run.axes),
        extras=tuple(extras),
        expected=expected,
        curve=hypervolume_curve(run),
        picks=picks,
        explanations=explanations,
        variables=variables,
        effects=effects,
        commonness=_commonness(succeeded, variables),
        table=table,
        evaluations=evaluations,
        space=run.infos.get("space") or {},
        gaps=gaps,
        stored=stored,
    )


def _with_layer_means(
    run: Run, table: "pd.DataFrame", extras: list[str], stored: Stored
) -> "tuple[pd.DataFrame, list[str]]":
    """Add the mean over layers, which earlier versions do not record."""
    known = {LAYER_MEAN} & {*extras, *(axis.name for axis in run.axes)}
    if known or run.scores_by_layer or not stored.layer_means:
        return table, extras
    means = table["id"].map(stored.layer_means).astype(np.float64)
    return table.assign(**{LAYER_MEAN: means}), [*extras, LAYER_MEAN]


def _carried(before: RunReport, table: "pd.DataFrame") -> Expected | None:
    """Give networks that came since no estimates."""
    if before.expected is None:
        return None
    return before.expected.rows(before.table["id"].to_numpy(), table["id"].to_numpy())


def _tables(run: Run) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return networks and evaluations, with what people choose trade-offs from.

    Those count introspectability even if it is recorded only, whatever the search
    looked at.
    """
    table = run.means.assign(trade_off=run.trade_offs)
    best = {
        one.id
        for network, is_best in zip(run.networks, run.trade_offs, strict=True)
        if is_best
        for one in network.evaluations
        if one.objectives is not None
    }
    evaluations = run.evaluations.assign(trade_off=run.evaluations["id"].isin(best))
    if len(table) < len(evaluations):
        table["parent_ids"] = [
            tuple(dict.fromkeys(run.network_ids.get(one, one) for one in parents))
            for parents in table["parent_ids"]
        ]
    return table, evaluations


def _label(run: Run, task: str | None, seed: int | None) -> str:
    folder = run.folder.root
    name = folder.name
    if TIME_STAMP.fullmatch(name) or task is None or task != name:
        name = f"{task or task_name(folder.parent.name)}, {name}"
    return name if seed is None else f"{name}, seed {seed}"


def _count_infinite(succeeded: "pd.DataFrame") -> int:
    if INTROSPECTABILITY not in succeeded:
        return 0
    return int(np.isneginf(succeeded[INTROSPECTABILITY].to_numpy()).sum())


def _axis(objective: Objective, run: Run, succeeded: "pd.DataFrame") -> Axis:
    values = succeeded[objective.name]
    best, median = best_and_median(values, objective)
    # The first of equal ones.
    number = None if best is None else int(succeeded["id"][values == best].iloc[0])
    return Axis(objective, objective in run.objectives, best, number, median)


def best_and_median(
    values: "pd.Series[float]", objective: Objective
) -> tuple[float | None, float | None]:
    """Tell the best and the median of some networks' values, ``None`` without any.

    Args:
        values: as measured; of a recorded score, some may be missing.
        objective: which of them is best.
    """
    known = values.dropna()
    if known.empty:
        return None, None
    best = known.max() if objective.maximize else known.min()
    return float(best), float(known.median())


def _explanations(run: Run, picks: tuple[Pick, ...]) -> dict[int, Explanation]:
    scores = {
        pick.id: run.evaluations.set_index("id")[INTROSPECTABILITY][pick.id]
        for pick in picks
        if INTROSPECTABILITY in run.evaluations
    }
    return {
        id_: explain(run, id_, float(score))
        for id_, score in scores.items()
        if np.isfinite(score)
    }


def _genotypes(
    succeeded: "pd.DataFrame", variables: tuple[Variable, ...]
) -> np.ndarray | None:
    """Return (networks, variables) int64, ``None`` if the space describes others."""
    rows = list(succeeded["arch_seq"])
    if not variables or {len(row) for row in rows} - {len(variables)}:
        return None
    genotypes = np.array(rows, dtype=np.int64).reshape(-1, len(variables))
    return genotypes if (genotypes < _sizes(variables)).all() else None


def _sizes(variables: tuple[Variable, ...]) -> tuple[int, ...]:
    return tuple(len(variable.operations) for variable in variables)


def _effects(
    run: Run, succeeded: "pd.DataFrame", variables: tuple[Variable, ...]
) -> tuple[Effects, ...]:
    genotypes = _genotypes(succeeded, variables)
    if genotypes is None:
        return ()
    return tuple(
        estimate_effects(
            axis.name, genotypes, succeeded[axis.name].to_numpy(), _sizes(variables)
        )
        for axis in run.axes
    )


def _commonness(
    succeeded: "pd.DataFrame", variables: tuple[Variable, ...]
) -> tuple[Commonness, ...]:
    genotypes = _genotypes(succeeded, variables)
    if genotypes is None or succeeded.empty:
        return ()
    on_front = succeeded["trade_off"].to_numpy()
    return common_choices(genotypes, on_front, _sizes(variables))
