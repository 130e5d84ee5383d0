"""Tracing such that of a switch only the chosen branch costs anything."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tensorflow.python.eager import context
from tensorflow.python.ops import control_flow_util_v2

from xnas.training.steps import traced

SWITCHES = ("Case", "StatelessCase")


@contextmanager
def _switches_kept_whole() -> Iterator[None]:
    """Keep TensorFlow from dissolving the switches that are traced meanwhile.

    It takes them apart into an operation for each value of each branch. Those of
    branches that were not chosen do nothing, but all are scheduled, which on small
    pictures takes up to a third of a step, and the first call takes twice as long.
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


def traced_whole(function: Callable, *specs: Any) -> Callable:
    """Trace a graph as :func:`~xnas.training.steps.traced` does, switches kept whole.

    What a branch keeps for its gradient leaves the switch as it is: TensorFlow would
    wrap up each value and unwrap it again.

    Args:
        function: what to trace.
        *specs: of its arguments.

    Returns:
        The concrete function.
    """
    with _switches_kept_whole(), context.temporarily_disable_optionals_in_gradients():
        return traced(function, *specs)
