"""How the whole space's graph is traced follows from what training will be."""

import pytest
from small_spaces import pictures_task
from tensorflow.python.ops import control_flow_util_v2

from xnas.supernet.tracing import (
    FEW_STEPS,
    WHOLE_UP_TO,
    keeps_switches_whole,
    switches_kept_whole,
)
from xnas.training import load_task_data

POINTS = 16
SMALL = WHOLE_UP_TO // POINTS


@pytest.fixture
def keeps_whole():
    """Ask for a task of so many steps, and examples a step."""
    data = load_task_data(pictures_task(sizes=(2 * SMALL, 15)))

    def ask(batch_size, epochs):
        task = pictures_task(batch_size=batch_size, num_epochs=epochs)
        return keeps_switches_whole(task, data)

    return ask


def test_switches_are_kept_whole_for_small_batches_and_short_trainings(keeps_whole):
    assert keeps_whole(SMALL, FEW_STEPS)
    assert keeps_whole(SMALL + 1, FEW_STEPS // 2)
    assert not keeps_whole(SMALL + 1, FEW_STEPS)


def test_a_batch_is_no_larger_than_the_data(keeps_whole):
    assert keeps_whole(100 * SMALL, FEW_STEPS)
    assert not keeps_whole(100 * SMALL, FEW_STEPS + 1)


def test_tensorflow_is_left_as_it_was_after_a_failure():
    before = control_flow_util_v2.maybe_set_lowering_attr
    with pytest.raises(KeyError), switches_kept_whole():
        raise KeyError
    assert control_flow_util_v2.maybe_set_lowering_attr is before
