"""A network as a drawing: its cell where the space has one, else its whole graph."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from xnas.drawing import svg
from xnas.drawing.arcs import RADIUS, Arc, lay_out_arcs
from xnas.drawing.description import Description, read_description
from xnas.drawing.graph import draw_graph
from xnas.drawing.network import Part, choose
from xnas.drawing.styles import INKS, OperationStyle, Theme, described_styles

MARGIN = 6


def cell_svg(
    space: Mapping[str, Any],
    arch_seq: Sequence[int],
    *,
    title: str | None = None,
    theme: Theme = "page",
    transparent: bool = False,
) -> str:
    """Draw a network.

    In a space made of cells, such as NAS-Bench-201, this is the cell: nodes in a row,
    and edges that carry operations. Elsewhere it is the whole graph, operations in its
    nodes. What no input reaches, or does not reach the output, stands back.

    Args:
        space: the entry ``space`` of ``init_infos.json``, or
            :meth:`xnas.space.KSearchSpace.describe`.
        arch_seq: one choice a variable node.
        title: to write above the drawing.
        theme: ``page`` to stand in an HTML page, whose text colour it takes over;
            ``light`` or ``dark`` for a file.
        transparent: leaves out the background that files have.

    Returns:
        An ``<svg>`` element with the class ``xnas-cell``, the same for the same
        arguments; it has no ids and no style sheet, so any number fits in a page.

    Raises:
        UsageError: the choices do not fit the space, or none is described.
    """
    description = read_description(space)
    parts = choose(description, arch_seq)
    styles = described_styles(description)
    name = f"Network {json.dumps([int(choice) for choice in arch_seq])}"
    sheet = svg.Sheet(title, name, theme, transparent)
    cell = find_cell(description)
    if cell is None:
        root = draw_graph(description, parts, styles, sheet)
    else:
        root = _draw_cell(cell, parts, styles, sheet)
    return svg.written(root)


# -- what a cell is --------------------------------------------------------------------


class Cell(NamedTuple):
    """A complete directed graph of points whose edges choose operations.

    Args:
        points: names of the nodes, first to last.
        edges: names of the variable nodes by the positions of their ends.
    """

    points: tuple[str, ...]
    edges: dict[tuple[int, int], str]


def find_cell(description: Description) -> Cell | None:
    """Tell whether the choices of a space are the edges of a cell.

    Args:
        description: of the space.

    Returns:
        The cell; ``None`` if nodes choose, not edges.
    """
    variables = set(description.variables)
    ends: dict[str, tuple[str, str]] = {}
    for name in description.variables:
        node = description.by_name[name]
        targets = [p.name for p in description.nodes if name in p.possible_sources]
        if len(node.possible_sources) != 1 or len(targets) != 1:
            return None
        ends[name] = (node.possible_sources[0], targets[0])
    used = {point for pair in ends.values() for point in pair}
    if used & variables:
        return None
    names = [node.name for node in description.nodes if node.name in used]
    position = {name: i for i, name in enumerate(names)}
    edges = {(position[a], position[b]): name for name, (a, b) in ends.items()}
    complete = {(a, b) for b in range(len(names)) for a in range(b)}
    # Two nodes and one choice are a chain, unless the space itself says it is a cell.
    chain = len(names) == 2 and names[1] != "cell_0.node_1"
    if len(names) < 2 or chain or set(edges) != complete or len(edges) != len(ends):
        return None
    return Cell(tuple(names), edges)


# -- drawing ---------------------------------------------------------------------------


def _draw_cell(
    cell: Cell,
    parts: Mapping[str, Part],
    styles: Mapping[str, OperationStyle],
    sheet: svg.Sheet,
) -> Element:
    labels = map(svg.shortened, styles)
    widest = max(svg.text_width(label, svg.TEXT_SIZE) for label in labels)
    spacing, arcs = lay_out_arcs(len(cell.points), widest)
    bounds = _bounds((len(cell.points) - 1) * spacing, arcs.values())
    root = svg.make_canvas(bounds, sheet)
    for ends, edge in cell.edges.items():
        part = parts[edge]
        _draw_edge(root, part, styles[part.operation], ends, arcs[ends], sheet.theme)
    for i, point in enumerate(cell.points):
        _draw_point(root, i, i * spacing, parts[point].active, sheet.theme)
    return root


def _bounds(length: float, arcs: Iterable[Arc]) -> tuple[float, float, float, float]:
    edge = RADIUS + MARGIN
    base_lines = [arc.label[1] for arc in arcs]
    top = min(-edge, min(base_lines) - svg.TEXT_SIZE - MARGIN)
    bottom = max(edge, max(base_lines) + MARGIN)
    return (-edge, top, length + 2 * edge, bottom - top)


def _draw_edge(
    root: Element,
    part: Part,
    style: OperationStyle,
    ends: tuple[int, int],
    arc: Arc,
    theme: Theme,
) -> None:
    faint = style.faint or not part.active
    title = f"{part.name}, from {ends[0]} to {ends[1]}: {part.operation}"
    group = svg.add_part(root, "xnas-cell-edge", part, style, title)
    end = arc.tip if style.faint else arc.end
    curve = svg.points(*arc.controls[0], *arc.controls[1], *end)
    path = f"M{svg.points(*arc.start)}C{curve}"
    # The group stands back as one, so that the head does not shine through the line.
    arrow = svg.add(group, "g", opacity=svg.FAINT_LINE if faint else "")
    svg.add(arrow, "path", d=path, **svg.line_attributes(style, theme))
    if not style.faint:
        svg.add_head(arrow, *arc.tip, arc.towards, style.colour(theme))
    svg.add_text(group, svg.shortened(part.operation), *arc.label, theme, faint=faint)


def _draw_point(root: Element, i: int, x: float, active: bool, theme: Theme) -> None:
    ink = INKS[theme]
    group = svg.add(root, "g", class_="xnas-cell-node")
    svg.add(
        group,
        "circle",
        cx=svg.number(x),
        cy="0",
        r=svg.number(RADIUS),
        stroke=ink,
        stroke_width="1.4",
        stroke_dasharray="" if active else "3 4",
        stroke_opacity="" if active else svg.FAINT_LINE,
    )
    svg.add_text(group, str(i), x, 4.6, theme, bold=True, faint=not active)
