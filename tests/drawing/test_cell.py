"""Drawings say what a network is, in valid XML, the same each time."""

import itertools
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from drawn_spaces import cells, pair_of_pictures

from xnas.drawing import cell_svg, operation_styles
from xnas.drawing.cell import find_cell
from xnas.drawing.description import read_description
from xnas.drawing.styles import COLOURS, INKS, PAPERS
from xnas.errors import UsageError

SVG = "{http://www.w3.org/2000/svg}"
GOLDEN = Path(__file__).parent / "golden"
CELL = cells().describe()
PAIR = pair_of_pictures().describe()
SOME_CELLS = list(itertools.product(range(5), repeat=6))[::523]


def parsed(text):
    return ET.fromstring(text)


def marked(root):
    """Data attributes of everything that applies an operation, by node."""
    return {
        g.get("data-node"): (g.get("data-operation"), g.get("data-active") == "true")
        for g in root.iter(f"{SVG}g")
        if g.get("data-node")
    }


def texts(root):
    return [text.text for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("name", "space", "arch_seq", "options"),
    [
        ("cell", CELL, [0, 1, 2, 4, 0, 1], {}),
        ("cell-cut", CELL, [3, 1, 2, 4, 0, 3], {"title": "A & B", "theme": "light"}),
        ("graph", PAIR, [1, 1], {}),
        ("graph-cut", PAIR, [2, 0], {"title": "A & B", "theme": "dark"}),
    ],
)
def test_drawings_are_the_golden_ones(name, space, arch_seq, options):
    """After a change that is meant: write them anew and look at each."""
    assert cell_svg(space, arch_seq, **options) + "\n" == (
        GOLDEN / f"{name}.svg"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize("arch_seq", SOME_CELLS)
def test_a_cell_shows_each_edge_with_its_operation_and_whether_it_takes_part(arch_seq):
    space = cells()
    root = parsed(cell_svg(space.describe(), arch_seq))
    names = {space.plan.steps[i].node.name for i in space.plan.active(arch_seq)}
    operations = ["conv3x3", "conv1x1", "avg_pool3x3", "zeroize", "skip"]
    assert marked(root) == {
        f"edge_{i}": (operations[choice], f"edge_{i}" in names)
        for i, choice in enumerate(arch_seq)
    }
    numbers = ["0", "1", "2", "3"]
    assert sorted(texts(root)) == sorted([operations[i] for i in arch_seq] + numbers)


@pytest.mark.parametrize("arch_seq", [(a, b) for a in range(3) for b in range(2)])
def test_a_graph_shows_each_node_with_its_operation_and_whether_it_takes_part(arch_seq):
    space = pair_of_pictures()
    found = marked(parsed(cell_svg(space.describe(), arch_seq)))
    active = space.plan.active(arch_seq)
    assert found == {
        step.node.name: (step.node.ops[step.choice(arch_seq)].name, i in active)
        for i, step in enumerate(space.plan.steps)
    }


def test_drawings_are_the_same_after_the_description_was_json():
    for space, arch_seq in ((CELL, [0, 1, 2, 3, 4, 0]), (PAIR, [0, 1])):
        again = json.loads(json.dumps(space))
        assert cell_svg(again, tuple(arch_seq)) == cell_svg(space, arch_seq)


def test_numpy_choices_are_choices():
    drawn = cell_svg(CELL, np.array([0, 1, 2, 3, 4, 0]))
    assert drawn == cell_svg(CELL, [0, 1, 2, 3, 4, 0])


def test_all_networks_of_a_space_have_drawings_of_one_size():
    for space, archs in (
        (CELL, [[0] * 6, [3] * 6, [4, 3, 2, 1, 0, 4]]),
        (PAIR, itertools.product(range(3), range(2))),
    ):
        boxes = {parsed(cell_svg(space, arch)).get("viewBox") for arch in archs}
        assert len(boxes) == 1


@pytest.mark.parametrize("n_nodes", range(2, 7))
@pytest.mark.parametrize("stack_size", [1, 2])
def test_cells_of_any_size_are_found(n_nodes, stack_size):
    cell = find_cell(read_description(cells(n_nodes, stack_size).describe()))
    order = [(a, b) for b in range(n_nodes) for a in range(b)]
    assert cell.edges == {ends: f"edge_{i}" for i, ends in enumerate(order)}


def test_a_graph_whose_nodes_choose_is_no_cell():
    assert find_cell(read_description(PAIR)) is None


@pytest.mark.parametrize("theme", ["page", "light", "dark"])
@pytest.mark.parametrize(
    ("space", "arch"), [(CELL, [0, 1, 2, 3, 4, 0]), (PAIR, [0, 1])]
)
def test_drawings_need_no_ids_styles_or_scripts(space, arch, theme):
    """So that any number of them fits in one page."""
    root = parsed(cell_svg(space, arch, theme=theme))
    allowed = {"svg", "title", "g", "path", "rect", "circle", "text"}
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= allowed
    assert not any(e.get("id") or e.get("style") for e in root.iter())
    assert root.get("class") == "xnas-cell"
    assert root.get("role") == "img"
    classes = {e.get("class") for e in root.iter() if e.get("class")}
    assert all(name.startswith("xnas-cell") for name in classes)


def test_a_page_keeps_its_colours_and_files_bring_their_own():
    page = cell_svg(CELL, [0, 1, 2, 3, 4, 0])
    assert "currentColor" in page
    assert "var(--xnas-operation-1,#0072b2)" in page
    for theme in ("light", "dark"):
        text = cell_svg(CELL, [0, 1, 2, 3, 4, 0], theme=theme)
        assert "currentColor" not in text
        assert "var(" not in text


@pytest.mark.parametrize(("theme", "count"), [("page", 0), ("light", 1), ("dark", 1)])
def test_files_have_a_background_unless_they_are_to_have_none(theme, count):
    arch_seq = [0, 1, 2, 3, 4, 0]
    root = parsed(cell_svg(CELL, arch_seq, theme=theme))
    assert len(root.findall(f"{SVG}rect")) == count
    bare = parsed(cell_svg(CELL, arch_seq, theme=theme, transparent=True))
    assert not bare.findall(f"{SVG}rect")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_stand_out_from_the_ground(theme):
    """By WCAG 2.2: text 7 to 1, lines 3 to 1."""
    assert contrast(INKS[theme], PAPERS[theme]) >= 7
    for colour in COLOURS:
        assert contrast(colour, PAPERS[theme]) >= 3


def contrast(one, other):
    brighter, darker = sorted(map(luminance, (one, other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


def test_colour_is_never_alone_in_telling_operations_apart():
    space = one_choice_of(40)
    styles = operation_styles(space)
    looks = {(s.number, s.dash) for s in styles.values()}
    assert len(looks) == 30
    assert len({s.dash for s in list(styles.values())[:5]}) == 5
    assert len(styles) == 40


def one_choice_of(n_operations, name="operation {}"):
    """Describe a chain with one node that chooses."""
    names = [name.format(i) for i in range(n_operations)]

    def node(label, kind, operations):
        empty = [[] for _ in operations]
        passes = [True] * len(operations)
        return {
            "name": label,
            "kind": kind,
            "operations": operations,
            "passes": passes,
            "connects": empty,
        }

    return {
        "nodes": [
            node("in", "constant", ["tensor"]),
            node("pick", "variable", names),
            node("out", "constant", ["Dense"]),
        ],
        "edges": [["in", "pick"], ["pick", "out"]],
        "inputs": ["in"],
        "outputs": ["out"],
        "variables": ["pick"],
    }


@pytest.mark.parametrize(
    "name",
    [
        "</text><script>alert(1)</script>",
        "\"><svg onload='alert(1)'>",
        "a & b <c>",
        "]]><!--",
        "nul \0 and bell \a",
        "lone \ud800 surrogate",
        "turned \u202e round",
        "漢字 😀 {}",
        "x" * 500,
        "",
    ],
)
def test_hostile_names_stay_text(name):
    space = one_choice_of(1, name.replace("{", "{{").replace("}", "}}"))
    space["nodes"][2]["name"] = space["edges"][1][1] = space["outputs"][0] = name
    text = cell_svg(space, [0], title=name)
    root = parsed(text.encode())
    allowed = {"svg", "title", "g", "path", "rect", "text"}
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= allowed
    assert not any(key.startswith("on") for e in root.iter() for key in e.attrib)
    assert max(map(len, filter(None, texts(root)))) <= 60
    if "{" not in name and len(name) in range(1, 24) and name.isprintable():
        assert name in texts(root)


@pytest.mark.parametrize(
    ("arch_seq", "words"),
    [
        ([], "0 choices found, expected 6"),
        ([0] * 7, "7 choices found, expected 6"),
        ([0, 1, 2, 3, 4, 5], "node 'edge_5' has no choice 5, expected 0 to 4"),
        ([-1, 1, 2, 3, 4, 0], "node 'edge_0' has no choice -1, expected 0 to 4"),
        ([0, 1, 2, 3, 4, 0.5], "node 'edge_5' has no choice 0.5"),
        ([0, 1, 2, 3, 4, True], "node 'edge_5' has no choice True"),
        ([0, 1, 2, 3, 4, "0"], "node 'edge_5' has no choice '0'"),
        ([0, 1, 2, 3, 4, None], "node 'edge_5' has no choice None"),
    ],
)
def test_choices_that_do_not_fit_are_refused(arch_seq, words):
    with pytest.raises(UsageError, match=words):
        cell_svg(CELL, arch_seq)


def without(key):
    return {name: value for name, value in CELL.items() if name != key}


@pytest.mark.parametrize(
    "space",
    [
        {},
        [],
        None,
        "cells",
        *(without(key) for key in ("nodes", "edges", "inputs", "outputs", "variables")),
        {**CELL, "nodes": CELL["nodes"][::-1]},
        {**CELL, "edges": [["nowhere", "stem"]]},
        {**CELL, "edges": [["stem", "nowhere"]]},
        {**CELL, "variables": ["nowhere"] * 6},
        {**CELL, "nodes": [{**node, "operations": []} for node in CELL["nodes"]]},
        {**CELL, "nodes": [{**node, "follows": "nowhere"} for node in CELL["nodes"]]},
    ],
)
def test_what_describes_no_space_is_refused(space):
    with pytest.raises(UsageError, match="the search space is not described"):
        cell_svg(space, [0] * 6)


def test_a_folder_of_before_input_shapes_were_recorded_is_drawn():
    assert "input_0" in cell_svg({**PAIR, "input_shape": []}, [0, 0])
    old = {name: value for name, value in PAIR.items() if name != "input_shape"}
    assert "tensor" in texts(parsed(cell_svg(old, [0, 0])))
