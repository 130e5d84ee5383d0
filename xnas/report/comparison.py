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
class Row:
    """One run in the table.

    Args:
        label: of the run.
        values: best and median value, one pair an axis of the comparison.
        hypervolume: of the front, ``None`` without a reference.
        done: evaluations, failures included.
        failed: failures among them.
        seconds: that the search took, pauses left out.
    """

    label: str
    values: tuple[tuple[float | None, float | None], ...]
    hypervolume: float | None
    done: int
    failed: int
    seconds: float | None


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
        rows: one a run.
        groups: of two runs or more.
        notes: what to know when comparing.
        lines: hypervolumes of the runs that have one.
    """

    axes: tuple[Objective, ...]
    rows: tuple[Row, ...]
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
        rows=tuple(_row(run, axes) for run in runs),
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


def _row(run: RunReport, axes: tuple[Objective, ...]) -> Row:
    values = {axis.objective.text: (axis.best, axis.median) for axis in run.axes}
    return Row(
        label=run.label,
        values=tuple(values.get(axis.text, (None, None)) for axis in axes),
        hypervolume=run.summary.hypervolume,
        done=run.summary.done,
        failed=run.summary.failed,
        seconds=run.seconds,
    )


def _group(
    runs: Sequence[RunReport], members: Sequence[int], axes: tuple[Objective, ...]
) -> Group:
    some = [runs[i] for i in members]
    first = some[0].summary
    rows = [_row(run, axes) for run in some]
    label = f"{first.task or 'unknown task'}, {first.search or 'unknown search'}"
    if first.max_evals is not None:
        label += f", {first.max_evals:,} evaluations"
    return Group(
        label=label,
        members=tuple(members),
        best=tuple(
            _spread([row.values[i][0] for row in rows]) for i in range(len(axes))
        ),
        hypervolume=_spread([row.hypervolume for row in rows]),
        seconds=_spread([row.seconds for row in rows]),
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
