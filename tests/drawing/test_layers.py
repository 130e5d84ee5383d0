"""Laid out graphs run downwards; nothing in them overlaps."""

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnas.drawing.layers import lay_out

GAP, LINE_GAP = 16.0, 18.0


@st.composite
def graphs(draw):
    """Widths of nodes in topological order, and edges among them."""
    count = draw(st.integers(1, 12))
    widths = draw(st.lists(st.integers(20, 200), min_size=count, max_size=count))
    pairs = [(a, b) for b in range(count) for a in range(b)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    names = {f"n{i}": float(width) for i, width in enumerate(widths)}
    return names, [(f"n{a}", f"n{b}") for a, b in sorted(edges)]


def placed(graph):
    return lay_out(*graph, gap=GAP, line_gap=LINE_GAP)


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_layers_are_those_of_the_longest_paths(graph):
    widths, edges = graph
    reference = nx.DiGraph()
    reference.add_nodes_from(widths)
    reference.add_edges_from(edges)
    layers = enumerate(nx.topological_generations(reference))
    expected = {name: i for i, names in layers for name in names}
    assert placed(graph).layer == expected


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_nothing_overlaps(graph):
    widths, edges = graph
    layout = placed(graph)
    rows = [[] for _ in range(layout.n_layers)]
    for name, width in widths.items():
        x = layout.x[name]
        rows[layout.layer[name]].append((x - width / 2, x + width / 2))
    for edge in edges:
        first = layout.layer[edge[0]] + 1
        bends = layout.bends[edge]
        assert len(bends) == layout.layer[edge[1]] - first
        for level, x in enumerate(bends, first):
            rows[level].append((x, x))
    for row in rows:
        row.sort()
        assert row[0][0] >= -1e-6
        assert row[-1][1] <= layout.width + 1e-6
        for (_, right), (left, _) in pairwise(row):
            assert left - right >= min(GAP, LINE_GAP) - 1e-6


@given(graphs())
@settings(max_examples=30, deadline=None)
def test_places_are_the_same_each_time(graph):
    assert placed(graph) == placed(graph)


@pytest.mark.parametrize("count", [2, 5])
def test_a_chain_is_straight(count):
    names = {f"n{i}": 40.0 + 10 * i for i in range(count)}
    edges = list(pairwise(names))
    assert len(set(placed((names, edges)).x.values())) == 1


def test_lines_that_need_not_cross_do_not():
    names = dict.fromkeys("abcdef", 40.0)
    edges = [("a", "d"), ("b", "c"), ("c", "e"), ("d", "f")]
    x = placed((names, edges)).x
    assert (x["a"] < x["b"]) == (x["d"] < x["c"]) == (x["f"] < x["e"])
