"""Which trainer a run gets follows from its settings alone."""

import numpy as np
import pytest

from xnas.evaluation.trainer_choice import choose_trainer
from xnas.problem import NaProblem
from xnas.search_space_common import nas_bench_201_search_space
from xnas.tasks import load_task_data


def create_search_space(input_shape=(8, 8, 1), output_shape=(10,)):
    return nas_bench_201_search_space(input_shape, output_shape, stack_size=1)


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
def choose(problem):
    data = load_task_data(problem)

    def choice(asked="auto", max_evals=400, num_workers=2, **hyperparameters):
        task = problem.with_hyperparameters(**hyperparameters)
        return choose_trainer(
            asked, task, data, max_evals=max_evals, num_workers=num_workers
        )

    return choice


def test_a_search_of_many_short_trainings_is_compiled(choose):
    assert choose().trainer == "compiled"


def test_a_search_of_one_network_a_worker_is_not(choose):
    assert choose(max_evals=2).trainer == "plain"
    assert choose(max_evals=400, num_workers=400).trainer == "plain"


def test_without_a_limit_of_evaluations_many_are_expected(choose):
    assert choose(max_evals=None).trainer == "compiled"


def test_long_training_outweighs_the_tracing_of_networks(choose):
    assert choose(num_epochs=20_000).trainer == "plain"


def test_what_is_asked_for_is_taken(choose):
    assert choose("plain").trainer == "plain"
    assert choose("compiled", max_evals=1).trainer == "compiled"


def test_what_the_compiled_trainer_cannot_do_is_told(choose):
    choice = choose("compiled", optimizer="lamb")
    assert choice.trainer == "plain"
    assert "lamb" in choice.reason


def test_choices_of_unequal_shape_are_trained_the_plain_way():
    from experiments.pairs.problem import Problem

    choice = choose_trainer(
        "compiled", Problem, load_task_data(Problem), max_evals=9, num_workers=1
    )
    assert choice.trainer == "plain"
    assert "'see_1'" in choice.reason


def test_the_same_settings_get_the_same_trainer_and_reason(choose):
    assert choose() == choose()
