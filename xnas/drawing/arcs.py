"""Where the edges of a cell run, and where their labels stand."""

from collections.abc import Iterable, Mapping
from functools import cache
from math import cos, radians, sin
from typing import NamedTuple

from xnas.drawing.svg import TEXT_SIZE

RADIUS = 15  # of a node
GAP = 3  # between a node and the arrows at it
HEAD = 7  # of an arrow that the line leaves to its head
LEAST_SPACING = 104
NEAREST, STEP = 52, 46  # heights of arcs over two nodes, and more for each further one
STEEPEST = 82  # degrees at which an arc leaves its node
LABEL_GAP = 7  # between a line and the label on it

Point = tuple[float, float]


class Arc(NamedTuple):
    """Where an edge of a cell runs, nodes being in a row from (0, 0) to the right.

    Args:
        start: where its line begins.
        controls: the two control points of its curve.
        end: where its line ends.
        tip: of its arrow.
        towards: unit vector of its direction there.
        label: middle of its label's base line.
    """

    start: Point
    controls: tuple[Point, Point]
    end: Point
    tip: Point
    towards: Point
    label: Point

    def curve(self, steps: int = 120) -> list[Point]:
        """Return points on the line, both ends among them."""
        return [self._at(i / steps) for i in range(steps + 1)]

    def _at(self, t: float) -> Point:
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        corners = (self.start, *self.controls, self.end)
        x = sum(w * corner[0] for w, corner in zip(weights, corners, strict=True))
        y = sum(w * corner[1] for w, corner in zip(weights, corners, strict=True))
        return x, y


class Area(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Point) -> bool:
        """Whether a point is in it."""
        return self.left < point[0] < self.right and self.top < point[1] < self.bottom

    def meets(self, other: "Area") -> bool:
        """Whether both have a point in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def label_area(label: Point, width: float) -> Area:
    """Return the rectangle that a label takes.

    Args:
        label: middle of its base line.
        width: of its text.
    """
    x, y = label
    half = width / 2 + 3
    return Area(x - half, y - TEXT_SIZE + 2, x + half, y + 3)


@cache
def lay_out_arcs(
    n_points: int, label_width: float
) -> tuple[float, Mapping[tuple[int, int], Arc]]:
    """Place all edges of a cell, the same for all its networks.

    Args:
        n_points: nodes of the cell.
        label_width: of the widest label.

    Returns:
        The distance of neighbouring nodes, and an arc for each pair of nodes.
    """
    wanted = label_width + 2 * (RADIUS + GAP) + 12
    spacing = round(max(LEAST_SPACING, wanted))
    arcs = {(a, b): _arc(a, b, spacing) for b in range(n_points) for a in range(b)}
    taken: list[Area] = []
    for ends, arc in arcs.items():
        others = [
            point
            for other_ends, other in arcs.items()
            if other_ends != ends
            for point in other.curve()
        ]
        arcs[ends] = _with_label(arc, label_width, others, taken)
        taken.append(label_area(arcs[ends].label, label_width))
    return spacing, arcs


def _arc(source: int, target: int, spacing: float) -> Arc:
    """Place an edge.

    Neighbours are joined by a straight line; others by arcs, from even nodes above the
    row, from odd ones below it, the higher the more nodes they pass.
    """
    a, b = source * spacing, target * spacing
    near, far = RADIUS + GAP, RADIUS + GAP + HEAD
    if target - source == 1:
        third = (b - a) / 3
        return Arc(
            start=(a + near, 0.0),
            controls=((a + third, 0.0), (b - third, 0.0)),
            end=(b - far, 0.0),
            tip=(b - near, 0.0),
            towards=(1.0, 0.0),
            label=((a + b) / 2 - 3, -float(LABEL_GAP)),
        )
    further = target - source - 2
    height = NEAREST + STEP * further
    angle = radians(min(50 + 18 * further, STEEPEST))
    side = -1 if source % 2 == 0 else 1  # the y axis points down
    x, y = cos(angle), side * sin(angle)
    # A cubic Bézier curve's middle is at (ends + 3 · controls) / 4.
    length = (4 * height / sin(angle) - near) / 3
    below = LABEL_GAP + TEXT_SIZE - 3
    return Arc(
        start=(a + near * x, near * y),
        controls=((a + length * x, length * y), (b - length * x, length * y)),
        end=(b - far * x, far * y),
        tip=(b - near * x, near * y),
        towards=(x, -y),
        label=((a + b) / 2, side * height + (below if side > 0 else -LABEL_GAP)),
    )


def _with_label(
    arc: Arc, width: float, others: Iterable[Point], taken: Iterable[Area]
) -> Arc:
    """Move the label aside where other lines or labels are in its way."""
    for shift in sorted(range(-240, 241, 10), key=abs):
        moved = _beside(arc, shift, width)
        area = label_area(moved, width)
        if not any(map(area.holds, others)) and not any(map(area.meets, taken)):
            return arc._replace(label=moved)
    return arc


def _beside(arc: Arc, shift: float, width: float) -> Point:
    """Where the label stands next to its own line after a shift to the right."""
    x, y = arc.label[0] + shift, arc.label[1]
    side = -1 if y < 0 else 1
    passed = [p[1] for p in arc.curve() if abs(p[0] - x) < width / 2 + 4]
    if not shift or not passed:
        return x, y
    apex = max(side * p[1] for p in arc.curve())
    reached = max(side * height for height in passed)
    return x, y - side * (apex - reached)
