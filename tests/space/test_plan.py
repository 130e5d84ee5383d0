"""What is answered without a network, held against graphs that are cut by hand."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from xnas.space import (
    Add,
    Connect,
    ConstantNode,
    Identity,
    KSearchSpace,
    MimeNode,
    VariableNode,
    Zero,
)

OPERATIONS = ("pass", "zero", "connect")


@st.composite
def spaces(draw):
    """A random graph of up to six nodes that choose or mime, with one or two inputs."""
    space = KSearchSpace([(4,)] * draw(st.integers(1, 2)), (4,))
    earlier = list(space.input_nodes)
    for i in range(draw(st.integers(1, 6))):
        node = VariableNode(f"v{i}")
        if space.variable_nodes and draw(st.booleans()):
            node = MimeNode(draw(st.sampled_from(space.variable_nodes)), f"m{i}")
        n_ops = node.node.num_ops if isinstance(node, MimeNode) else 3
        for kind in draw(st.permutations(OPERATIONS))[:n_ops]:
            node.add_op(
                {
                    "pass": Identity(),
                    "zero": Zero(),
                    "connect": Connect(space, draw(st.sampled_from(earlier))),
                }[kind]
            )
        for source in draw(st.sets(st.sampled_from(earlier), min_size=1)):
            space.connect(source, node)
        earlier.append(node)
    end = ConstantNode(Add(), "end")
    for node in earlier:
        if not space.graph.out_degree(node):
            space.connect(node, end)
    return space


def cut(space, choices):
    """The graph of one network: zero operations removed, chosen connections added."""
    space.set_ops(choices)
    graph = space.graph.copy()
    for node in space.nodes:
        if isinstance(node, (VariableNode, MimeNode)):
            if isinstance(node.op, Zero):
                graph.remove_node(node)
            elif isinstance(node.op, Connect):
                graph.add_edges_from((s, node) for s in node.op.sources if s in graph)
    return graph


@settings(max_examples=150, deadline=None)
@given(space=spaces(), data=st.data())
def test_connected_means_a_path_in_the_graph_without_zero_operations(space, data):
    choices = [data.draw(st.integers(0, high)) for _, high in space.choices()]
    graph = cut(space, choices)
    end = space.output_node
    naive = any(nx.has_path(graph, i, end) for i in space.input_nodes)
    assert space.is_connected(choices) == naive
    assert space.is_connected() == naive
    assert space.are_connected(np.array([choices, choices])).tolist() == [naive] * 2


@settings(max_examples=150, deadline=None)
@given(space=spaces(), data=st.data())
def test_active_nodes_are_those_between_an_input_and_the_output(space, data):
    choices = [data.draw(st.integers(0, high)) for _, high in space.choices()]
    graph = cut(space, choices)
    end = space.output_node
    below = set(space.input_nodes).union(
        *(nx.descendants(graph, i) for i in space.input_nodes)
    )
    naive = below & (nx.ancestors(graph, end) | {end}) if end in below else set()
    steps = space.plan.steps
    assert {steps[i].node for i in space.plan.active(choices)} == naive


@settings(max_examples=50, deadline=None)
@given(space=spaces())
def test_every_step_comes_after_those_that_feed_it(space):
    for i, step in enumerate(space.plan.steps):
        assert all(source < i for feed in step.feeds for source in feed)
