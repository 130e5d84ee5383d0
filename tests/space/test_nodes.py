"""How nodes read a choice and whom they follow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.space import (
    ConstantNode,
    Identity,
    MimeNode,
    MirrorNode,
    Operation,
    SpaceError,
    VariableNode,
    Zero,
)


def node_with(n, name="node"):
    node = VariableNode(name)
    for i in range(n):
        node.add_op(Identity(f"op_{i}"))
    return node


@given(n=st.integers(1, 300), x=st.floats(0, 1, exclude_max=True))
def test_a_float_picks_the_operation_whose_share_of_0_to_1_it_is_in(n, x):
    choice = node_with(n).denormalize(x)
    assert 0 <= choice < n
    assert choice == np.floor(x * n)


@given(n=st.integers(1, 50), data=st.data())
def test_a_whole_number_picks_itself(n, data):
    choice = data.draw(st.integers(0, n - 1))
    assert node_with(n).denormalize(choice) == choice
    assert node_with(n).denormalize(np.int32(choice)) == choice


@pytest.mark.parametrize("index", [-1, 5, 1.0, -0.1, float("nan"), True, False, "1"])
def test_what_picks_nothing_is_told_with_the_node_and_the_range(index):
    with pytest.raises(SpaceError, match=rf"'edge_3'.*{index}.*0 to 4"):
        node_with(5, "edge_3").denormalize(index)


def test_a_float32_just_below_one_picks_the_last_operation():
    below = np.nextafter(np.float32(1), np.float32(0))
    assert node_with(5).denormalize(below) == 4


def test_get_op_chooses_what_it_returns():
    node = node_with(3)
    assert node.get_op(2) is node.ops[2]
    assert node.op is node.ops[2]


def test_a_node_without_a_choice_says_so():
    with pytest.raises(SpaceError, match="'node' has chosen no operation"):
        _ = node_with(3).op
    with pytest.raises(SpaceError, match="'merge' has no operation"):
        _ = ConstantNode(name="merge").op


def test_a_mime_follows_the_choice_with_operations_of_its_own():
    node = node_with(2)
    mime = MimeNode(node)
    mime.add_op(Zero("first"))
    mime.add_op(Zero("second"))
    node.set_op(1)
    assert mime.op.name == "second"


def test_a_mime_without_operations_takes_those_of_the_node():
    node = node_with(2)
    node.set_op(1)
    assert MimeNode(node).op is node.op
    assert MimeNode(node).num_ops == 2


def test_a_mirror_has_the_very_operation_of_its_node():
    node = node_with(2)
    node.set_op(0)
    assert MirrorNode(node).op is node.op


def test_only_a_variable_node_can_be_mimed():
    with pytest.raises(TypeError, match="found ConstantNode"):
        MimeNode(ConstantNode(Identity()))


def test_what_is_no_layer_is_refused_as_an_operation():
    with pytest.raises(TypeError, match="found int"):
        VariableNode("a").add_op(3)


def test_an_operation_without_layers_is_refused_rather_than_skipped():
    with pytest.raises(SpaceError, match="operation Operation has no layer"):
        Operation().build("a")


def test_slashes_do_not_reach_the_names_of_layers():
    assert VariableNode("cell/edge").scope == "cell.edge"


FACTOR = 3.0


def test_lambda_layers_are_copied_with_their_functions():
    import keras

    operation = Operation(keras.layers.Lambda(lambda x: FACTOR * x))
    for scope in ("a", "b"):
        (layer,) = operation.layers(scope)
        assert layer.name.startswith(f"{scope}.")
        assert float(layer(np.ones(1))[0]) == FACTOR


def test_lambda_layers_are_never_taken_for_each_other():
    import keras

    def times(factor):
        def scale(x):
            return factor * x

        return Operation(keras.layers.Lambda(scale))

    assert times(1).signature() is None
    assert times(1).signature() is times(2).signature()


def test_a_layer_that_cannot_be_copied_is_told_in_one_sentence():
    import keras

    class Unknown(keras.layers.Layer):
        def __init__(self, function):
            super().__init__()
            self.function_of_one = function

    class Strict(keras.layers.Layer):
        def __init__(self, units):
            super().__init__()

    sentence = "Unknown has no get_config, expected one that returns .* gets a copy$"
    with pytest.raises(SpaceError, match=sentence):
        Operation(Unknown(lambda x: x)).layers("a")
    sentence = "Strict cannot be copied.*'trainable'.*expected an __init__ that takes"
    with pytest.raises(SpaceError, match=sentence):
        Operation(Strict(3)).layers("a")
