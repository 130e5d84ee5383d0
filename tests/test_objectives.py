"""One number out of a training history."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.objectives import Metric

VALUES = st.lists(st.floats(-1, 1) | st.just(math.nan), min_size=1)


def best_of(objective, values):
    best = math.nan
    for value in values:
        if objective.improves(value, best):
            best = value
    return best


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("val_acc", Metric("val_acc", "last", 1)),
        ("val_acc__last", Metric("val_acc", "last", 1)),
        ("val_acc__max", Metric("val_acc", "max", 1)),
        ("-val_loss__min", Metric("val_loss", "min", -1)),
        ("val_top_k_categorical_accuracy__max", None),
    ],
)
def test_objectives_are_read_as_in_deephyper(text, expected):
    expected = expected or Metric("val_top_k_categorical_accuracy", "max", 1)
    assert Metric.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "-", "val_acc__first__", "val acc", "__max", None, 3]
)
def test_other_forms_are_refused(text):
    with pytest.raises(ValueError, match="expected a form such as val_acc__last"):
        Metric.parse(text)


@given(VALUES)
def test_last_is_the_last_value(values):
    found = best_of(Metric("val_acc", "last"), values)
    assert found == values[-1] or (math.isnan(found) and math.isnan(values[-1]))


@pytest.mark.parametrize(("epoch", "choose"), [("max", max), ("min", min)])
@given(values=VALUES)
def test_best_is_the_best_of_the_numbers(epoch, choose, values):
    found = best_of(Metric("val_acc", epoch), values)
    numbers = [value for value in values if not math.isnan(value)]
    assert found == choose(numbers) if numbers else math.isnan(found)


def test_the_first_of_equals_is_kept():
    assert not Metric("val_acc", "max").improves(0.5, 0.5)
    assert not Metric("val_acc", "min").improves(0.5, 0.5)
