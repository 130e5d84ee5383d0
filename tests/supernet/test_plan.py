"""Which spaces go into one graph, which nodes are alike, what networks consist of."""

import keras
import numpy as np
import pytest
from small_spaces import (
    N_CLASSES,
    NormedDense,
    choosing,
    in_a_row,
    make_task,
    mixed_space,
    small_cells,
    tables_task,
)

from xnas.declarations.keras_names import OPTIMIZERS
from xnas.space import (
    Add,
    AutoKSearchSpace,
    Connect,
    ConstantNode,
    Dense,
    Dropout,
    Identity,
    MirrorNode,
    Operation,
    VariableNode,
    Zero,
)
from xnas.supernet.errors import UnsupportedSpaceError
from xnas.supernet.network import Supernet
from xnas.supernet.plan import SupernetPlan
from xnas.supernet.training import check_supported
from xnas.training.initial import fresh_network


def head():
    return ConstantNode(Dense(N_CLASSES, "softmax"), "head")


def assert_unsupported(space, reason):
    with pytest.raises(UnsupportedSpaceError, match=reason):
        SupernetPlan(space)


def test_choices_of_unequal_shape_are_refused():
    space = in_a_row(choosing("first", Dense(4), Dense(5)), head())
    assert_unsupported(space, "'first' has choices of unequal output shape")


def test_a_choice_that_passes_nothing_on_has_any_shape():
    SupernetPlan(in_a_row(choosing("first", Dense(4), Zero()), head()))


def test_a_merge_of_inputs_that_some_networks_lack_is_refused():
    space = AutoKSearchSpace((6,), (N_CLASSES,))
    for name, other in (("first", Zero()), ("second", Identity())):
        space.connect(space.input_nodes[0], choosing(name, Dense(6), other))
    assert_unsupported(space, "'output_merge' merges inputs that some networks lack")


def test_a_sum_of_inputs_that_some_networks_lack_is_taken():
    space = AutoKSearchSpace((6,), (N_CLASSES,))
    total = ConstantNode(Add(), "total")
    for name in ("first", "second"):
        node = choosing(name, Dense(6), Zero())
        space.connect(space.input_nodes[0], node)
        space.connect(node, total)
    SupernetPlan(space)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"kernel_regularizer": "l2"}, "is regularised|a loss of its own"),
        ({"bias_regularizer": "l1"}, "is regularised|a loss of its own"),
        ({"activity_regularizer": "l2"}, "is regularised|a loss of its own"),
        ({"kernel_constraint": "non_neg"}, "constrains its weights"),
        ({"dtype": "float16"}, "keeps a variable of type float16"),
    ],
)
def test_a_layer_with_what_cannot_be_carried_is_refused(arguments, reason):
    first = choosing("first", Dense(6), Dense(6, **arguments))
    assert_unsupported(in_a_row(first, head()), reason)


class Costly(keras.layers.Dense):
    """A dense layer that adds a loss where it is called."""

    def call(self, inputs):
        """Apply it."""
        self.add_loss(keras.ops.mean(inputs**2))
        return super().call(inputs)


def test_a_layer_that_adds_a_loss_where_it_is_called_is_refused():
    first = choosing("first", Operation(Costly(6, name="costly")), Dense(6))
    assert_unsupported(in_a_row(first, head()), "adds a loss of its own")


def test_a_layer_that_writes_on_its_trained_weights_is_refused():
    normed = keras.layers.SpectralNormalization(keras.layers.Dense(6))
    first = choosing("first", Operation(normed), Dense(6))
    assert_unsupported(in_a_row(first, head()), "writes on its trained weights")


def test_a_layer_of_ones_own_that_gives_an_output_alone_is_taken():
    class Plain(keras.layers.Dense):
        pass

    SupernetPlan(in_a_row(choosing("first", Operation(Plain(6)), Dense(6)), head()))


def test_a_layer_whose_mask_later_nodes_would_need_is_refused():
    words = ConstantNode(keras.layers.Embedding(9, 4, mask_zero=True), "words")
    steps = choosing("steps", keras.layers.LSTM(4), keras.layers.GRU(4))
    assert_unsupported(in_a_row(words, steps, head()), "masks what follows")


def test_an_output_node_with_a_choice_is_refused():
    last = choosing("last", Dense(N_CLASSES, "softmax"), Dense(N_CLASSES))
    assert_unsupported(in_a_row(last), "the output node has a choice")


def two_inputs_through(operation, other):
    """Mirror a node beside it: nothing says which of both is applied first."""
    space = AutoKSearchSpace([(6,), (6,)], (N_CLASSES,))
    first = choosing("first", operation, other)
    space.connect(space.input_nodes[0], first)
    space.connect(space.input_nodes[1], MirrorNode(first, "mirror"))
    return space


@pytest.mark.parametrize("operation", [NormedDense(), Dropout(0.5)])
def test_a_mirror_of_what_keeps_state_is_refused_where_its_turn_is_open(operation):
    space = two_inputs_through(Dense(6), operation)
    assert_unsupported(space, "'first' keeps statistics .* which is applied first")


@pytest.mark.parametrize("operation", [NormedDense(), Dropout(0.5)])
def test_a_mirror_of_what_keeps_state_is_taken_after_it(operation):
    first = choosing("first", operation, Identity())
    between = choosing("between", Dense(6), Identity())
    SupernetPlan(in_a_row(first, between, MirrorNode(first, "mirror"), head()))


def test_a_mirror_beside_what_keeps_no_state_is_taken():
    SupernetPlan(two_inputs_through(Dense(6), Identity()))


@pytest.mark.parametrize("name", ["lamb", "Muon", "adafactor"])
def test_optimizers_that_look_at_whole_weights_are_refused(name):
    with pytest.raises(UnsupportedSpaceError, match=f"{name.lower()} looks at each"):
        check_supported(tables_task(optimizer=name).training_settings())


