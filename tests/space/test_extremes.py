"""The smallest and the largest network of a space."""

import itertools

import pytest

from xnas.space import (
    ConstantNode,
    Dense,
    Identity,
    KSearchSpace,
    SpaceError,
    VariableNode,
    Zero,
)
from xnas.space.extremes import find_extremes


def make_space(*operations, n_nodes=3):
    space = KSearchSpace((6,), (2,))
    before = space.input_nodes[0]
    for i in range(n_nodes):
        node = VariableNode(name=f"node_{i}")
        for operation in operations:
            node.add_op(operation)
        space.connect(before, node)
        before = node
    space.connect(before, output := ConstantNode(Dense(2, "softmax"), name="output"))
    assert output
    return space


def count(space, genotype):
    space.set_ops(genotype)
    return space.create_model().count_params()


def test_they_are_those_of_trying_every_network():
    space = make_space(Dense(9), Dense(3), Identity())
    found = find_extremes(space, seconds=60)
    sizes = [count(space, g) for g in itertools.product(range(3), repeat=3)]
    assert found.smallest.n_parameters == min(sizes)
    assert found.largest.n_parameters == max(sizes)
    for sized in (found.smallest, found.largest):
        assert count(space, sized.genotype) == sized.n_parameters


def test_networks_without_a_path_are_left_out():
    space = make_space(Zero(), Dense(3), Dense(5))
    found = find_extremes(space, seconds=60)
    assert 0 not in found.smallest.genotype
    assert found.largest.genotype == (2, 2, 2)


def test_a_space_without_a_path_is_told():
    with pytest.raises(SpaceError, match="no network tried"):
        find_extremes(make_space(Zero()), seconds=60)


def test_one_network_is_built_even_without_time():
    found = find_extremes(make_space(Dense(3), Dense(5)), seconds=0)
    assert found.n_tried == 1
    assert found.smallest == found.largest
