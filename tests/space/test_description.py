"""A description is enough to tell what any network of its space looks like."""

import itertools
import json

import pytest

from xnas.space import (
    Add,
    Connect,
    ConstantNode,
    Identity,
    KSearchSpace,
    MirrorNode,
    Tensor,
    VariableNode,
    nas_bench_201_search_space,
)


def connected(description, choices):
    """Whether an input reaches the output, from the description alone."""
    chosen = dict(zip(description["variables"], choices, strict=True))
    nodes = {node["name"]: node for node in description["nodes"]}

    def choice(node):
        while "follows" in node:
            node = nodes[node["follows"]]
        return chosen.get(node["name"], 0)

    alive = set(description["inputs"])
    for name, node in nodes.items():
        i = choice(node)
        sources = [a for a, b in description["edges"] if b == name]
        sources += node["connects"][i]
        if node["passes"][i] and alive.intersection(sources):
            alive.add(name)
    return alive.issuperset(description["outputs"])


def test_a_description_tells_which_networks_are_connected_once_it_was_json():
    space = nas_bench_201_search_space((8, 8, 1), (10,), n_nodes=3, stack_size=2)
    description = json.loads(json.dumps(space.describe()))
    for choices in itertools.product(range(5), repeat=3):
        assert connected(description, choices) == space.is_connected(choices)


def test_a_description_names_operations_and_kinds():
    space = nas_bench_201_search_space((8, 8, 1), (10,), stack_size=2)
    description = space.describe()
    nodes = {node["name"]: node for node in description["nodes"]}
    names = ["conv3x3", "conv1x1", "avg_pool3x3", "zeroize", "skip"]
    assert nodes["edge_2"]["operations"] == names
    assert nodes["edge_2"]["kind"] == "variable"
    assert nodes["cell_1.edge_2"]["operations"] == names
    assert nodes["cell_1.edge_2"]["kind"] == "mime"
    assert nodes["cell_1.edge_2"]["follows"] == "edge_2"
    assert nodes["edge_2"]["passes"] == [True, True, True, False, True]
    assert nodes["reduction_0"]["kind"] == "constant"
    assert nodes["input_0"]["passes"] == [True]
    assert description["variables"] == [f"edge_{i}" for i in range(6)]
    assert description["inputs"] == ["input_0"]
    assert description["outputs"] == ["head"]
    assert description["input_shape"] == [[8, 8, 1]]
    assert description["output_shape"] == [10]


@pytest.mark.parametrize("choice", [0, 1])
def test_a_description_tells_what_a_choice_connects(choice):
    space = KSearchSpace((4,), (4,))
    early = ConstantNode(Identity(), "early")
    space.connect(space.input_nodes[0], early)
    skip = VariableNode("skip")
    skip.add_op(Tensor([]))
    skip.add_op(Connect(space, early))
    mirror = MirrorNode(skip, "mirror")
    space.connect(skip, mirror)
    space.connect(mirror, ConstantNode(Add(), "end"))
    description = space.describe()
    nodes = {node["name"]: node for node in description["nodes"]}
    assert nodes["skip"]["connects"] == [[], ["early"]]
    assert nodes["mirror"]["connects"] == [[], []]
    assert connected(description, [choice]) == space.is_connected([choice])
    assert space.is_connected([choice]) == bool(choice)
