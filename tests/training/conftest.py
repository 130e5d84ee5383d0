"""A task small enough to train in a blink."""

import gc

import numpy as np
import pytest

from xnas.problem import NaProblem
from xnas.space import AutoKSearchSpace, Dense, Identity, VariableNode

N_TRAIN, N_VALID, N_FEATURES, N_CLASSES = 90, 30, 6, 3


def make_arrays(size, seed):
    """Three blobs, integer labels."""
    rng = np.random.default_rng(seed)
    y = np.arange(size) % N_CLASSES
    X = rng.normal(size=(size, N_FEATURES)).astype(np.float32)
    X[np.arange(size), y] += 4
    return X, y


def load_data():
    return make_arrays(N_TRAIN, 0), make_arrays(N_VALID, 1)


def create_search_space(input_shape=(N_FEATURES,), output_shape=(N_CLASSES,)):
    """Two choices in a row."""
    space = AutoKSearchSpace(input_shape, output_shape)
    before = space.input_nodes[0]
    for name in ("first", "second"):
        node = VariableNode(name)
        for operation in (Dense(8, "relu"), Dense(4, "tanh"), Identity()):
            node.add_op(operation)
        space.connect(before, node)
        before = node
    return space


@pytest.fixture(scope="session", autouse=True)
def _quick_collector():
    """Keep Python's collector from searching all of TensorFlow for every network."""
    import keras  # noqa: F401

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def make_problem():
    """Make a problem out of a loader, and hyperparameters beside the usual."""

    def make(load=load_data, space=create_search_space, **hyperparameters):
        problem = NaProblem()
        problem.load_data(load)
        problem.search_space(space)
        usual = {"batch_size": 16, "learning_rate": 0.05, "num_epochs": 2}
        problem.hyperparameters(**{**usual, **hyperparameters})
        problem.loss("sparse_categorical_crossentropy")
        problem.metrics(["acc"])
        problem.objective("val_acc__last")
        return problem

    return make


@pytest.fixture
def evaluate():
    """Train one network of a problem from scratch."""
    from xnas.tasks import load_task_data
    from xnas.training.loop import fresh_session, train

    def run(problem, genotype=(0, 1), seed=0, data=None, on_epoch=None):
        data = data or load_task_data(problem)
        fresh_session(seed)
        space = problem.build_space()
        space.set_ops(list(genotype))
        model = space.create_model()
        settings = problem.training_settings()
        result = train(model, settings, data, seed=seed, on_epoch=on_epoch)
        return result, model, data

    return run
