"""In a cell no label meets a line, a node or another label."""

from math import hypot

import pytest

from xnas.drawing.arcs import RADIUS, label_area, lay_out_arcs

SIZES = pytest.mark.parametrize("n_points", [2, 3, 4, 5, 6])
WIDTHS = pytest.mark.parametrize("width", [20.0, 62.0, 120.0, 200.0])


@SIZES
@WIDTHS
def test_labels_meet_nothing(n_points, width):
    spacing, arcs = lay_out_arcs(n_points, width)
    areas = {ends: label_area(arc.label, width) for ends, arc in arcs.items()}
    for ends, area in areas.items():
        for other, arc in arcs.items():
            assert not any(map(area.holds, arc.curve(200))), (ends, other)
            assert other == ends or not area.meets(areas[other]), (ends, other)
        for i in range(n_points):
            x = min(max(i * spacing, area.left), area.right)
            y = min(max(0, area.top), area.bottom)
            assert hypot(x - i * spacing, y) > RADIUS, (ends, i)


@SIZES
def test_lines_pass_no_node(n_points):
    spacing, arcs = lay_out_arcs(n_points, 62.0)
    for ends, arc in arcs.items():
        for i in range(n_points):
            assert all(hypot(x - i * spacing, y) > RADIUS for x, y in arc.curve(200)), (
                ends,
                i,
            )


@SIZES
def test_arrows_end_at_their_nodes(n_points):
    spacing, arcs = lay_out_arcs(n_points, 62.0)
    for (source, target), arc in arcs.items():
        for point, node in ((arc.start, source), (arc.tip, target)):
            distance = hypot(point[0] - node * spacing, point[1])
            assert distance == pytest.approx(RADIUS + 3)
        assert hypot(*arc.towards) == pytest.approx(1)
