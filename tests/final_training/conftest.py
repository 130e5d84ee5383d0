"""Networks of the small task, trained or not."""

import pytest
import small_task

from xnas.evaluation.settings import RunSettings


@pytest.fixture
def trainable():
    """Make what :func:`train_replicate` takes."""
    from xnas.final_training.replicate import Trainable
    from xnas.tasks import load_task_data

    def make(problem=small_task.Problem, arch_seq=(0, 0), **settings):
        data = load_task_data(problem)
        run_settings = RunSettings("small_task.Problem", seed=3, **settings)
        space = problem.build_space()
        return Trainable(problem, data, space, arch_seq, run_settings, None)

    return make
