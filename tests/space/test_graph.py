"""What a space answers, and the graphs and choices it refuses."""

import cloudpickle
import pytest

from xnas.space import (
    Add,
    AddByProjecting,
    Connect,
    ConstantNode,
    Dense,
    Identity,
    KSearchSpace,
    MimeNode,
    MirrorNode,
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


@pytest.fixture
def space():
    """Two parallel edges of two choices each, that can both be cut."""
    space = KSearchSpace((4,), (4,))
    end = ConstantNode(Add(), "end")
    for name in ("left", "right"):
        edge = variable(name, Dense(4), Zero())
        space.connect(space.input_nodes[0], edge)
        space.connect(edge, end)
    return space


def test_variable_nodes_come_in_the_order_they_were_added(space):
    assert [node.name for node in space.variable_nodes] == ["left", "right"]
    assert space.choices() == [(0, 1), (0, 1)]
    assert (space.size, space.num_nodes, space.max_num_ops) == (4, 2, 2)
    assert space.output_node.name == "end"


def test_choices_are_held_by_the_nodes(space):
    space.set_ops([0, 1])
    space.variable_nodes[0].set_op(1)
    assert not space.is_connected()


def test_asking_about_others_leaves_the_choices_alone(space):
    space.set_ops([0, 1])
    indexes = [1, 0.9]
    assert not space.is_connected(indexes)
    assert indexes == [1, 0.9]
    assert space.is_connected()
    assert [node.index for node in space.variable_nodes] == [0, 1]


def test_choices_that_are_refused_change_nothing(space):
    space.set_ops([0, 1])
    with pytest.raises(SpaceError):
        space.set_ops([1, 7])
    assert [node.index for node in space.variable_nodes] == [0, 1]


@pytest.mark.parametrize("indexes", [[], [0], [0, 1, 0]])
def test_a_wrong_number_of_choices_is_told_with_both_numbers(space, indexes):
    with pytest.raises(SpaceError, match=f"{len(indexes)} choices found, expected 2"):
        space.set_ops(indexes)
    with pytest.raises(SpaceError, match="expected 2"):
        space.is_connected(indexes)


def test_nothing_is_answered_before_a_choice(space):
    for ask in (space.is_connected, space.create_model):
        with pytest.raises(SpaceError, match="'left' has chosen no operation"):
            ask()


def test_the_graph_may_change_after_it_was_asked(space):
    assert space.is_connected([1, 0])
    space.variable_nodes[1].add_op(Identity())
    assert space.is_connected([1, 2])
    space.connect(space.output_node, ConstantNode(Identity(), "later"))
    assert space.output_node.name == "later"
    space.output_node.set_op(Zero())
    assert not space.is_connected([0, 0])


def test_a_pickled_space_answers_the_same(space):
    space.set_ops([0, 1])
    copy = cloudpickle.loads(cloudpickle.dumps(space))
    assert copy.describe() == space.describe()
    assert copy.is_connected()
    assert not copy.is_connected([1, 1])
    copy.variable_nodes[0].add_op(Zero())
    assert (copy.size, space.size) == (6, 4)


def test_a_cycle_is_refused_where_it_closes(space):
    with pytest.raises(SpaceError, match="connecting 'end' to 'left' closes a cycle"):
        space.connect(space.output_node, space.variable_nodes[0])
    with pytest.raises(SpaceError, match="cycle"):
        space.connect(space.output_node, space.output_node)
    assert space.is_connected([0, 0])


def test_a_cycle_that_only_a_choice_would_close_is_refused(space):
    space.variable_nodes[0].add_op(Connect(space, space.output_node))
    with pytest.raises(SpaceError, match=r"'(left|end)', '(left|end)' form a cycle"):
        space.is_connected([0, 0])


def test_a_node_that_no_input_reaches_is_named(space):
    space.connect(ConstantNode(Identity(), "island"), space.output_node)
    with pytest.raises(SpaceError, match="'island' is reached from no input"):
        space.is_connected([0, 0])


def test_several_ends_are_named(space):
    space.connect(space.variable_nodes[0], ConstantNode(Identity(), "other"))
    with pytest.raises(SpaceError, match="'end', 'other' feed no other"):
        space.is_connected([0, 0])


def test_an_input_without_a_connection_is_named():
    space = KSearchSpace([(4,), (4,)], (4,))
    space.connect(space.input_nodes[0], ConstantNode(Identity(), "end"))
    with pytest.raises(SpaceError, match="input 'input_1' is connected to no node"):
        space.is_connected([])


def test_a_node_without_operation_is_named(space):
    space.connect(space.output_node, VariableNode("empty"))
    with pytest.raises(SpaceError, match="'empty' has no operation"):
        space.choices()
    with pytest.raises(SpaceError, match="'empty' has no operation"):
        space.describe()


def test_a_mime_with_another_number_of_operations_is_refused(space):
    mime = MimeNode(space.variable_nodes[0], "mime")
    mime.add_op(Identity())
    space.connect(space.output_node, mime)
    with pytest.raises(SpaceError, match="'mime' has 1 choices, expected 2 as 'left'"):
        space.is_connected([0, 0])


@pytest.mark.parametrize("kind", [MimeNode, MirrorNode])
def test_a_node_that_follows_one_outside_the_space_is_refused(space, kind):
    follower = kind(variable("stranger", Identity()), "follower")
    space.connect(space.output_node, follower)
    with pytest.raises(SpaceError, match="'follower' follows 'stranger'"):
        space.is_connected([0, 0])


def test_names_are_unique_and_made_up_where_missing(space):
    with pytest.raises(SpaceError, match="two nodes are named 'left'"):
        space.add_node(VariableNode("left"))
    space.add_node(VariableNode("node_5"))
    nodes = [VariableNode(), VariableNode()]
    for node in nodes:
        space.add_node(node)
    assert len({node.name for node in space.nodes}) == len(space.nodes)
    assert all(node.name for node in nodes)


def test_names_of_layers_are_unique(space):
    twin = ConstantNode(Identity(), "twin", scope="left")
    space.connect(space.output_node, twin)
    with pytest.raises(SpaceError, match="two nodes name their layers 'left'"):
        space.is_connected([0, 0])


def test_names_of_nodes_that_only_slashes_tell_apart_are_refused_by_name(space):
    for name in ("a/b", "a.b"):
        space.connect(space.output_node, ConstantNode(Identity(), name))
    with pytest.raises(SpaceError, match=r"'a\.b', 'a/b' and 'a\.b', expected unique"):
        space.is_connected([0, 0])


def test_what_is_no_node_is_refused(space):
    with pytest.raises(TypeError, match="found Dense"):
        space.connect(space.output_node, Dense(4))


def test_a_tensor_of_its_own_is_refused(space):
    space.connect(space.output_node, ConstantNode(Tensor((4,)), "constant"))
    with pytest.raises(SpaceError, match="'constant' holds a tensor"):
        space.is_connected([0, 0])


def test_nodes_that_a_merge_stacks_get_connected_in_order(space):
    left, right = space.variable_nodes
    merge = ConstantNode(name="merge")
    merge.set_op(AddByProjecting(space, [right, left]))
    assert list(space.graph.predecessors(merge)) == [right, left]


@pytest.mark.parametrize(
    ("input_shape", "output_shape", "words"),
    [
        ((4.5,), (1,), "input_shape is"),
        ((), (1,), "input_shape is"),
        (None, (1,), "input_shape is None"),
        ((0, 3), (1,), "input_shape is"),
        ([], (1,), r"input_shape is \[\]"),
        ([(4,), 3], (1,), r"input_shape\[1\] is 3"),
        ((4,), 10, "output_shape is 10"),
    ],
)
def test_shapes_that_are_none_are_named(input_shape, output_shape, words):
    with pytest.raises(SpaceError, match=words):
        KSearchSpace(input_shape, output_shape)
