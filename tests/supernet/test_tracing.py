"""What tracing changes of TensorFlow is back afterwards."""

import pytest
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.ops import control_flow_util_v2

from xnas.supernet.tracing import SWITCHES, traced_whole

WHOLE = tf.TensorSpec((), tf.int32)


def test_tensorflow_is_left_as_it_was_after_a_failure():
    def fail(number):
        raise KeyError

    before = control_flow_util_v2.maybe_set_lowering_attr
    with pytest.raises(KeyError):
        traced_whole(fail, WHOLE)
    assert control_flow_util_v2.maybe_set_lowering_attr is before
    assert context.optionals_in_gradients_enabled()


def test_only_switches_are_kept_whole():
    def run(number):
        doubled = tf.while_loop(lambda x: x < 9, lambda x: (2 * x,), (number + 1,))
        return tf.switch_case(number, [lambda: doubled[0], lambda: -number])

    graph = traced_whole(run, WHOLE).graph
    lowered = {
        op.type: op.node_def.attr["_lower_using_switch_merge"].b
        for op in graph.get_operations()
        if op.type in (*SWITCHES, "While", "StatelessWhile")
    }
    assert sorted(lowered.values()) == [False, True]
    assert not any(lowered.get(name) for name in SWITCHES)
