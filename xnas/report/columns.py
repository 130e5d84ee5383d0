"""What the page's scripts read: one run as columns, in few bytes."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from xnas.names import program
from xnas.report.clock import Clock
from xnas.report.curves import Curve
from xnas.report.data import RunReport
from xnas.report.drawings import draw_networks, genotype_key
from xnas.report.expected import expected_content
from xnas.report.explanation import Explanation
from xnas.report.stored import by_importance

MOST_IN_TABLE = 40
"""Classes whose distances are a table of HTML; more are a figure."""


def run_content(run: RunReport) -> dict[str, Any]:
    """Put a run into JSON's terms.

    Args:
        run: any.

    Returns:
        Without NaN and infinities: those are ``None``, and those of an objective are
        ``"-inf"`` and ``"inf"``.
    """
    important = by_importance(run.table, [pick.id for pick in run.picks])
    return {
        "label": run.label,
        "program": program(),
        "argument": run.argument,
        "axes": [
            {
                "name": one.name,
                "label": one.label,
                "maximize": one.objective.maximize,
                "objective": one.is_objective,
            }
            for one in run.axes
        ],
        "columns": _columns(run),
        "expected": expected_content(run.expected),
        "variables": [asdict(one) for one in run.variables],
        "drawings": draw_networks(run.space, important["arch_seq"]),
        "classes": list(run.stored.classes),
        "distances": run.stored.distances,
        "explained": run.explained,
        "curve": None if run.curve is None else curve_content(run.curve),
        "effects": [
            {
                "objective": axis.label,
                "effects": [asdict(effect) for effect in one.effects],
            }
            for axis, one in zip(run.axes, run.effects, strict=bool(run.effects))
        ],
        "matrices": [
            _matrix(one)
            for one in run.explanations.values()
            if len(one.classes) > MOST_IN_TABLE
        ],
        "start": first_chosen(run),
    }


def curve_content(curve: Curve) -> dict[str, Any]:
    """Put a curve into JSON's terms."""
    return {
        "evaluations": list(curve.evaluations),
        "seconds": [_rounded(value, 2) for value in curve.seconds],
        "values": list(curve.values),
    }


def _columns(run: RunReport) -> dict[str, Any]:
    table = run.table
    starts, ends = table["timestamp_start"], table["timestamp_end"]
    elapsed = Clock(starts.to_numpy(), ends.to_numpy()).at(ends.to_numpy())
    reasons, reason = _coded(table["reason"])
    hosts, host = _coded(table["host"])
    return {
        "id": table["id"].tolist(),
        "generation": _whole(table["generation"]),
        "parents": [list(parents) for parents in table["parent_ids"]],
        "genotype": [genotype_key(genotype) for genotype in table["arch_seq"]],
        "values": [_objective(table[axis.name]) for axis in run.axes],
        "parameters": _whole(table["n_parameters"].round().astype("Int64")),
        "training": [_rounded(value, 3) for value in table["training_time"]],
        "scoring": [_rounded(value, 3) for value in table["xai_time"]],
        "elapsed": [_rounded(value, 1) for value in elapsed],
        "reason": reason,
        "reasons": reasons,
        "host": host,
        "hosts": hosts,
        "front": np.flatnonzero(table["trade_off"]).tolist(),
        "extras": [
            {"name": name, "values": _objective(table[name])} for name in run.extras
        ],
        "replicates": table["replicates"].tolist(),
    }


def _whole(column: pd.Series) -> list[int | None]:
    return [None if value is pd.NA else int(value) for value in column]


def _objective(column: pd.Series) -> list[float | str | None]:
    return [
        None if np.isnan(value) else value if np.isfinite(value) else str(value)
        for value in column.tolist()
    ]


def _rounded(value: float, digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def _coded(column: pd.Series) -> tuple[list[str], list[int | None]]:
    codes, values = pd.factorize(column)
    return [str(one) for one in values], [None if i < 0 else int(i) for i in codes]


def _matrix(explanation: Explanation) -> dict[str, Any]:
    return {
        "id": explanation.id,
        "classes": list(explanation.classes),
        "distances": [
            [
                None if i == j or np.isnan(value) else round(value, 6)
                for j, value in enumerate(row)
            ]
            for i, row in enumerate(explanation.distances)
        ],
    }


def first_chosen(run: RunReport) -> int | None:
    """Return the network that is chosen when the page opens: the knee, if there is one.

    Args:
        run: any.
    """
    if run.picks:
        return run.picks[-1].id
    return int(run.table["id"].iloc[0]) if len(run.table) else None
