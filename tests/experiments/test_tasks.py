"""Every folder under ``experiments/`` is a task that keeps the contracts."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import experiments
from xnas.problem import NaProblem
from xnas.tasks import load_task_data

ROOT = Path(experiments.__file__).parent
TASKS = ["digits", "lines", "pairs"]  # those whose data need no download


def load(task):
    return importlib.import_module(f"experiments.{task}.problem").Problem


def join(split):
    """One row an example, to compare them."""
    return split.inputs[0].reshape(len(split.labels), -1)


@pytest.fixture(scope="module", params=TASKS)
def problem(request):
    return load(request.param)


@pytest.fixture(scope="module")
def data(problem):
    return load_task_data(problem)


def test_all_tasks_of_the_2021_tool_are_there():
    found = {path.parent.name for path in ROOT.glob("*/problem.py")}
    assert found >= {*TASKS, "mnist", "cifar10", "imagenet"}


def test_a_task_has_its_three_files_short_and_documented(problem):
    folder = Path(problem.load_data_file).parent
    for name in ("load_data.py", "search_space.py", "problem.py"):
        text = (folder / name).read_text()
        assert text.startswith('"""'), name
        assert len(text.splitlines()) < 100, name


def test_data_and_space_of_a_task_fit_each_other(problem, data):
    assert isinstance(problem, NaProblem)
    space = problem.build_space()
    assert space.input_shape == data.input_shapes
    assert space.output_shape == (data.n_outputs,)
    assert len(problem.class_names) == data.n_outputs


def test_every_class_is_in_both_parts_in_like_shares(data):
    shares = [
        np.bincount(split.labels, minlength=data.n_outputs) / len(split.labels)
        for split in (data.train, data.valid)
    ]
    assert min(shares[0].min(), shares[1].min()) > 0
    np.testing.assert_allclose(*shares, atol=0.05)


def test_examples_are_shuffled(data):
    for split in (data.train, data.valid):
        assert np.abs(np.diff(split.labels)).astype(bool).mean() > 0.5


def test_loading_twice_gives_the_same(problem, data):
    again = load_task_data(problem)
    for one, other in ((data.train, again.train), (data.valid, again.valid)):
        np.testing.assert_array_equal(one.inputs[0], other.inputs[0])
        np.testing.assert_array_equal(one.labels, other.labels)


def test_digits_are_the_real_ones_split_four_to_one():
    from sklearn.datasets import load_digits

    data = load_task_data(load("digits"))
    assert (data.train_size, data.valid_size) == (1437, 360)
    both = np.concatenate([join(data.train), join(data.valid)])
    assert (both.min(), both.max()) == (0, 1)
    expected = load_digits().data / 16
    np.testing.assert_allclose(
        both[np.lexsort(both.T)], expected[np.lexsort(expected.T)], atol=1e-6
    )


def test_lines_are_five_pixels_in_the_direction_of_their_class():
    data = load_task_data(load("lines"))
    assert data.train_size + data.valid_size == 128
    assert data.input_shapes == [(12, 12, 1)]
    steps = {1: (0, 1), 2: (1, 0), 3: (1, 1)}
    for split in (data.train, data.valid):
        for picture, label in zip(split.inputs[0], split.labels, strict=True):
            places = np.argwhere(picture[:, :, 0])
            if label == 0:
                assert len(places) == 0
                continue
            assert len(places) == 5
            np.testing.assert_array_equal(np.diff(places, axis=0), [steps[label]] * 4)


def test_a_typical_network_learns_digits():
    from xnas.training.loop import fresh_session, train

    problem = load("digits")
    data = load_task_data(problem)
    fresh_session(0)
    space = problem.build_space()
    space.set_ops([4, 4, 1, 4, 4, 0])
    result = train(space.create_model(), problem.training_settings(), data, seed=0)
    assert result.objective > 0.9
