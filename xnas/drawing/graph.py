"""A whole network as boxes with operations, inputs at the top."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple
from xml.etree.ElementTree import Element

from xnas.drawing import svg
from xnas.drawing.description import Description, Node
from xnas.drawing.layers import Layout, lay_out
from xnas.drawing.network import Part
from xnas.drawing.styles import INKS, THIN, OperationStyle, Theme

MARGIN = 6
LAYER_GAP = 34
LINE_HEIGHT = 15
PADDING = 10
TINT = "0.1"
PORT = 14  # distance of two arrows that enter one box


class Box(NamedTuple):
    """Where a node is drawn.

    Args:
        x: its middle.
        top: its upper side.
        width: of the box.
        height: of the box.
    """

    x: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.top + self.height


def draw_graph(
    description: Description,
    parts: Mapping[str, Part],
    styles: Mapping[str, OperationStyle],
    sheet: svg.Sheet,
) -> Element:
    """Draw all nodes of a network.

    Args:
        description: of the space.
        parts: what each node does.
        styles: of the operations.
        sheet: to draw on.

    Returns:
        The drawing.
    """
    boxes, layout = lay_out_boxes(description)
    height = max(box.bottom for box in boxes.values())
    bounds = (-MARGIN, -MARGIN, layout.width + 2 * MARGIN, height + 2 * MARGIN)
    root = svg.make_canvas(bounds, sheet)
    for part in parts.values():
        _draw_lines(root, part, parts, boxes, layout, sheet.theme)
    for part in parts.values():
        _draw_box(root, part, description, boxes[part.name], styles, sheet.theme)
    return root


def lay_out_boxes(description: Description) -> tuple[dict[str, Box], Layout]:
    """Place the nodes of a space, the same for all its networks.

    Args:
        description: of the space.

    Returns:
        A box for each node, and the layout they come from.
    """
    widths = {node.name: _width(node, description) for node in description.nodes}
    edges = [
        (source, node.name)
        for node in description.nodes
        for source in node.possible_sources
    ]
    layout = lay_out(widths, edges, gap=16, line_gap=18)
    heights = [0.0] * layout.n_layers
    for node in description.nodes:
        level = layout.layer[node.name]
        heights[level] = max(heights[level], _height(node))
    tops = [0.0]
    for height in heights:
        tops.append(tops[-1] + height + LAYER_GAP)
    boxes = {
        name: Box(layout.x[name], tops[level], widths[name], heights[level])
        for name, level in layout.layer.items()
    }
    return boxes, layout


# -- boxes -----------------------------------------------------------------------------


def _labels(node: Node, description: Description) -> list[str]:
    """What a node may apply, in words."""
    if node.name in description.inputs:
        position = description.inputs.index(node.name)
        if position < len(description.input_shapes):
            shape = description.input_shapes[position]
            return ["×".join(map(str, shape))]
    return [svg.shortened(name) for name in node.operations]


def _followed(node: Node) -> str:
    if node.follows is None:
        return ""
    what = "weights of" if node.node_type == "mirror" else "choice of"
    return f"{what} {svg.shortened(node.follows)}"


def _width(node: Node, description: Description) -> float:
    labels = _labels(node, description)
    widths = [svg.text_width(label, svg.TEXT_SIZE, bold=True) for label in labels]
    below = (svg.shortened(node.name), _followed(node))
    widths += [svg.text_width(text, svg.SMALL_SIZE) for text in below]
    return round(max(widths) + 2 * PADDING)


def _height(node: Node) -> float:
    return (3 if node.follows else 2) * LINE_HEIGHT + PADDING


def _draw_box(
    root: Element,
    part: Part,
    description: Description,
    box: Box,
    styles: Mapping[str, OperationStyle],
    theme: Theme,
) -> None:
    node = part.node
    plain = OperationStyle(0, THIN, faint=not part.passes and not part.active)
    style = plain if node.node_type == "constant" else styles[part.operation]
    faint = style.faint or not part.active
    followed = f", {_followed(node)}" if node.follows else ""
    title = f"{part.name}: {part.operation}{followed}"
    group = svg.add_part(root, "xnas-cell-node", part, style, title)
    svg.add(
        group,
        "rect",
        x=svg.number(box.x - box.width / 2),
        y=svg.number(box.top),
        width=svg.number(box.width),
        height=svg.number(box.height),
        rx="2" if node.node_type == "constant" else "12",
        fill=style.colour(theme) if style.number else "",
        fill_opacity=TINT if style.number and not faint else "0",
        **svg.line_attributes(replace(style, width=min(style.width, 2.6)), theme),
        stroke_opacity=svg.FAINT_LINE if faint else "",
    )
    labels = _labels(node, description)
    lines = [labels[min(part.choice, len(labels) - 1)], svg.shortened(node.name)]
    if node.follows:
        lines.append(_followed(node))
    y = box.top + (box.height - len(lines) * LINE_HEIGHT) / 2 + 11.5
    for i, line in enumerate(lines):
        svg.add_text(
            group,
            line,
            box.x,
            y + i * LINE_HEIGHT,
            theme,
            size=svg.SMALL_SIZE if i else svg.TEXT_SIZE,
            bold=not i,
            faint=faint or i > 0,
        )


# -- lines -----------------------------------------------------------------------------


def _draw_lines(
    root: Element,
    part: Part,
    parts: Mapping[str, Part],
    boxes: Mapping[str, Box],
    layout: Layout,
    theme: Theme,
) -> None:
    target = boxes[part.name]
    came_from = {
        name: (layout.bends[name, part.name] or [boxes[name].x])[-1]
        for name in part.sources
    }
    sources = sorted(part.sources, key=lambda name: came_from[name])
    spread = min(PORT, target.width / (len(sources) + 1)) if sources else 0.0
    for i, name in enumerate(sources):
        x = target.x + (i - (len(sources) - 1) / 2) * spread
        faint = not (part.active and parts[name].active)
        ink = INKS[theme]
        arrow = svg.add(root, "g", opacity=svg.FAINT_LINE if faint else "")
        svg.add(
            arrow,
            "path",
            d=_line(name, part.name, x, boxes, layout),
            class_="xnas-cell-line",
            stroke=ink,
            stroke_width=svg.number(THIN),
            stroke_dasharray="" if part.passes or part.active else "3 4",
        )
        svg.add_head(arrow, x, target.top - 2, (0.0, 1.0), ink)


def _line(
    source: str, target: str, x: float, boxes: Mapping[str, Box], layout: Layout
) -> str:
    """Lead a line from box to box, straight down beside those it passes."""
    here = (boxes[source].x, boxes[source].bottom)
    path = f"M{svg.points(*here)}"
    # Boxes of one layer have the same height, so any of it tells where it is.
    rows = {layout.layer[name]: box for name, box in boxes.items()}
    level = layout.layer[source]
    for bend in layout.bends[source, target]:
        level += 1
        path += _curve(here, (bend, rows[level].top))
        here = (bend, rows[level].bottom)
        path += f"L{svg.points(*here)}"
    return path + _curve(here, (x, boxes[target].top - 9))


def _curve(a: tuple[float, float], b: tuple[float, float]) -> str:
    if abs(a[0] - b[0]) < 0.05:
        return f"L{svg.points(*b)}"
    middle = (a[1] + b[1]) / 2
    return f"C{svg.points(a[0], middle, b[0], middle, *b)}"
