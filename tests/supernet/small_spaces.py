"""Spaces and tasks small enough to train every network in a blink."""

import numpy as np

from xnas.problem import NaProblem
from xnas.space import (
    Add,
    AutoKSearchSpace,
    Concatenate,
    Connect,
    ConstantNode,
    Dense,
    Dropout,
    KSearchSpace,
    MimeNode,
    MirrorNode,
    Operation,
    VariableNode,
    Zero,
    nas_bench_201_search_space,
)

N_CLASSES = 3


def choosing(name, *operations):
    """Make a node that chooses."""
    node = VariableNode(name)
    for operation in operations:
        node.add_op(operation)
    return node


def in_a_row(*nodes, input_shape=(6,), output_shape=(N_CLASSES,)):
    """Make a space of nodes one after the other, the last one its output."""
    space = KSearchSpace(input_shape, output_shape)
    before = space.input_nodes[0]
    for node in nodes:
        space.connect(before, node)
        before = node
    return space


class NormedDense(Operation):
    """Dense layer, batch normalisation, activation."""

    def layers(self, scope):
        """Make the three layers."""
        import keras

        return [
            keras.layers.Dense(6, use_bias=False, name=f"{scope}.dense"),
            keras.layers.BatchNormalization(momentum=0.9, name=f"{scope}.norm"),
            keras.layers.Activation("relu", name=f"{scope}.relu"),
        ]


def mixed_space(input_shape=((6,), (4,)), output_shape=(N_CLASSES,)):
    """Two inputs; choices that are mirrored and mimed; sums; skips; ends merged."""
    space = AutoKSearchSpace(list(input_shape), output_shape)
    left, right = space.input_nodes
    widened = ConstantNode(Dense(6, "tanh"), "widened")
    first = choosing(
        "first", Dense(6, "relu"), NormedDense(), Dropout(0.3), Dense(6, use_bias=False)
    )
    again = MirrorNode(first, "again")  # norms and drops twice, one after the other
    mime = MimeNode(first, "mime")
    second = choosing("second", Zero(), NormedDense(), Dense(6, "sigmoid"))
    beside = MirrorNode(widened, "beside")
    skip = choosing("skip", Zero(), Connect(space, left), Connect(space, widened))
    total = ConstantNode(Add(), "total")
    short = ConstantNode(Dense(4, "relu"), "short")
    both = ConstantNode(Concatenate(space, [again, beside]), "both")
    for source, node in (
        (right, widened),
        (left, first),
        (first, again),
        (again, mime),
        (widened, second),
        (right, beside),
        (mime, total),
        (second, total),
        (skip, total),
        (both, short),
    ):
        space.connect(source, node)
    return space


def narrow_space(input_shape=(6,), output_shape=(N_CLASSES,)):
    """Two choices in a row."""
    first = choosing("first", NormedDense(), Dense(6, "relu"))
    second = choosing("second", Dense(6, "tanh"), NormedDense())
    space = AutoKSearchSpace(input_shape, output_shape)
    space.connect(space.input_nodes[0], first)
    space.connect(first, second)
    return space


def make_tables(size, seed):
    """Make two inputs of blobs."""
    rng = np.random.default_rng(seed)
    y = np.arange(size) % N_CLASSES
    X = rng.normal(size=(size, 10)).astype(np.float32)
    X[np.arange(size), y] += 2
    return {"input_0": X[:, :6], "input_1": X[:, 6:]}, y


def make_pictures(size, seed, side=4):
    """Make pictures of noise with a bright row for each class."""
    rng = np.random.default_rng(seed)
    y = np.arange(size) % N_CLASSES
    X = rng.normal(size=(size, side, side, 2)).astype(np.float32)
    X[np.arange(size), y] += 2
    return X, y


def load_tables(n_train=16, n_valid=15):
    return make_tables(n_train, 0), make_tables(n_valid, 1)


def load_table(n_train=16, n_valid=15):
    return tuple((x["input_0"], y) for x, y in load_tables(n_train, n_valid))


def load_pictures(n_train=16, n_valid=15):
    return make_pictures(n_train, 0), make_pictures(n_valid, 1)


def make_task(space, load, objective="val_acc__last", sizes=(16, 15), **settings):
    """Make a task out of a space's function and a loader."""
    problem = NaProblem()
    problem.load_data(load, n_train=sizes[0], n_valid=sizes[1])
    problem.search_space(space)
    usual = {"batch_size": 16, "learning_rate": 0.05, "num_epochs": 2}
    problem.hyperparameters(**{**usual, **settings})
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective(objective)
    return problem


def tables_task(objective="val_acc__last", sizes=(16, 15), **settings):
    """Make a task on :func:`mixed_space`."""
    return make_task(mixed_space, load_tables, objective, sizes, **settings)


def small_cells(input_shape, output_shape, n_nodes=3, stack_size=1):
    """Make NAS-Bench-201's space with few nodes and filters."""
    return nas_bench_201_search_space(
        input_shape,
        output_shape,
        n_nodes=n_nodes,
        stack_size=stack_size,
        filter_scale_factor=0.125,
    )


def table_task(objective="val_acc__last", sizes=(16, 15), **settings):
    """Make a task on :func:`narrow_space`."""
    return make_task(narrow_space, load_table, objective, sizes, **settings)


def pictures_task(objective="val_acc__last", sizes=(16, 15), **settings):
    """Make a task on NAS-Bench-201's space."""
    return make_task(small_cells, load_pictures, objective, sizes, **settings)
