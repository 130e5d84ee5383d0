"""Spaces to draw, made without Keras."""

from xnas.space import (
    Add,
    Connect,
    ConstantNode,
    Identity,
    KSearchSpace,
    MirrorNode,
    Operation,
    VariableNode,
    Zero,
    nas_bench_201_search_space,
)


def cells(n_nodes=4, stack_size=1):
    return nas_bench_201_search_space(
        (8, 8, 1), (10,), n_nodes=n_nodes, stack_size=stack_size
    )


def pair_of_pictures():
    """Two inputs, shared weights, and a choice between nothing and a second look."""
    space = KSearchSpace([(8, 8, 1), (6,)], (3,))
    left, right = space.input_nodes
    see = VariableNode("see")
    for name in ("conv_3x3_8", "conv_5x5_16"):
        see.add_op(Operation(name=name))
    see.add_op(Identity())
    also = MirrorNode(see, "see_too")
    more = VariableNode("more")
    more.add_op(Zero())
    more.add_op(Connect(space, left, name="look back"))
    last = ConstantNode(Add(), "compare")
    for source, target in (
        (left, see),
        (right, also),
        (see, more),
        (more, last),
        (also, last),
    ):
        space.connect(source, target)
    space.connect(last, ConstantNode(Operation(name="Dense_3_softmax"), "output"))
    return space


def two_choices():
    """Describe a chain of two nodes that choose, as the rows of ``run_folders`` do."""
    space = KSearchSpace((4,), (4,))
    last = space.input_nodes[0]
    for name in ("a", "b"):
        node = VariableNode(name)
        for operation in ("one", "two", "three"):
            node.add_op(Operation(name=operation))
        space.connect(last, node)
        last = node
    space.connect(last, ConstantNode(Operation(name="Dense"), "output"))
    return space
