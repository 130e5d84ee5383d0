"""The NAS-Bench-201 space, held against the 2021 code and the paper."""

import itertools
import json
import math
from pathlib import Path

import keras
import networkx as nx
import numpy as np
import pytest

from xnas.space import Block, SpaceError, nas_bench_201_search_space
from xnas.xai import layers_of_interest

# Figures of the 2021 code, one case a network.
CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "nas_bench_201.json").read_text()
)["cases"]
EDGES = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]


def small_space(**kwargs):
    kwargs = {"stack_size": 1, "filter_scale_factor": 0.25, **kwargs}
    return nas_bench_201_search_space((8, 8, 1), (3,), **kwargs)


def case_name(case):
    shape = "x".join(map(str, case["input_shape"]))
    return f"{shape}-{''.join(map(str, case['ops']))}"


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_networks_are_those_of_the_2021_code(case):
    space = nas_bench_201_search_space(
        tuple(case["input_shape"]),
        (case["classes"],),
        stack_size=case["stack_size"],
        filter_scale_factor=case["filter_scale_factor"],
    )
    space.set_ops(case["ops"])
    assert space.is_connected() == case["connected"]
    if not case["connected"]:
        with pytest.raises(SpaceError, match="no path"):
            space.create_model()
        return
    model = space.create_model()
    layers = layers_of_interest(model)
    trainable = sum(math.prod(w.shape) for w in model.trainable_weights)
    features = sum(math.prod(layer.output.shape[1:]) for layer in layers)
    assert model.count_params() == case["params"]
    assert trainable == case["trainable_params"]
    assert len(layers) == case["n_layers_of_interest"]
    assert features == case["n_features"]


def test_341_networks_are_disconnected():
    space = nas_bench_201_search_space((32, 32, 3), (10,))
    assert space.size == 5**6
    disconnected = 0
    for ops in itertools.product(range(5), repeat=6):
        edges = [(j, i) for (i, j), op in zip(EDGES, ops, strict=True) if op != 3]
        cell = nx.DiGraph(edges)
        cell.add_nodes_from(range(4))
        connected = nx.has_path(cell, 0, 3)
        assert space.is_connected(ops) == connected
        disconnected += not connected
    assert disconnected == 341


def in_words_of_the_paper(model, ops, x):
    """Evaluate a network of one cell a stage: node i = Σ over j < i of op_ij(node j).

    ``None`` stands for what zeroize makes of anything.
    """

    def through(scope, value, *names):
        for name in names:
            value = model.get_layer(f"{scope}.{name}")(value)
        return value

    def operation(scope, op, value):
        if value is None or op == 3:
            return None
        if op == 4:
            return value
        if op == 2:
            return keras.ops.average_pool(value, 3, 1, padding="same")
        try:
            return through(scope, value, "relu", "conv", "norm")
        except ValueError:  # dropped, as its output leads nowhere
            return None

    value = through("stem", x, "conv", "norm")
    for stage in range(3):
        if stage:
            scope = f"reduction_{stage - 1}"
            main = ("conv_0", "norm_0", "relu_0", "conv_1", "norm_1")
            shortcut = through(scope, value, "pool", "shortcut")
            value = keras.ops.relu(through(scope, value, *main) + shortcut)
        nodes = [value, None, None, None]
        for k, (i, j) in enumerate(EDGES):
            part = operation(f"cell_{stage}.edge_{k}", ops[k], nodes[j])
            if part is not None:
                nodes[i] = part if nodes[i] is None else nodes[i] + part
        value = nodes[3]
    value = keras.ops.mean(value, axis=(1, 2))
    return through("head", value, "dense")


@pytest.mark.parametrize(
    "ops",
    [
        [0, 1, 2, 4, 0, 1],
        [3, 0, 1, 3, 2, 4],
        [0, 2, 3, 1, 3, 4],
        [4, 3, 0, 3, 0, 3],
        [2, 4, 1, 0, 3, 2],
    ],
)
def test_outputs_follow_the_definition_of_the_cell(ops):
    keras.utils.set_random_seed(0)
    space = small_space()
    space.set_ops(ops)
    model = space.create_model()
    x = np.random.default_rng(0).standard_normal((2, 8, 8, 1)).astype(np.float32)
    expected = in_words_of_the_paper(model, ops, x)
    np.testing.assert_allclose(model(x), expected, rtol=1e-5, atol=1e-6)


def test_running_statistics_have_the_momentum_of_nas_bench_201():
    space = nas_bench_201_search_space((8, 8, 1), (10,), stack_size=1)
    space.set_ops([0, 1, 2, 4, 0, 1])
    layers = space.create_model().layers
    norms = [a for a in layers if isinstance(a, keras.layers.BatchNormalization)]
    assert {norm.momentum for norm in norms} == {0.9}


