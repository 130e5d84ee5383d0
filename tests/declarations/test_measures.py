"""Objectives out of a training history."""

import math
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.declarations.measures import checked_metrics, history_keys, metric_value
from xnas.objectives import Metric

VALUES = st.lists(st.floats(-1, 1) | st.just(math.nan), min_size=1)
NAMES = st.sampled_from(["last", "max", "min"])


@given(VALUES, NAMES, st.booleans())
def test_the_value_is_that_of_the_epoch_that_counts_with_its_sign(
    values, epoch, minimised
):
    name = f"{'-' * minimised}val_acc__{epoch}"
    found = metric_value({"val_acc": values, "loss": values[::-1]}, name)
    best = math.nan
    for value in values:
        if Metric.parse(name).improves(value, best):
            best = value
    expected = -best if minimised else best
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_the_accuracy_goes_by_either_name():
    assert metric_value({"val_acc": [0.25, 0.5]}, "val_accuracy") == 0.5


def test_a_history_without_epochs_has_no_value():
    history = {key: [] for key in history_keys(["acc"])}
    assert math.isnan(metric_value(history, "val_acc__last"))
    assert math.isnan(metric_value(history, "val_acc__max"))


def test_what_was_not_measured_is_named():
    with pytest.raises(ValueError, match=r"val_auc__last.*expected one of loss"):
        metric_value({"loss": [0.5]}, "val_auc__last")


def named(labels, predictions):
    return labels


@pytest.mark.parametrize("metric", [lambda y, p: y, partial(named)])
def test_a_metric_without_a_name_is_refused_where_it_is_stated(metric):
    with pytest.raises(TypeError, match="has no name for the history, expected a"):
        checked_metrics([metric])


def test_metrics_of_one_name_are_refused():
    with pytest.raises(ValueError, match="expected different names"):
        checked_metrics([named, "acc", named])
