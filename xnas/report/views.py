"""Tables and sentences of the page on what matters."""

from itertools import groupby
from typing import Any

from xnas.report.data import RunReport

NEARLY_ALL = 0.8
"""The part of the front that must agree for it to be said."""


def effect_rows(run: RunReport) -> list[dict[str, Any]]:
    """Return one row a node and operation, with the effects on all objectives."""
    return [
        {
            "node": run.variables[first.variable].label,
            "operation": run.variables[first.variable].operations[first.choice],
            "effects": (first, *others),
        }
        for first, *others in zip(*(one.effects for one in run.effects), strict=True)
    ]


def front_tables(run: RunReport) -> list[dict[str, Any]]:
    """Return tables of nodes by operations, one for nodes that choose alike."""
    if not run.commonness:
        return []
    cells: dict[int, list[dict[str, Any]]] = {}
    for one in run.commonness:
        shares = {
            "front": one.front,
            "others": one.others,
            "front_share": one.front / max(len(run.front), 1),
            "other_share": one.others / max(run.succeeded, 1),
        }
        cells.setdefault(one.variable, []).append(shares)
    alike = groupby(cells, key=lambda i: run.variables[i].operations)
    return [
        {
            "operations": operations,
            "rows": [
                {"node": run.variables[i].label, "cells": cells[i]} for i in nodes
            ],
        }
        for operations, nodes in alike
    ]


def front_words(run: RunReport) -> str:
    """Say what nearly all networks of the front share."""
    size = len(run.front)
    if size < 2:
        return "The front is a single network."
    shared = [
        f"{run.variables[one.variable].operations[one.choice]} at "
        f"{run.variables[one.variable].label} "
        + ("(all)" if one.front == size else f"({one.front} of {size})")
        for one in run.commonness
        if one.front >= NEARLY_ALL * size
    ]
    if not shared:
        return "No operation is at the same node in four fifths of the front."
    return f"Shared by at least four fifths of the front: {', '.join(shared)}."
