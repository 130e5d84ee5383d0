"""The tables beside the page, as CSV."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xnas.report.comparison import Comparison, Equal
from xnas.report.data import RunReport
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
        yield (
            "hypervolume",
            csv_text(
                ["evaluations", "seconds", "hypervolume"],
                zip(
                    run.curve.evaluations,
                    run.curve.seconds,
                    run.curve.values,
                    strict=True,
                ),
            ),
        )
    if run.effects:
        yield "effects", csv_text(_EFFECTS, _effects(run))
    if run.commonness:
        yield (
            "front_operations",
            csv_text(
                ["place", "operation", "on_front", "overall"],
                (
                    [
                        run.variables[one.variable].name,
                        run.variables[one.variable].operations[one.choice],
                        one.front,
                        one.others,
                    ]
                    for one in run.commonness
                ),
            ),
        )
    for id_, one in run.explanations.items():
        if one.missing:
            continue
        rows = zip(one.classes, one.distances, strict=True)
        yield (
            f"distances-{id_}",
            csv_text(["class", *one.classes], ([name, *row] for name, row in rows)),
        )
        yield (
            f"layers-{id_}",
            csv_text(
                _LAYERS,
                (
                    [
                        layer.name,
                        layer.features,
                        layer.score_share,
                        layer.length_share,
                        layer.rescaled,
                    ]
                    for layer in one.layers
                ),
            ),
        )


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
    "objective",
    "place",
    "operation",
    "networks",
    "effect",
    "low_95",
    "high_95",
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
            variable = run.variables[one.variable]
            yield (
                effects.objective,
                variable.name,
                variable.operations[one.choice],
                one.rows,
                one.estimate,
                one.low,
                one.high,
            )


def comparison_table(comparison: Comparison) -> str:
    """Write the table that compares runs."""
    return csv_text(
        [*_compared(comparison), "evaluations", "failed", "seconds"],
        (
            [
                run.label,
                *(value for pair in values for value in pair),
                run.summary.hypervolume,
                run.summary.done,
                run.summary.failed,
                run.seconds,
            ]
            for run, values in zip(comparison.runs, comparison.values, strict=True)
        ),
    )


def equal_table(comparison: Comparison, equal: Equal) -> str:
    """Write the table that compares runs at equal numbers of evaluations."""
    rows = zip(comparison.runs, equal.values, equal.hypervolumes, strict=True)
    return csv_text(
        [*_compared(comparison), "evaluations"],
        (
            [
                run.label,
                *(value for pair in values for value in pair),
                volume,
                equal.evaluations,
            ]
            for run, values, volume in rows
        ),
    )


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
