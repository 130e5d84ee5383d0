"""Tables and sentences of the page on what matters."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from xnas.report.data import RunReport

NEARLY_ALL = 0.8
"""The part of the front that must agree for it to be said."""


def effect_rows(run: RunReport) -> list[dict[str, Any]]:
    """Return one row a place and operation, with the effects on all objectives."""
    if not run.effects:
        return []
    return [
        {
            "place": run.variables[effects[0].variable].label,
            "operation": run.variables[effects[0].variable].operations[
                effects[0].choice
            ],
            "effects": effects,
        }
        for effects in zip(*(one.effects for one in run.effects), strict=True)
    ]


def front_tables(run: RunReport) -> list[dict[str, Any]]:
    """Return tables of places by operations, one for places that choose alike."""
    tables: list[dict[str, Any]] = []
    for operations, places in _places(run):
        rows = [
            {
                "place": run.variables[i].label,
                "cells": [
                    {
                        "front": one.front,
                        "others": one.others,
                        "front_share": one.front / max(len(run.front), 1),
                        "other_share": one.others / max(run.succeeded, 1),
                    }
                    for one in run.commonness
                    if one.variable == i
                ],
            }
            for i in places
        ]
        tables.append({"operations": operations, "rows": rows})
    return tables


def _places(run: RunReport) -> list[tuple[tuple[str, ...], Sequence[int]]]:
    if not run.commonness:
        return []
    numbered = range(len(run.variables))
    return [
        (operations, list(places))
        for operations, places in groupby(
            numbered, key=lambda i: run.variables[i].operations
        )
    ]


def front_words(run: RunReport) -> str:
    """Say what nearly all networks of the front share."""
    size = len(run.front)
    if size < 2:
        return "The front is a single network."
    shared = [
        (one, one.front / size)
        for one in run.commonness
        if one.front >= NEARLY_ALL * size
    ]
    if not shared:
        return "No operation is at the same place in four fifths of the front."
    words = [
        f"{run.variables[one.variable].operations[one.choice]} at "
        f"{run.variables[one.variable].label} (all)"
        if part == 1
        else f"{run.variables[one.variable].operations[one.choice]} at "
        f"{run.variables[one.variable].label} ({one.front} of {size})"
        for one, part in shared
    ]
    return f"Shared by at least four fifths of the front: {', '.join(words)}."
