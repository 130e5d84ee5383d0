"""Initial values follow from the seed and from names, whatever was built before."""

import numpy as np
import pytest

from xnas.space import AutoKSearchSpace, Dense, Dropout, Identity, VariableNode
from xnas.training.initial import fresh_network


def make_space(*names, units=8):
    """A choice for each name, in a row."""
    space = AutoKSearchSpace((8,), (3,))
    before = space.input_nodes[0]
    for name in names:
        node = VariableNode(name)
        for operation in (Dense(units), Dropout(0.5), Identity(), seeded()):
            node.add_op(operation)
        space.connect(before, node)
        before = node
    return space


def seeded():
    """A layer whose author chose the seed."""
    import keras

    start = keras.initializers.RandomNormal(seed=3)
    return Dense(8, kernel_initializer=start, bias_initializer="ones")


def values(model):
    """Name of the layer and place in it to value."""
    return {
        f"{layer.name}/{index}": variable.numpy()
        for layer in model.layers
        for index, variable in enumerate(layer.variables)
    }


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@pytest.fixture(scope="module")
def both():
    """A network with all that has initial values, of seed 0."""
    return values(fresh_network(make_space("a", "b", "c"), (0, 1, 0), 0))


def test_they_do_not_hang_on_what_was_built_before(both):
    for genotype in ((3, 3, 3), (1, 1, 1)):
        fresh_network(make_space("a", "b", "c"), genotype, 7)
    again = fresh_network(make_space("a", "b", "c"), (0, 1, 0), 0)
    assert_equal(values(again), both)


def test_they_do_not_hang_on_the_rest_of_the_network(both):
    other = values(fresh_network(make_space("other", "b", "a"), (0, 1, 2), 0))
    assert_equal(
        {name: value for name, value in other.items() if name.startswith("b.")},
        {name: value for name, value in both.items() if name.startswith("b.")},
    )
    alone = values(fresh_network(make_space("a", "b"), (0, 2), 0))
    np.testing.assert_array_equal(alone["a.dense/0"], both["a.dense/0"])


def test_another_seed_gives_other_kernels_and_random_states(both):
    other = values(fresh_network(make_space("a", "b", "c"), (0, 1, 0), 1))
    for name in ("a.dense/0", "c.dense/0", "output.dense/0", "b.dropout/0"):
        assert not np.array_equal(other[name], both[name]), name


def test_another_name_gives_other_kernels_and_random_states():
    found = values(fresh_network(make_space("a", "b", "c", "d"), (0, 0, 1, 1), 0))
    found |= values(fresh_network(make_space("e", "f"), (0, 0), 0))
    assert not np.array_equal(found["b.dense/0"], found["f.dense/0"])
    assert not np.array_equal(found["c.dropout/0"], found["d.dropout/0"])


def test_kernels_are_drawn_as_keras_draws_them_and_biases_are_zero():
    space = make_space("a", units=500)
    found = values(fresh_network(space, (0,), 0))
    limit = np.sqrt(6 / (8 + 500))
    kernel = found["a.dense/0"]
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
    assert len(np.unique(kernel)) > 3900
    assert not found["a.dense/1"].any()


def test_an_initializer_with_a_seed_of_its_own_keeps_it():
    import keras

    expected = keras.initializers.RandomNormal(seed=3)((8, 8))
    for seed in (0, 1):
        found = values(fresh_network(make_space("a", "b"), (3, 2), seed))
        np.testing.assert_array_equal(found["a.dense/0"], expected)
        np.testing.assert_array_equal(found["a.dense/1"], np.ones(8))


def test_attention_starts_from_what_seed_and_name_say_in_both_trainers():
    import keras

    from xnas.supernet.network import Supernet

    class Attention(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = keras.layers.MultiHeadAttention(1, 2)

        def build(self, shape):
            self.inner.build(shape, shape)

        def call(self, x):
            return self.inner(x, x)

    space = AutoKSearchSpace((4, 2), (3,))
    node = VariableNode("a")
    for layer in (Attention(), keras.layers.EinsumDense("abc,cd->abd", (4, 2))):
        node.add_op(layer)
    space.connect(space.input_nodes[0], node)
    supernet = Supernet(space)
    for choice in (0, 1):
        first, other = (values(fresh_network(space, (choice,), i)) for i in (0, 1))
        supernet.choose((choice,), 0)
        assert_equal(supernet.weights_by_name(), first)
        kernels = [name for name, value in first.items() if value.any()]
        assert all((first[name] != other[name]).all() for name in kernels)


def test_a_layer_with_a_random_state_of_its_own_keeps_it():
    import keras

    space = make_space("a")
    space.variable_nodes[0].add_op(keras.layers.Dropout(0.5, seed=5))
    states = [values(fresh_network(space, (4,), seed)) for seed in (0, 1)]
    np.testing.assert_array_equal(states[0]["a.dropout/0"], states[1]["a.dropout/0"])


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**32 - 1])
def test_every_seed_can_be_taken(seed):
    found = values(fresh_network(make_space("a"), (0,), seed))
    assert np.isfinite(found["a.dense/0"]).all()


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_a_network_of_the_whole_space_starts_from_the_same_values(seed):
    from xnas.supernet.network import Supernet

    space = make_space("a", "b", "c")
    supernet = Supernet(space)
    genotypes = ((0, 1, 0), (3, 0, 1), (1, 2, 3))
    found = []
    for genotype in genotypes:
        supernet.choose(genotype, seed)
        found.append(supernet.weights_by_name())
    for genotype, mine in zip(genotypes, found, strict=True):
        assert_equal(mine, values(fresh_network(space, genotype, seed)))
