"""Several runs beside each other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xnas.objectives import Objective, recorded_objectives, reference_point
from xnas.pareto import hypervolume
from xnas.report.curves import STEPS, Curve
from xnas.report.data import RunReport, best_and_median
from xnas.results.regularized import INCOMPARABLE

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 8
"""Settings that are named where runs differ."""


@dataclass(frozen=True)
class Spread:
    """Mean, least and greatest of some runs' numbers."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Band:
    """Least and greatest hypervolume of some runs after numbers of evaluations."""

    evaluations: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Group:
    """Runs that share all settings but the seed.

    Args:
        label: what they share, in words.
        members: their positions.
        best: of the best values, one an axis; ``None`` where a run has none.
        hypervolume: of their hypervolumes.
        seconds: of their times.
        band: as far as the shortest of them goes.
    """

    label: str
    members: tuple[int, ...]
    best: tuple[Spread | None, ...]
    hypervolume: Spread | None
    seconds: Spread | None
    band: Band | None


@dataclass(frozen=True)
class Line:
    """A hypervolume in the figure of one run or several.

    Args:
        label: of the run.
        curve: its hypervolume.
        colour: number of its settings: runs that share them share a colour.
        dash: number of the run.
        band: of its group, if it is the first of one.
    """

    label: str
    curve: Curve
    colour: int = 0
    dash: int = 0
    band: Band | None = None


@dataclass(frozen=True)
class Equal:
    """Runs after as many evaluations as the shortest of them has.

    Args:
        evaluations: how many had ended.
        values: best and median value, one pair an axis, of each run.
        hypervolumes: of each run, ``None`` without a reference.
    """

    evaluations: int
    values: tuple[tuple[tuple[float | None, float | None], ...], ...]
    hypervolumes: tuple[float | None, ...]


@dataclass(frozen=True)
class FrontLine:
    """A front in the figure of all fronts.

    Args:
        label: of the run.
        points: (across, up) as measured, from left to right; finite ones.
        colour: number of its settings.
        dash: number of the run.
    """

    label: str
    points: tuple[tuple[float, float], ...]
    colour: int
    dash: int


@dataclass(frozen=True)
class Comparison:
    """Several runs.

    Args:
        axes: what they are compared by.
        runs: those that are compared.
        values: best and median value, one pair an axis, of each run.
        groups: of two runs or more.
        equal: the same at equal numbers of evaluations, where those differ.
        notes: what to know when comparing.
        no_spread: why there is no spread over seeds, if so.
        lines: hypervolumes of the runs that have one.
        fronts: of the first two axes, where all runs have the same.
    """

    axes: tuple[Objective, ...]
    runs: tuple[RunReport, ...]
    values: tuple[tuple[tuple[float | None, float | None], ...], ...]
    groups: tuple[Group, ...]
    equal: Equal | None
    notes: tuple[str, ...]
    no_spread: str | None
    lines: tuple[Line, ...]
    fronts: tuple[FrontLine, ...]


def compare(
    runs: Sequence[RunReport], infos: Sequence[Mapping[str, Any]]
) -> Comparison:
    """Put runs beside each other.

    Args:
        runs: two or more.
        infos: their ``init_infos.json``.
    """
    # By name and direction; references are compared by themselves.
    found = {axis.objective.text: axis.objective for run in runs for axis in run.axes}
    axes = tuple(found.values())
    keys = [shared_settings(one) for one in infos]
    distinct = list(dict.fromkeys(keys))
    colours = list(map(distinct.index, keys))
    groups = [
        _group(runs, [i for i, other in enumerate(keys) if other == key], axes)
        for key in distinct
        if keys.count(key) > 1
    ]
    return Comparison(
        axes=axes,
        runs=tuple(runs),
        values=tuple(_values(run, axes) for run in runs),
        groups=tuple(groups),
        equal=_equal(runs, axes),
        notes=_notes(runs),
        no_spread=None if groups else _no_spread(infos),
        lines=_lines(runs, colours, groups),
        fronts=_fronts(runs, colours),
    )


def shared_settings(infos: Mapping[str, Any]) -> str:
    """Return what decides a run's outcome but for chance, as text to compare.

    Args:
        infos: ``init_infos.json``.
    """
    return json.dumps(_shared(infos), sort_keys=True)


def _shared(infos: Mapping[str, Any]) -> dict[str, Any]:
    own = ("seed", "log_dir")
    settings = {
        part: {
            name: value
            for name, value in (infos.get(part) or {}).items()
            if name not in own
        }
        for part in ("search", "problem", "run_settings")
    }
    sought = [one.text for one in recorded_objectives(infos)]
    others = {name: infos.get(name) for name in ("space", "run", "similarity")}
    return {**settings, **others, "objectives": sought}


