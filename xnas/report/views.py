"""Tables and sentences of the page: what matters, and introspectability."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from xnas.report.columns import MOST_IN_TABLE
from xnas.report.data import RunReport
from xnas.report.explanation import Explanation

NEARLY_ALL = 0.8
"""The part of the front that must agree for it to be said."""

LONGEST_LEVEL = 7
"""Characters of a class's name above its column; longer ones stand upright."""

RULING = 0.5
"""Share of a score above which a layer is remarked on."""

MOVING = 0.1
"""Change of a score above which a layer's scale is warned of."""


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


def shades_of(explanations: Iterable[Explanation]) -> tuple[float, float]:
    """Return the least and the greatest distance, to see what differs between them.

    Args:
        explanations: of a run.
    """
    known = [
        value
        for one in explanations
        for i, row in enumerate(one.distances)
        for value in row[:i]
        if value == value
    ]
    return min(known, default=0.0), max(known, default=1.0)


def explained_part(
    one: Explanation, run: RunReport, shades: tuple[float, float]
) -> dict[str, Any]:
    """Return what the template needs of one network's introspectability.

    Args:
        one: of the network.
        run: of which it is a pick.
        shades: distances of the faintest and of the strongest colour.
    """
    names = [pick.spoken for pick in run.picks if pick.id == one.id]
    by_score = bool(one.layers) and one.layers[0].score_share is not None
    shares = [
        layer.score_share if layer.score_share is not None else layer.length_share
        for layer in one.layers
    ]
    largest = max(shares, default=0.0)
    ruling = one.layers[shares.index(largest)] if largest > RULING else None
    moving = one.most_moving
    as_they_are = (
        "id recorded recomputed missing classes never_predicted alike apart layer_mean"
    )
    return {
        **{key: getattr(one, key) for key in as_they_are.split()},
        "title": f"Network {one.id}: {', '.join(names)}",
        "as_table": len(one.classes) <= MOST_IN_TABLE,
        "by_score": by_score,
        "is_rescaled": any(layer.rescaled is not None for layer in one.layers),
        "ruling": ruling if by_score and len(shares) > 1 else None,
        "moving": moving if moving and one.moved(moving) > MOVING else None,
        "has_long_names": max(map(len, one.classes), default=0) > LONGEST_LEVEL,
        "rows": list(_distance_rows(one, shades)),
        "layers": [
            {
                "name": layer.name,
                "features": layer.features,
                "share": share,
                "length_share": layer.length_share,
                "rescaled": layer.rescaled,
                "part": max(share, 0.0) / (largest or 1.0),
            }
            for layer, share in zip(one.layers, shares, strict=True)
        ],
    }


def _distance_rows(
    one: Explanation, shades: tuple[float, float]
) -> Iterator[dict[str, Any]]:
    """Return a row a class, whose cells are shaded by how far others are from it."""
    low, high = shades

    def shaded(distance: float) -> dict[str, float | None]:
        if distance != distance:
            return {"value": None, "part": 0.0}
        return {"value": distance, "part": (distance - low) / (high - low or 1.0)}

    for i, (name, row) in enumerate(zip(one.classes, one.distances, strict=True)):
        cells = [None if i == j else shaded(d) for j, d in enumerate(row)]
        yield {"name": name, "cells": cells}
