"""Drawings of networks for a page that shows any of thousands.

A cell looks the same in all networks but for the operations on its edges: the page gets
one drawing an operation and puts the edges together. Whole graphs are drawn here, as
many as fit.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xnas.drawing import cell_svg
from xnas.drawing.cell import find_cell
from xnas.drawing.description import Description, read_description
from xnas.errors import UsageError

MOST_CHARACTERS = 1_500_000
"""Of all drawings of whole graphs together."""

Drawings = dict[str, Any]
"""JSON-able; what ``cell.js`` reads."""


def draw_networks(
    space: Mapping[str, Any], genotypes: Iterable[Sequence[int]]
) -> Drawings:
    """Make what the page needs to draw networks.

    Args:
        space: of ``init_infos.json``.
        genotypes: of all networks, the most important first.

    Returns:
        ``uniform`` and ``ends`` for a cell: one drawing for each operation on all
        edges, and the nodes that each edge joins; ``graphs`` for another space:
        drawings by genotype. Empty if no space is described.
    """
    try:
        description = read_description(space)
    except UsageError:
        return {}
    cell = find_cell(description)
    if cell is None:
        return {"graphs": _graphs(space, genotypes)}
    ends = {name: list(pair) for pair, name in cell.edges.items()}
    return {
        "uniform": [cell_svg(space, one) for one in _uniform(description)],
        "ends": [ends[name] for name in description.variables],
    }


def draw_one(space: Mapping[str, Any], genotype: Sequence[int]) -> str:
    """Draw one network, as SVG for an HTML page.

    Args:
        space: of ``init_infos.json``.
        genotype: one choice a variable.

    Returns:
        Nothing if it cannot be drawn.
    """
    try:
        return cell_svg(space, genotype)
    except UsageError:
        return ""


def _uniform(description: Description) -> list[list[int]]:
    """Return networks that together have each operation on each edge."""
    sizes = [
        len(description.by_name[name].operations) for name in description.variables
    ]
    return [[min(choice, n - 1) for n in sizes] for choice in range(max(sizes))]


def _graphs(
    space: Mapping[str, Any], genotypes: Iterable[Sequence[int]]
) -> dict[str, str]:
    drawings: dict[str, str] = {}
    characters = 0
    for genotype in genotypes:
        key = genotype_key(genotype)
        if key in drawings:
            continue
        drawing = draw_one(space, genotype)
        characters += len(drawing)
        if not drawing or characters > MOST_CHARACTERS:
            break
        drawings[key] = drawing
    return drawings


def genotype_key(genotype: Sequence[int]) -> str:
    """Write a genotype in few characters."""
    return ".".join(map(str, genotype))
