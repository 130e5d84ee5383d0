"""What was worked out of a space holds for what the space has become since."""

import pytest

from xnas.search_space_common import nas_bench_201_search_space
from xnas.space import (
    AddByProjecting,
    AutoKSearchSpace,
    ConstantNode,
    Dense,
    Dropout,
    Identity,
    KSearchSpace,
    MimeNode,
    Operation,
    VariableNode,
    Zero,
)

CONV, SMALL_CONV, POOL, NOTHING, SKIP = range(5)


def nas_bench_201():
    space = nas_bench_201_search_space((6, 6, 1), (3,), stack_size=1)
    space.canonical_form([CONV] * 6)  # whatever is kept is there
    return space


class Doubling(Operation):
    """Says what it does, so that its networks can be compared."""

    def signature(self):
        return "doubling"


def chain(*operations):
    """Make a space of one node that chooses."""
    space = KSearchSpace((4,), (4,))
    node = VariableNode("choice")
    for operation in operations:
        node.add_op(operation)
    space.connect(space.input_nodes[0], node)
    return space, node


def test_an_operation_added_to_nas_bench_201_can_be_compared():
    space = nas_bench_201()
    for node in space.nodes:
        if isinstance(node, (VariableNode, MimeNode)):
            node.add_op(Doubling())
    genotypes = [[choice, *[SKIP] * 5] for choice in range(6)]
    assert len({space.canonical_form(genotype) for genotype in genotypes}) == 6


def test_a_choice_added_to_nas_bench_201_tells_networks_apart():
    space = nas_bench_201()
    more = VariableNode("more")
    more.add_op(Identity())
    more.add_op(Doubling())
    space.connect(space.output_node, more)
    one, other = [SKIP] * 6 + [0], [SKIP] * 6 + [1]
    assert space.canonical_form(one) != space.canonical_form(other)
    assert space.canonical_form(one) == space.canonical_form(one)


def test_a_connection_added_to_nas_bench_201_tells_networks_apart():
    space = nas_bench_201()
    # In a cell alone, node 2 by a convolution of node 0 or of an equal node 1 is the
    # same; not where something else flows into node 1.
    one = [SKIP, CONV, NOTHING, NOTHING, NOTHING, SKIP]
    other = [SKIP, NOTHING, CONV, NOTHING, NOTHING, SKIP]
    assert space.canonical_form(one) == space.canonical_form(other)
    by_name = {node.name: node for node in space.nodes}
    space.connect(by_name["cell_0.node_1"], by_name["cell_1.node_1"])
    assert space.canonical_form(one) != space.canonical_form(other)


@pytest.mark.parametrize(
    "change",
    [
        lambda space: space.variable_nodes[0].add_op(Identity()),
        lambda space: space.add_node(ConstantNode(Identity(), "alone")),
        lambda space: space.connect(space.nodes[0], space.output_node),
        lambda space: space.output_node.set_op(Dense(3)),
    ],
    ids=["operation", "node", "connection", "constant operation"],
)
def test_every_change_of_a_space_drops_the_space_it_is_compared_in(change):
    space = nas_bench_201()
    change(space)
    assert space.compared_as is None


def test_what_changes_nothing_keeps_the_space_it_is_compared_in():
    space = nas_bench_201()
    space.add_node(space.output_node)
    space.set_ops([CONV] * 6)
    assert space.compared_as is not None


def test_every_space_hears_of_an_operation_added_to_a_node_that_they_share():
    first, node = chain(Identity())
    assert first.is_connected([0])
    second = KSearchSpace((4,), (4,))
    second.connect(second.input_nodes[0], node)
    node.add_op(Zero())
    assert not first.is_connected([1])
    assert not second.is_connected([1])


def test_operations_cannot_be_added_past_the_spaces():
    _, node = chain(Identity())
    for owner in (node, ConstantNode(Identity()), MimeNode(node)):
        assert isinstance(owner.ops, tuple)


def test_a_mime_follows_what_is_added_to_the_node_it_follows():
    space, node = chain(Identity())
    space.connect(node, MimeNode(node, "mime"))
    assert space.is_connected([0])
    node.add_op(Zero())
    assert not space.is_connected([1])
    assert len(space.plan.steps[space.plan.output].feeds) == 2


def test_a_space_that_ends_itself_ends_as_it_now_should():
    space = AutoKSearchSpace((4,), (3,))
    space.connect(space.input_nodes[0], ConstantNode(Dense(5), "layer"))
    assert space.create_model().layers[-1].activation.__name__ == "softmax"
    space.regression = True
    assert space.create_model().layers[-1].activation.__name__ == "linear"


def test_sources_of_an_operation_named_later_count():
    space, node = chain(Dropout(0.5))
    other = ConstantNode(Dense(4), "other")
    space.connect(space.input_nodes[0], other)
    merge = ConstantNode(AddByProjecting(), "merge")
    space.connect(node, merge)
    with pytest.raises(ValueError, match="feed no other"):
        _ = space.plan
    merge.set_op(AddByProjecting(space, [other]))
    assert space.is_connected([0])
