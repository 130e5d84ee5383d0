"""What a run function returns, read into one form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xnas.workers.outcome import plain, read_output

from xnas.errors import EvaluationError

number = st.floats(allow_nan=False).filter(lambda x: x != float("inf"))


@given(st.lists(number, min_size=1, max_size=4))
def test_numbers_are_read_alike_in_every_container(values):
    expected = tuple(values)
    if len(values) == 1 and np.isfinite(values[0]):
        expected = values[0]
    for output in (values, tuple(values), np.array(values), {"objective": values}):
        assert read_output(output, len(values)).objective == expected


@given(st.lists(number, max_size=3), st.integers(0, 3))
def test_a_nan_anywhere_is_named(values, place):
    values.insert(min(place, len(values)), float("nan"))
    with pytest.raises(EvaluationError, match="nan") as caught:
        read_output(values)
    assert caught.value.reason == "nan"


def test_metadata_become_plain():
    metadata = {"a": np.float32(1.5), "b": np.arange(2), 3: (np.int64(1), "x")}
    found = read_output({"objective": 1, "metadata": metadata}).metadata
    assert found == {"a": 1.5, "b": [0, 1], "3": [1, "x"]}
    assert type(found["a"]) is float


def test_plain_values_stay():
    value = {"a": [1, None, "x", {"b": 2.5}]}
    assert plain(value) == value
