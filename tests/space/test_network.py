"""Networks that spaces build: names, weights, merges, and what is left out."""

from itertools import pairwise

import keras
import numpy as np
import pytest

from xnas.space import (
    Add,
    AddByProjecting,
    AutoKSearchSpace,
    Concatenate,
    Connect,
    ConstantNode,
    Dense,
    Dropout,
    Flatten,
    Identity,
    KSearchSpace,
    MimeNode,
    MirrorNode,
    Operation,
    SpaceError,
    Tensor,
    VariableNode,
    Zero,
)


def variable(name, *operations):
    node = VariableNode(name)
    for operation in operations:
        node.add_op(operation)
    return node


def chain(space, *nodes):
    for source, node in pairwise(nodes):
        space.connect(source, node)


def layer_names(model):
    return [
        layer.name
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]


@pytest.fixture
def space():
    """A choice, a mime of it and a mirror of it, one after another."""
    space = KSearchSpace((4,), (4,))
    chooser = variable("chooser", Dense(4, "relu"), Identity(), Zero())
    mime = MimeNode(chooser, "mime")
    mirror = MirrorNode(chooser, "mirror")
    chain(space, space.input_nodes[0], chooser, mime, mirror)
    return space


def test_layers_are_named_by_the_node_that_made_them(space):
    space.set_ops([0])
    assert layer_names(space.create_model()) == [
        "chooser.dense",
        "chooser.activation",
        "mime.dense",
        "mime.activation",
    ]


def test_a_mime_has_weights_of_its_own_and_a_mirror_shares_them(space):
    space.set_ops([0])
    model = space.create_model()
    assert len(model.weights) == 4
    x = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    value = x
    for name in ("chooser", "mime", "chooser"):
        kernel, bias = model.get_layer(f"{name}.dense").get_weights()
        value = np.maximum(value @ kernel + bias, 0)
    np.testing.assert_allclose(model(x), value, rtol=1e-5, atol=1e-6)


def test_building_twice_gives_equal_names_and_independent_weights(space):
    space.set_ops([0])
    first, second = space.create_model(), space.create_model()
    assert first.name == second.name
    assert layer_names(first) == layer_names(second)
    for layer in first.layers:
        assert layer not in second.layers
    for weight in first.weights:
        weight.assign(weight + 1)
    kernels = [m.get_layer("chooser.dense").get_weights()[0] for m in (first, second)]
    assert not np.allclose(*kernels)


