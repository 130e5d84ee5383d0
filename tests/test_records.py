"""The record of one evaluation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.errors import EvaluationError
from xnas.records import (
    RESERVED,
    Candidate,
    Evaluation,
    Times,
    evaluated,
    failed,
    is_failure,
)

CANDIDATE = Candidate(3, (1, 0, 2), (0, 2), 1)
number = st.floats(allow_nan=False).filter(lambda x: x != float("inf"))


@given(st.lists(number, min_size=1, max_size=4))
def test_numbers_are_read_alike_in_every_container(values):
    for output in (values, tuple(values), np.array(values), {"objective": values}):
        found = evaluated(CANDIDATE, output, len(values))
        assert found.objectives == tuple(values)
        assert found.failure is None


@given(st.lists(number, max_size=3), st.integers(0, 3))
def test_a_nan_anywhere_is_named(values, position):
    values.insert(min(position, len(values)), float("nan"))
    with pytest.raises(EvaluationError, match="nan") as caught:
        evaluated(CANDIDATE, values)
    assert caught.value.reason == "nan"


def test_metadata_become_plain():
    metadata = {"a": np.float32(1.5), "b": np.arange(2), 3: (np.int64(1), "x")}
    found = evaluated(CANDIDATE, {"objective": 1, "metadata": metadata}).metadata
    assert found == {"a": 1.5, "b": [0, 1], "3": [1, "x"]}
    assert type(found["a"]) is float


def test_plain_metadata_stay():
    metadata = {"a": [1, None, "x", {"b": 2.5}]}
    output = {"objective": 1, "metadata": metadata}
    assert evaluated(CANDIDATE, output).metadata == metadata


def test_an_evaluation_is_its_candidate_and_more():
    found = evaluated(CANDIDATE, (0.5, 0.25))
    for name in ("id", "genotype", "parent_ids", "generation", "replicate"):
        assert getattr(found, name) == getattr(CANDIDATE, name)


@pytest.mark.parametrize("reason", ["nan", "F_nan"])
def test_a_failure_has_one_form(reason):
    found = failed(CANDIDATE, reason)
    assert found.failure == "F_nan"
    assert is_failure(found.failure)
    assert found.objectives is None


@pytest.mark.parametrize("both", [{}, {"objectives": (1.0,), "failure": "F_nan"}])
def test_an_evaluation_either_failed_or_has_objectives(both):
    with pytest.raises(ValueError, match="expected exactly one of them"):
        Evaluation(0, (0,), **both)


def test_more_becomes_known_of_an_evaluation_without_changing_it():
    before = evaluated(CANDIDATE, {"objective": 1, "metadata": {"a": 1}})
    after = before.having(host="here", times=Times(started=2.0), metadata={"b": 2})
    assert before.host is None
    assert before.metadata == {"a": 1}
    assert (after.host, after.times.started) == ("here", 2.0)
    assert after.metadata == {"a": 1, "b": 2}


@given(st.lists(number, min_size=1, max_size=4))
def test_what_deephyper_is_given_is_read_back(values):
    found = evaluated(CANDIDATE, values)
    assert evaluated(CANDIDATE, found.as_output()).objectives == tuple(values)


@pytest.mark.parametrize("name", RESERVED)
def test_metadata_take_no_name_of_the_records_own(name):
    output = {"objective": 1, "metadata": {name: 4, "size": 2}}
    assert evaluated(CANDIDATE, output).metadata == {"size": 2}
