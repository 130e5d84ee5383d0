"""What is exported of a run, in the terms that all exporters share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from xnas.records import Evaluation
from xnas.report.choices import read_variables
from xnas.report.curves import hypervolume_curve
from xnas.report.settings import settings_of, versions_of
from xnas.results import Run
from xnas.results.latest import started_at
from xnas.results.regularized import meaning_of_mark
from xnas.results.summary import Summary


@dataclass(frozen=True)
class Row:
    """One evaluation.

    Args:
        id: its number.
        operations: what each variable node chose, by the node's name.
        metrics: objectives and what else was measured, as measured; infinities among
            them, no NaN.
        facts: all else that is known of it, as JSON can express it.
        failure: ``F_<reason>`` if it failed.
        front: whether no other network dominates its own.
        started: Unix time in seconds, ``None`` where nothing tells.
        ended: likewise.
    """

    id: int
    operations: Mapping[str, str]
    metrics: Mapping[str, float]
    facts: Mapping[str, Any]
    failure: str | None
    front: bool
    started: float | None
    ended: float | None


@dataclass(frozen=True)
class Series:
    """A figure of the whole search while it went on.

    Args:
        name: ``hypervolume``, or ``best/`` and an objective.
        steps: after how many evaluations it changed.
        values: to what.
        times: when, Unix times in seconds; 0 where nothing tells.
    """

    name: str
    steps: tuple[int, ...]
    values: tuple[float, ...]
    times: tuple[float, ...]


@dataclass(frozen=True)
class Content:
    """A run as it is exported.

    Args:
        run: the run.
        summary: what it has come to.
        name: of its task and its folder.
        key: tells it from all others, however often it is exported.
        settings: what was searched for, how, and with which software.
        marks: what changes how scores are to be read, by name.
        rows: all evaluations, in order of id.
    """

    run: Run
    summary: Summary
    name: str
    key: str
    settings: Mapping[str, str]
    marks: Mapping[str, str]
    rows: tuple[Row, ...]

    def series(self) -> tuple[Series, ...]:
        """Follow the hypervolume and the best value of each objective."""
        return tuple(_series(self.run))


def content_of(run: Run) -> Content:
    """Read what is exported of a run.

    Args:
        run: any, also one that is under way.
    """
    summary = run.summary()
    infos, mark = run.infos, summary.regularized
    versions = {f"environment {k}": v for k, v in versions_of(infos).items()}
    began = started_at(run.folder)
    front = set(run.means.loc[run.means["pareto_efficient"], "id"])
    efficient = {one.id for n in run.networks if n.id in front for one in n.evaluations}
    return Content(
        run=run,
        summary=summary,
        name=f"{summary.task or 'run'} {run.folder.root.name}",
        key=f"{summary.task} {run.folder.root.name} {began.isoformat()}",
        settings={**settings_of(infos), **versions},
        marks={"regularized": meaning_of_mark(mark)} if mark else {},
        rows=tuple(_rows(run, efficient)),
    )


def _rows(run: Run, efficient: set[int]) -> Iterator[Row]:
    variables = read_variables(run.infos.get("space") or {})
    for one in run.records:
        operations = {}
        if len(variables) == len(one.genotype):
            operations = {
                node.name: node.operations[choice]
                for node, choice in zip(variables, one.genotype, strict=True)
            }
        is_best, times = one.id in efficient, (one.times.started, one.times.ended)
        yield Row(one.id, operations, *_known(run, one), one.failure, is_best, *times)


def _known(run: Run, one: Evaluation) -> tuple[dict[str, float], dict[str, Any]]:
    """Tell what was measured of an evaluation, and all else."""
    values = one.objectives or ()
    metrics = {
        axis.name: axis.shown(value)
        for axis, value in zip(run.objectives, values, strict=False)
    }
    facts: dict[str, Any] = {
        "arch_seq": list(one.genotype),
        "generation": one.generation,
        "parent_ids": list(one.parent_ids),
        "replicate": one.replicate,
        "host": one.host,
        "worker": one.worker,
    }
    for name, value in one.metadata.items():
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if is_number and value == value:
            metrics.setdefault(name, float(value))
        elif not is_number and value is not None:
            facts.setdefault(name, value)
    return metrics, facts


def _series(run: Run) -> Iterator[Series]:
    known = [
        (one.times.ended or float("inf"), one.id, one.objectives) for one in run.records
    ]
    in_order = sorted(known, key=lambda one: one[:2])
    times = [ended if isfinite(ended) else 0.0 for ended, _, _ in in_order]
    curve = hypervolume_curve(run)
    if curve is not None:
        at = tuple(times[step - 1] for step in curve.evaluations)
        yield Series("hypervolume", curve.evaluations, curve.values, at)
    missing = (-np.inf,) * len(run.objectives)
    stored = np.array([values or missing for _, _, values in in_order])
    for axis, best in zip(
        run.objectives, np.maximum.accumulate(stored, axis=0).T, strict=False
    ):
        changed = np.flatnonzero(np.diff(best, prepend=-np.inf) > 0).tolist()
        yield Series(
            f"best/{axis.name}",
            tuple(i + 1 for i in changed),
            tuple(axis.shown(float(best[i])) for i in changed),
            tuple(times[i] for i in changed),
        )
