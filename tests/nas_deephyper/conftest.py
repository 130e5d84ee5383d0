"""A task whose search space is real and whose evaluations are instant."""

import numpy as np
import pytest

from xnas.problem import NaProblem
from xnas.search_space_common import nas_bench_201_search_space


def create_search_space(input_shape=(8, 8, 1), output_shape=(10,), **kwargs):
    return nas_bench_201_search_space(input_shape, output_shape, stack_size=1, **kwargs)


def load_data():
    X = np.zeros((20, 8, 8, 1), dtype=np.float32)
    y = np.tile(np.arange(10), 2)
    return (X, y), (X, y)


@pytest.fixture
def problem():
    problem = NaProblem()
    problem.load_data(load_data)
    problem.search_space(create_search_space)
    problem.hyperparameters(batch_size=4, learning_rate=0.1, num_epochs=1)
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    return problem


@pytest.fixture
def small_problem(problem):
    """Three edges only: 125 genotypes, of which 110 are connected or so."""
    problem.search_space(create_search_space, n_nodes=3)
    return problem
