"""Several runs beside each other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xnas.objectives import Objective, recorded_objectives
from xnas.report.curves import STEPS, Curve
from xnas.report.data import RunReport


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
class Comparison:
    """Several runs.

    Args:
        axes: what they are compared by.
        runs: those that are compared.
        values: best and median value, one pair an axis, of each run.
        groups: of two runs or more.
        notes: what to know when comparing.
        lines: hypervolumes of the runs that have one.
    """

    axes: tuple[Objective, ...]
    runs: tuple[RunReport, ...]
    values: tuple[tuple[tuple[float | None, float | None], ...], ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    lines: tuple[Line, ...]


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
    groups = [
        _group(runs, [i for i, other in enumerate(keys) if other == key], axes)
        for key in dict.fromkeys(keys)
        if keys.count(key) > 1
    ]
    return Comparison(
        axes=axes,
        runs=tuple(runs),
        values=tuple(_values(run, axes) for run in runs),
        groups=tuple(groups),
        notes=_notes(runs),
        lines=_lines(runs, keys, groups),
    )


def shared_settings(infos: Mapping[str, Any]) -> str:
    """Return what decides a run's outcome but for chance, as text to compare.

    Args:
        infos: ``init_infos.json``.
    """
    own = ("seed", "log_dir")
    settings = {
        part: {
            name: value
            for name, value in (infos.get(part) or {}).items()
            if name not in own
        }
        for part in ("search", "problem", "run_settings")
    }
    settings["space"] = infos.get("space") or {}
    sought = [one.text for one in recorded_objectives(infos)]
    return json.dumps(
        [settings, sought, infos.get("run"), infos.get("similarity")],
        sort_keys=True,
    )


def _lines(
    runs: Sequence[RunReport], keys: Sequence[str], groups: Sequence[Group]
) -> tuple[Line, ...]:
    bands = {group.members[0]: group.band for group in groups}
    colours = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return tuple(
        Line(run.label, run.curve, colours[keys[i]], i, bands.get(i))
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