def test_initial_weights_follow_from_the_seed(space):
    space.set_ops([0])
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        weights.append(space.create_model().get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_wrapped_layer_is_copied_under_a_name_free_of_keras_counters():
    keras.layers.BatchNormalization()  # the next one's own name ends in a number
    layer = keras.layers.BatchNormalization()
    space = KSearchSpace((4,), (4,))
    chain(space, space.input_nodes[0], ConstantNode(layer, "a"))
    space.connect(space.nodes[-1], ConstantNode(Operation(layer), "b"))
    given_name = keras.layers.Dense(4, name="own_2")
    space.connect(space.nodes[-1], ConstantNode(given_name, "c"))
    model = space.create_model()
    names = ["a.batch_normalization", "b.batch_normalization", "c.own_2"]
    assert layer_names(model) == names
    assert layer not in model.layers


def test_nodes_whose_layers_have_one_name_are_told():
    space = KSearchSpace((4,), (4,))
    first = ConstantNode(keras.layers.Dense(4, name="b.own"), "a")
    second = ConstantNode(keras.layers.Dense(4, name="own"), "a.b")
    chain(space, space.input_nodes[0], first, second)
    with pytest.raises(
        SpaceError, match=r"nodes 'a' and 'a\.b' both have a layer called 'a\.b\.own'"
    ):
        space.create_model()


def test_a_disconnected_network_is_refused(space):
    space.set_ops([2])
    with pytest.raises(SpaceError, match=r"network \[2\] has no path"):
        space.create_model()


def test_dead_paths_of_both_directions_make_no_layers():
    space = KSearchSpace((4,), (4,))
    end = ConstantNode(Add(), "end")
    starved = [variable("cut", Zero()), variable("starved", Dense(4))]
    leading = [variable("leading", Dense(4)), variable("wall", Zero())]
    alive = [variable("alive", Dense(4))]
    for path in (starved, leading, alive):
        chain(space, space.input_nodes[0], *path, end)
    space.set_ops([0] * 5)
    assert layer_names(space.create_model()) == ["alive.dense"]


def test_several_inputs_come_as_a_dictionary_even_where_one_is_cut():
    space = KSearchSpace([(4,), (3,)], (2,))
    end = ConstantNode(Concatenate(), "end")
    first = variable("first", Identity(), Zero())
    chain(space, space.input_nodes[0], first, end)
    chain(space, space.input_nodes[1], end, ConstantNode(Dense(2), "head"))
    x = {"input_0": np.ones((5, 4)), "input_1": np.ones((5, 3))}
    for choice, width in ((0, 7), (1, 3)):
        space.set_ops([choice])
        model = space.create_model()
        assert model(x).shape == (5, 2)
        assert model.get_layer("head.dense").kernel.shape == (width, 2)


def test_a_connect_brings_its_sources_only_when_chosen():
    space = KSearchSpace((4,), (6,))
    early = ConstantNode(Dense(2), "early")
    skip = variable("skip", Tensor([]), Connect(space, early))
    merge = ConstantNode(Concatenate(), "merge")
    chain(space, space.input_nodes[0], early, ConstantNode(Dense(4), "late"), merge)
    space.connect(skip, merge)
    space.connect(merge, ConstantNode(Dense(6), "head"))
    widths = []
    for choice in (0, 1):
        space.set_ops([choice])
        model = space.create_model()
        widths.append(model.get_layer("head.dense").kernel.shape[0])
    assert widths == [4, 6]


def test_a_connect_to_several_nodes_concatenates_them():
    space = KSearchSpace((4,), (4,))
    ends = [ConstantNode(Dense(units), f"d{units}") for units in (1, 3)]
    for node in ends:
        space.connect(space.input_nodes[0], node)
    space.connect(variable("both", Connect(space, ends)), ConstantNode(Flatten(), "f"))
    space.set_ops([0])
    assert space.create_model().output_shape == (None, 4)


def test_projections_lead_to_the_width_of_the_first_and_are_shared_by_mirrors():
    space = KSearchSpace([(2,), (5,)], (2,))
    merge = ConstantNode(AddByProjecting(space, space.input_nodes, "relu"), "merge")
    mirror = MirrorNode(merge, "mirror")
    space.connect(merge, mirror)
    space.connect(space.input_nodes[1], mirror)
    model = space.create_model()
    names = ["merge.project_1", "merge.add", "merge.activation"]
    assert sorted(layer_names(model)) == sorted(names)
    assert model.get_layer("merge.project_1").kernel.shape == (5, 2)


def test_tensors_of_unequal_rank_are_merged():
    space = KSearchSpace([(2, 3), (2,)], (8,))
    merge = ConstantNode(Concatenate(space, space.input_nodes), "merge")
    space.add_node(merge)
    assert space.create_model().output_shape == (None, 8)

    space = KSearchSpace([(2, 3), (2,)], (2, 3))
    space.add_node(ConstantNode(AddByProjecting(space, space.input_nodes), "merge"))
    assert space.create_model().output_shape == (None, 2, 3)


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Operation(keras.layers.Conv2D(2, 3)), r"apply Conv2D.*\(4,\).*min_ndim=4"),
        (Operation(keras.layers.Reshape((3, 3))), r"apply Reshape.*\(4,\): The total"),
        (Dense(-1), r"apply Dense_-1 .*units"),
    ],
)
def test_an_operation_that_does_not_take_its_input_is_told_in_one_line(
    operation, words
):
    space = KSearchSpace((4,), (4,))
    space.connect(space.input_nodes[0], ConstantNode(operation, "middle"))
    with pytest.raises(SpaceError, match=f"^node 'middle' cannot {words}") as caught:
        space.create_model()
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_several_inputs_need_a_merge():
    space = KSearchSpace([(4,), (4,)], (4,))
    end = ConstantNode(Identity(), "end")
    for node in space.input_nodes:
        space.connect(node, end)
    with pytest.raises(SpaceError, match=r"'end'.*2 inputs found, expected one"):
        space.create_model()


