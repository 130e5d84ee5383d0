"""A task of pictures with everything that makes training in full difficult.

Bytes that are normalised, dropout, augmentation, and test data.
"""

import numpy as np

from xnas.problem import NaProblem
from xnas.search_space_common import (
    Activation,
    ConstantNode,
    Dense,
    Dropout,
    Flatten,
    Identity,
    KSearchSpace,
    Operation,
    VariableNode,
)
from xnas.training.images import Normalize, RandomCrop

SIDE, N_CLASSES = 6, 3


def own_activation(x):
    """Double the input: nothing that Keras knows."""
    return 2 * x


def pictures(size, seed):
    """A bright column on noise; the class is its place."""
    rng = np.random.default_rng(seed)
    y = np.arange(size) % N_CLASSES
    X = rng.integers(0, 100, (size, SIDE, SIDE, 1)).astype(np.uint8)
    X[np.arange(size), :, 2 * y] += 120
    return X, y


def load_data():
    return pictures(60, 0), pictures(30, 1), pictures(21, 2)


def load_without_test():
    return load_data()[:2]


def narrow_space(input_shape=(SIDE, SIDE, 1), output_shape=(N_CLASSES,)):
    return create_search_space(input_shape, output_shape)


def create_search_space(
    input_shape=(SIDE, SIDE, 1), output_shape=(N_CLASSES,), filter_scale_factor=1
):
    import keras

    filters = round(4 * filter_scale_factor)
    space = KSearchSpace(input_shape, output_shape)
    see = VariableNode("see")
    for size in (3, 1):
        layer = keras.layers.Conv2D(filters, size, padding="same")
        see.add_op(Operation(layer, name=f"conv{size}"))
    see.add_op(Identity())
    use = VariableNode("use")
    use.add_op(Dropout(0.3))
    use.add_op(Identity())
    steps = [
        see,
        ConstantNode(Activation("relu"), "relu"),
        use,
        ConstantNode(Flatten(), "flatten"),
        ConstantNode(Dense(N_CLASSES, "softmax"), "output"),
    ]
    for before, node in zip([space.input_nodes[0], *steps], steps, strict=False):
        space.connect(before, node)
    return space


def own_space(input_shape=(SIDE, SIDE, 1), output_shape=(N_CLASSES,)):
    """A space with an activation that Keras does not know."""
    space = KSearchSpace(input_shape, output_shape)
    see = VariableNode("see")
    see.add_op(Activation("relu"))
    see.add_op(Activation(own_activation))
    steps = [
        see,
        ConstantNode(Flatten(), "flatten"),
        ConstantNode(Dense(N_CLASSES, "softmax"), "output"),
    ]
    for before, node in zip([space.input_nodes[0], *steps], steps, strict=False):
        space.connect(before, node)
    return space


def make_problem(load=load_data, space=create_search_space, **hyperparameters):
    problem = NaProblem()
    problem.load_data(load)
    problem.search_space(space)
    problem.preprocessing(Normalize(mean=(0.4,), std=(0.3,), scale=255))
    problem.augment(RandomCrop(padding=1))
    usual = {"batch_size": 16, "learning_rate": 0.02, "num_epochs": 4}
    problem.hyperparameters(**{**usual, **hyperparameters})
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    problem.classes(["left", "<b>middle</b>", "right"])
    return problem


Problem = make_problem()
Own = make_problem(load_without_test, own_space, num_epochs=1)
WithoutTest = make_problem(load_without_test, narrow_space)
Diverging = make_problem(learning_rate=1e30, optimizer="sgd", schedule="constant")
