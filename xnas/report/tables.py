"""The tables beside the page, as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from xnas.report.comparison import Comparison, Equal
from xnas.report.data import RunReport
from xnas.report.effects import Commonness, Effect
from xnas.report.expected import Expected
from xnas.results.estimated import PROBABILITY
from xnas.results.texts import csv_text
from xnas.scores import RESCALED


def file_prefix(position: int, n_runs: int) -> str:
    """Return what file names of one run begin with.

    Args:
        position: of the run, from 0.
        n_runs: of the report; with one there is nothing to tell apart.
    """
    return "" if n_runs == 1 else f"run-{position + 1}-"


def run_tables(run: RunReport) -> Iterator[tuple[str, str]]:
    """Write a run's tables.

    Args:
        run: any; tables that would be empty are left out.

    Yields:
        Name without ending, and content.
    """
    if run.summary.done:
        yield "evaluations", _frame_text(run.evaluations, run)
    if run.succeeded:
        yield "front", _frame_text(run.best("pareto_efficient"), run)
        if run.counts_recorded:
            yield "trade_offs", _frame_text(run.front, run)
    if run.expected is not None:
        yield "estimates", csv_text(*_estimates(run, run.expected))
    if run.curve is not None:
        columns = run.curve.evaluations, run.curve.seconds, run.curve.values
        header = ["evaluations", "seconds", "hypervolume"]
        yield "hypervolume", csv_text(header, zip(*columns, strict=True))
    if run.effects:
        yield "effects", csv_text(_EFFECTS, _effects(run))
    if run.commonness:
        header = ["place", "operation", "on_front", "overall"]
        counts = ((*_chosen(run, one), one.front, one.others) for one in run.commonness)
        yield "front_operations", csv_text(header, counts)
    for id_, one in run.explanations.items():
        if one.missing:
            continue
        pairs = zip(one.classes, one.distances, strict=True)
        rows = ([name, *distances] for name, distances in pairs)
        yield f"distances-{id_}", csv_text(["class", *one.classes], rows)
        yield f"layers-{id_}", csv_text(_LAYERS, map(astuple, one.layers))


def _chosen(run: RunReport, one: Effect | Commonness) -> tuple[str, str]:
    """Name a node, and what it chooses there."""
    variable = run.variables[one.variable]
    return variable.name, variable.operations[one.choice]


def _estimates(
    run: RunReport, expected: Expected
) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    names = [name for axis in run.axes for name in (axis.name, f"{axis.name}_sd")]
    header = ["id", "arch_seq", *names, "replicates", PROBABILITY, "estimated_front"]
    values = np.stack([expected.means, expected.deviations], axis=2)
    numbers = values.reshape(len(values), -1).tolist()
    columns = [run.table[name] for name in ("id", "arch_seq", "replicates")]
    marks = expected.probability.tolist(), expected.front.tolist()
    rows = (
        [id_, str(list(genotype)), *row, replicates, probability, front]
        for id_, genotype, replicates, row, probability, front in zip(
            *columns, numbers, *marks, strict=True
        )
        if probability == probability
    )
    return header, rows


_EFFECTS = (
    *("objective", "place", "operation", "networks"),
    *("effect", "low_95", "high_95"),
)

_LAYERS = (
    "layer",
    "features",
    "share_of_score",
    "share_of_length",
    f"introspectability_if_{RESCALED:.0f}_times_as_large",
)


def _effects(run: RunReport) -> Iterator[Sequence[Any]]:
    for effects in run.effects:
        for one in effects.effects:
            values = one.rows, one.estimate, one.low, one.high
            yield effects.objective, *_chosen(run, one), *values


def comparison_table(comparison: Comparison) -> str:
    """Write the table that compares runs."""
    header = [*_compared(comparison), "evaluations", "failed", "seconds"]
    rows = []
    for run, values in zip(comparison.runs, comparison.values, strict=True):
        done, failed = run.summary.done, run.summary.failed
        known = run.summary.hypervolume, done, failed, run.seconds
        rows.append([run.label, *chain(*values), *known])
    return csv_text(header, rows)


def equal_table(comparison: Comparison, equal: Equal) -> str:
    """Write the table that compares runs at equal numbers of evaluations."""
    of_runs = zip(comparison.runs, equal.values, equal.hypervolumes, strict=True)
    rows = (
        [run.label, *chain(*values), volume, equal.evaluations]
        for run, values, volume in of_runs
    )
    return csv_text([*_compared(comparison), "evaluations"], rows)


def _compared(comparison: Comparison) -> list[str]:
    header = ["run"]
    for axis in comparison.axes:
        best = "max" if axis.maximize else "min"
        header += [f"{best}_{axis.name}", f"median_{axis.name}"]
    return [*header, "hypervolume"]


def _frame_text(frame: pd.DataFrame, run: RunReport) -> str:
    """Write evaluations as in results.csv: tuples as JSON lists."""
    if not run.counts_recorded:
        # It says the same as pareto_efficient.
        frame = frame.drop(columns="trade_off")
    lists = {
        name: [str(list(one)) for one in frame[name]]
        for name in ("parent_ids", "arch_seq")
    }
    return frame.assign(**lists).to_csv(index=False, lineterminator="\n")