@pytest.mark.parametrize("arguments", [{"clipnorm": 1.0}, {"use_ema": True}])
def test_arguments_that_look_at_whole_weights_are_refused(arguments):
    task = tables_task(optimizer="adam", optimizer_kwargs=arguments)
    with pytest.raises(
        UnsupportedSpaceError, match=f"adam has {next(iter(arguments))}"
    ):
        check_supported(task.training_settings())


def test_a_callback_that_saves_the_network_is_refused():
    task = tables_task(callbacks={"ModelCheckpoint": {"filepath": "best.keras"}})
    with pytest.raises(UnsupportedSpaceError, match="saves the network"):
        check_supported(task.training_settings())


@pytest.mark.parametrize(
    "name", [name for name in OPTIMIZERS if name not in ("adafactor", "lamb", "muon")]
)
def test_all_other_optimizers_are_taken(name):
    check_supported(tables_task(optimizer=name).training_settings())


def test_the_compiled_trainer_refuses_what_its_graph_cannot_hold():
    from xnas.evaluation.compiled_trainer import CompiledTrainer

    def load(n_train, n_valid):
        X = np.zeros((3, 6), np.float32)
        return (X, np.arange(3)), (X, np.arange(3))

    def space(input_shape, output_shape):
        first = VariableNode("first")
        first.add_op(Dense(4))
        first.add_op(Dense(5))
        return in_a_row(first, head(), input_shape=input_shape)

    with pytest.raises(UnsupportedSpaceError, match="unequal output shape"):
        CompiledTrainer(make_task(space, load))


def branch_sets(space):
    return {id(n.operations) for n in SupernetPlan(space).nodes if not n.is_sum}


def test_equal_nodes_share_their_branches_however_many_there_are():
    counts = [
        len(branch_sets(small_cells((4, 4, 1), (3,), 4, stack_size=n)))
        for n in (1, 2, 4)
    ]
    # A cell's edges in each of three stages, two reductions, stem, head.
    assert counts == [3 + 2 + 1 + 1] * 3


def test_nodes_share_no_branches_where_shapes_or_operations_differ():
    first, second = choosing("a", Dense(6), Zero()), choosing("b", Zero(), Dense(6))
    assert len(branch_sets(in_a_row(first, second, head()))) == 3
    first, second = choosing("a", Dense(5), Zero()), choosing("b", Dense(5), Zero())
    assert len(branch_sets(in_a_row(first, second, head()))) == 3


def random_genotypes(space, count, seed=0):
    rng = np.random.default_rng(seed)
    highest = np.array([high for _, high in space.choices()])
    found = []
    while len(found) < count:
        genotype = tuple(int(c) for c in rng.integers(0, highest + 1))
        if space.is_connected(genotype):
            found.append(genotype)
    return found


@pytest.mark.parametrize(
    ("space", "count"),
    [(mixed_space(), 25), (small_cells((4, 4, 1), (3,)), 25)],
    ids=["mixed", "cells"],
)
def test_parameters_and_their_names_are_those_of_the_plain_network(space, count):
    supernet = Supernet(space)
    genotypes = random_genotypes(space, count)
    found = []
    for genotype in genotypes:
        supernet.choose(genotype, 0)
        names = supernet.weights_by_name()
        sizes = {name: value.shape for name, value in names.items()}
        found.append((supernet.count_params(), sizes))
    for genotype, (parameters, sizes) in zip(genotypes, found, strict=True):
        space.set_ops(genotype)
        model = space.create_model()
        assert parameters == model.count_params(), genotype
        assert sizes == {
            f"{layer.name}/{index}": tuple(variable.shape)
            for layer in model.layers
            for index, variable in enumerate(layer.variables)
        }, genotype


def test_dead_paths_are_no_part_of_a_network():
    # Edges (1,0), (2,0), (2,1), (3,0), (3,1), (3,2): node 1 feeds nothing, and
    # nothing arrives at node 2.
    space = small_cells((4, 4, 1), (3,), n_nodes=4)
    genotype = (0, 3, 3, 4, 3, 0)
    supernet = Supernet(space)
    supernet.choose(genotype, 0)
    scopes = {node.scope for node, _ in supernet.active}
    assert "cell_0.edge_3" in scopes
    assert not {"cell_0.edge_0", "cell_0.edge_5"} & scopes
    expected = fresh_network(space, genotype, 0)
    assert supernet.count_params() == expected.count_params()
    X = np.random.default_rng(0).normal(size=(5, 4, 4, 1)).astype("float32")
    supernet.choose(genotype, 0)
    np.testing.assert_allclose(
        supernet(X, training=False), expected(X, training=False), rtol=1e-5, atol=1e-6
    )


def test_a_number_of_used_weights_is_that_of_the_trained_ones():
    space = mixed_space()
    supernet = Supernet(space)
    for genotype in random_genotypes(space, 5, seed=1):
        supernet.choose(genotype, 0)
        space.set_ops(genotype)
        weights = space.create_model().trainable_variables
        expected = sum(int(np.prod(weight.shape)) for weight in weights)
        assert int(supernet.used.numpy().sum()) == expected


def test_a_mirror_where_other_choices_are_cut_off_is_refused():
    space = AutoKSearchSpace([(6,), (6,)], (N_CLASSES,))
    apart, also = space.input_nodes
    first = choosing("first", Identity(), Connect(space, apart))
    mirror, total = MirrorNode(first, "mirror"), ConstantNode(Add(), "total")
    space.add_node(first)
    space.connect(also, mirror)
    for node in (first, mirror):
        space.connect(node, total)
    assert_unsupported(space, "'first' is mirrored where other choices are cut off")