def _no_spread(infos: Sequence[Mapping[str, Any]]) -> str:
    """Say why no runs are taken together, with what the first two differ in."""
    first, second = (_flat(_shared(one)) for one in infos[:2])
    names = sorted(first.keys() | second.keys())
    differ = [name for name in names if first.get(name) != second.get(name)]
    words = list(dict.fromkeys(name.rpartition(".")[2] for name in differ))
    if len(words) > MOST_NAMED:
        words[MOST_NAMED:] = [f"{len(words) - MOST_NAMED} more"]
    return (
        "There is no spread over seeds, as no two of these runs share all settings but "
        f"the seed; the first two differ in {', '.join(words)}."
    )


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Name each setting by its way through the sections; a space stays whole."""
    if not isinstance(value, Mapping) or name == ".space":
        return {name: value}
    parts = [_flat(one, f"{name}.{key}") for key, one in value.items()]
    return {key: one for part in parts for key, one in part.items()}


def _equal(runs: Sequence[RunReport], axes: tuple[Objective, ...]) -> Equal | None:
    counts = {run.summary.done for run in runs}
    least = min(counts)
    if len(counts) == 1 or not least:
        return None
    starts = [_first(run, least) for run in runs]
    return Equal(
        evaluations=least,
        values=tuple(
            tuple(_best_and_median(run, start, axis) for axis in axes)
            for run, start in zip(runs, starts, strict=True)
        ),
        hypervolumes=tuple(map(_hypervolume, runs, starts)),
    )


def _first(run: RunReport, count: int) -> "pd.DataFrame":
    """Return the networks of the evaluations that ended first, failed ones left out."""
    table = run.evaluations
    order = np.lexsort((table["id"].to_numpy(), table["timestamp_end"].to_numpy()))
    ended = table.iloc[order[:count]]
    ended = ended[ended["reason"].isna()]
    # What has no genotype is a network of its own.
    pairs = zip(ended["arch_seq"], ended["id"], strict=True)
    network = np.array([str(genotype or id_) for genotype, id_ in pairs], dtype=np.str_)
    return ended.groupby(network, sort=False)[[axis.name for axis in run.axes]].mean()


def _best_and_median(
    run: RunReport, start: "pd.DataFrame", axis: Objective
) -> tuple[float | None, float | None]:
    if axis.text not in {one.objective.text for one in run.axes}:
        return None, None
    return best_and_median(start[axis.name], axis)


def _hypervolume(run: RunReport, start: "pd.DataFrame") -> float | None:
    sought = [axis.objective for axis in run.axes if axis.is_objective]
    reference = reference_point(sought)
    if reference is None:
        return None
    signs = [1.0 if one.maximize else -1.0 for one in sought]
    points = start[[one.name for one in sought]].to_numpy(np.float64) * signs
    return hypervolume(points, reference)


def _fronts(runs: Sequence[RunReport], colours: Sequence[int]) -> tuple[FrontLine, ...]:
    sought = {tuple(axis.objective.text for axis in run.axes) for run in runs}
    if len(sought) > 1 or len(runs[0].axes) < 2:
        return ()
    names = [axis.name for axis in runs[0].axes[:2]]
    found = []
    for i, run in enumerate(runs):
        points = run.front[names].to_numpy(np.float64)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points):
            ordered = tuple((float(x), float(y)) for x, y in sorted(points.tolist()))
            label = f"{run.label}, {run.summary.done:,} evaluations"
            found.append(FrontLine(label, ordered, colours[i], i))
    return tuple(found)


def _lines(
    runs: Sequence[RunReport], colours: Sequence[int], groups: Sequence[Group]
) -> tuple[Line, ...]:
    bands = {group.members[0]: group.band for group in groups}
    return tuple(
        Line(run.label, run.curve, colours[i], i, bands.get(i))
        for i, run in enumerate(runs)
        if run.curve is not None
    )


def _values(
    run: RunReport, axes: tuple[Objective, ...]
) -> tuple[tuple[float | None, float | None], ...]:
    values = {axis.objective.text: (axis.best, axis.median) for axis in run.axes}
    return tuple(values.get(axis.text, (None, None)) for axis in axes)


def _group(
    runs: Sequence[RunReport], members: Sequence[int], axes: tuple[Objective, ...]
) -> Group:
    some = [runs[i] for i in members]
    first = some[0].summary
    values = [_values(run, axes) for run in some]
    label = f"{first.task or 'unknown task'}, {first.search or 'unknown search'}"
    if first.max_evals is not None:
        label += f", {first.max_evals:,} evaluations"
    return Group(
        label=label,
        members=tuple(members),
        best=tuple(_spread([one[i][0] for one in values]) for i in range(len(axes))),
        hypervolume=_spread([run.summary.hypervolume for run in some]),
        seconds=_spread([run.seconds for run in some]),
        band=_band([run.curve for run in some]),
    )


def _spread(values: Sequence[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values) or not known:
        return None
    return Spread(float(np.mean(known)), min(known), max(known))


def _band(curves: Sequence[Curve | None]) -> Band | None:
    known = [curve for curve in curves if curve is not None]
    if len(known) < len(curves) or len(known) < 2:
        return None
    shortest = min(curve.evaluations[-1] for curve in known)
    counts = np.unique(np.linspace(1, shortest, min(shortest, STEPS)).astype(np.int64))
    values = np.stack([curve.at(counts) for curve in known])
    return Band(
        tuple(counts.tolist()),
        tuple(values.min(axis=0).tolist()),
        tuple(values.max(axis=0).tolist()),
    )


def _notes(runs: Sequence[RunReport]) -> tuple[str, ...]:
    notes = []
    if len({run.summary.task for run in runs}) > 1:
        notes.append("The runs are of different tasks: their numbers do not compare.")
    if len({run.summary.regularized for run in runs}) > 1:
        notes.append(INCOMPARABLE)
    sought = {tuple(one.objective.text for one in run.axes) for run in runs}
    if len(sought) > 1:
        notes.append(
            "The runs look for different objectives: compare the hypervolume within "
            "the same ones only."
        )
    elif len({run.summary.hypervolume_reference for run in runs}) > 1:
        notes.append(
            "The references of the hypervolume differ: compare it within a reference "
            "only."
        )
    return tuple(notes)