def test_another_output_shape_than_the_space_has_is_told(space):
    space.connect(space.nodes[-1], ConstantNode(Dense(3), "end"))
    space.set_ops([0])
    with pytest.raises(SpaceError, match=r"shape \(3,\), expected output_shape \(4,\)"):
        space.create_model()


def test_a_block_shares_its_layers_among_calls_and_knows_them_all():
    block = AddByProjecting(activation="relu").build("here")
    tensors = [np.ones((1, 2), np.float32), np.ones((1, 3), np.float32)]
    first = block(tensors)
    names = [layer.name for layer in block.layers]
    assert sorted(names) == ["here.activation", "here.add", "here.project_1"]
    np.testing.assert_array_equal(block(tensors), first)
    assert [layer.name for layer in block.layers] == names
    assert len(tensors) == 2


def test_a_merge_of_one_adds_no_layer():
    (x,) = tensors = [np.ones((1, 2), np.float32)]
    for operation in (Add(), Concatenate(), AddByProjecting(activation="relu")):
        assert operation.build("here")(tensors) is x


def test_stacked_nodes_without_a_space_are_refused():
    with pytest.raises(TypeError, match="only with a search_space"):
        Concatenate(stacked_nodes=[ConstantNode(Identity())])


def tabular_space(regression):
    """Blocks of a dense layer with skip connections, as DeepHyper's tutorial builds."""
    space = AutoKSearchSpace((10,), (7,), regression=regression)
    last = space.input_nodes[0]
    anchors = [last]
    for _ in range(3):
        node = variable("", Identity(), Dense(16, "relu"), Dropout(0.1))
        space.connect(last, node)
        merge = ConstantNode()
        merge.set_op(AddByProjecting(space, [node], activation="relu"))
        for anchor in anchors:
            skip = variable("", Tensor([]), Connect(space, anchor))
            space.connect(skip, merge)
        last = merge
        anchors.append(last)
    return space


@pytest.mark.parametrize(
    ("regression", "activation"), [(True, "linear"), (False, "softmax")]
)
def test_an_automatic_space_ends_in_a_layer_of_the_output_shape(regression, activation):
    space = tabular_space(regression)
    assert space.size == 3**3 * 2 ** (1 + 2 + 3)
    space.set_ops([0.99] * space.num_nodes)
    assert space.is_connected()
    model = space.create_model()
    assert model.output_shape == (None, 7)
    assert model.layers[-1].name == "output.dense"
    assert model.layers[-1].activation.__name__ == activation


def test_an_automatic_space_concatenates_all_ends_and_nothing_else():
    space = AutoKSearchSpace((4,), (2, 3))
    source = ConstantNode(Dense(7), "d7")
    space.connect(space.input_nodes[0], source)
    ends = [ConstantNode(Dense(units), f"d{units}") for units in (2, 3)]
    for end in ends:
        space.connect(source, end)
    offered = ConstantNode(Dense(11), "d11")
    space.connect(source, offered)
    choice = variable("choice", Tensor([]), Connect(space, offered))
    space.connect(choice, ends[0])
    space.set_ops([0])
    model = space.create_model()
    assert model.output_shape == (None, 2, 3)
    assert model.get_layer("output.dense").kernel.shape == (5, 6)
    assert space.describe()["outputs"] == ["output"]