def test_layers_are_named_by_block_from_zero():
    space = small_space(stack_size=2)
    space.set_ops([0, 2, 4, 3, 3, 1])
    names = [layer.name for layer in space.create_model().layers]
    assert names[0] == "input_0"
    assert {"stem.conv", "stem.norm", "head.pool", "head.dense"} <= set(names)
    assert "cell_0.edge_0.conv" in names
    assert "cell_0.edge_1.pool" in names
    assert {"cell_5.edge_5.relu", "cell_5.edge_5.conv"} <= set(names)
    assert {"reduction_0.conv_0", "reduction_1.shortcut"} <= set(names)
    assert {name.split(".")[0] for name in names} == {
        "input_0",
        "stem",
        "head",
        *(f"cell_{i}" for i in range(6)),
        "reduction_0",
        "reduction_1",
    }
    assert not any("edge_3" in name or "edge_4" in name for name in names)


def test_all_cells_share_the_choices():
    space = small_space(stack_size=2)
    space.set_ops([0, 1, 2, 3, 4, 0])
    names = [node.op.name for node in space.variable_nodes]
    for cell in range(1, 6):
        mimes = [n for n in space.mime_nodes if n.name.startswith(f"cell_{cell}.")]
        assert [mime.op.name for mime in mimes] == names


def test_variable_nodes_are_named_as_hyperparameters():
    space = small_space()
    assert [node.name for node in space.variable_nodes] == [
        f"edge_{i}" for i in range(6)
    ]
    assert space.choices() == [(0, 4)] * 6


@pytest.mark.parametrize("n_nodes", [2, 3, 5])
def test_a_cell_of_n_nodes_has_n_times_n_minus_1_over_2_edges(n_nodes):
    space = small_space(n_nodes=n_nodes)
    edges = n_nodes * (n_nodes - 1) // 2
    assert space.num_nodes == edges
    assert len(space.mime_nodes) == 2 * edges
    last = edges - (n_nodes - 1)
    assert space.is_connected([4 if i == last else 3 for i in range(edges)])
    space.set_ops([0] * edges)
    assert space.create_model().output_shape == (None, 3)


def test_predictions_are_linear_for_regression_and_softmax_else():
    for regression, name in ((True, "linear"), (False, "softmax")):
        space = small_space(regression=regression)
        space.set_ops([4] * 6)
        head = space.create_model().get_layer("head.dense")
        assert head.activation.__name__ == name


def test_a_prediction_may_have_any_shape():
    space = nas_bench_201_search_space((8, 8, 1), (2, 3), True, stack_size=1)
    space.set_ops([4] * 6)
    assert space.create_model().output_shape == (None, 2, 3)


def test_several_pictures_are_concatenated_along_their_channels():
    space = nas_bench_201_search_space([(8, 8, 1), (8, 8, 3)], (10,), stack_size=1)
    space.set_ops([0] * 6)
    model = space.create_model()
    assert model.get_layer("stem.conv").kernel.shape == (3, 3, 4, 16)
    x = {"input_0": np.zeros((2, 8, 8, 1)), "input_1": np.zeros((2, 8, 8, 3))}
    assert model(x).shape == (2, 10)


def test_every_operation_of_every_node_can_be_built_apart_from_a_network():
    space = small_space()
    ops = [0, 1, 2, 4, 0, 1]
    space.set_ops(ops)
    of_network = {
        layer.name
        for layer in space.create_model().layers
        if not isinstance(layer, keras.layers.InputLayer)
    }
    chosen = set()
    for i, step in enumerate(space.plan.steps):
        if i in space.plan.inputs:
            continue
        for k, operation in enumerate(step.node.ops):
            block = operation.build(step.node.scope)
            assert isinstance(block, Block)
            if k == step.choice(ops):
                chosen.update(layer.name for layer in block.layers)
    # A sum of one term needs no layer; all others of the network are known to blocks.
    assert {name for name in chosen - of_network if not name.endswith(".add")} == set()
    assert of_network <= chosen


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"n_nodes": 1}, "n_nodes is 1, expected a whole number, 2 or more"),
        ({"stack_size": True}, "stack_size is True"),
        ({"stack_size": 0}, "stack_size is 0"),
        ({"stack_size": 1.5}, "stack_size is 1.5"),
        ({"filter_scale_factor": 0}, "filter_scale_factor is 0"),
        ({"filter_scale_factor": "2"}, "filter_scale_factor is '2'"),
        ({"filter_scale_factor": float("nan")}, "filter_scale_factor is nan"),
    ],
)
def test_arguments_that_cannot_be_used_are_named(kwargs, words):
    with pytest.raises(SpaceError, match=words):
        small_space(**kwargs)


@pytest.mark.parametrize("shape", [(8, 8), [(8, 8, 1), (4, 4, 1)]])
def test_inputs_that_are_no_pictures_of_one_size_are_refused(shape):
    with pytest.raises(SpaceError, match="expected"):
        nas_bench_201_search_space(shape, (10,))
