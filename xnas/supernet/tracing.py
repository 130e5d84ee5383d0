"""Tracing such that of a switch only the chosen branch costs anything."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any, TypeAlias

from tensorflow.python.ops import control_flow_util_v2

from xnas.problem import NaProblem
from xnas.training.data import TaskData
from xnas.training.loop import steps_per_epoch
from xnas.training.steps import traced

SWITCHES = ("Case", "StatelessCase")


@contextmanager
def switches_kept_whole() -> Iterator[None]:
    """Keep TensorFlow from dissolving the switches that are traced meanwhile.

    It takes them apart into an operation for each value of each branch. Those of
    branches that were not chosen do nothing, but all are scheduled, which on small
    pictures takes up to a third of a step, and makes the first call much longer.
    """
    original = control_flow_util_v2.maybe_set_lowering_attr

    def only_others(op: Any, lower_using_switch_merge: bool | None = None) -> None:
        whole = op.type in SWITCHES
        original(op, False if whole else lower_using_switch_merge)

    control_flow_util_v2.maybe_set_lowering_attr = only_others
    try:
        yield
    finally:
        control_flow_util_v2.maybe_set_lowering_attr = original


Trace: TypeAlias = Callable[..., Callable]
"""Traces a function for tensors of given specs."""

WHOLE_UP_TO = 2_048
"""Batch size × points of a picture from which whole switches cost more than they save.

TensorFlow then reuses less memory between operations.
"""

FEW_STEPS = 30
"""Training steps of a network up to which the first call weighs most."""


def choose_trace(problem: NaProblem, data: TaskData) -> Trace:
    """Choose how to trace from what training will be.

    Args:
        problem: the task.
        data: its data.
    """
    return traced_whole if keeps_switches_whole(problem, data) else traced


def keeps_switches_whole(problem: NaProblem, data: TaskData) -> bool:
    """Tell whether what training will be is cheaper with switches kept whole.

    Args:
        problem: the task.
        data: its data.
    """
    settings = problem.hyperparameter_values
    points = max(prod(shape[:-1]) for shape in data.input_shapes)
    at_once = min(settings["batch_size"], data.train_size) * points
    steps = steps_per_epoch(problem, data) * settings["num_epochs"]
    return at_once <= WHOLE_UP_TO or steps <= FEW_STEPS


def traced_whole(function: Callable, *specs: Any) -> Callable:
    """Trace a graph as :func:`~xnas.training.steps.traced` does, switches kept whole.

    Args:
        function: what to trace.
        *specs: of its arguments.

    Returns:
        The concrete function.
    """
    with switches_kept_whole():
        return traced(function, *specs)
