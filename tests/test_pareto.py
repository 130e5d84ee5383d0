"""Laws of the front and the hypervolume."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from xnas.pareto import hypervolume, is_pareto_efficient

# Few different values, so that ties and duplicates are common.
VALUES = st.sampled_from([-np.inf, -2.0, -1.0, -0.0, 0.0, 0.5, 1.0, np.inf, np.nan])
FINITE = st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0, 2.0])
SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=9)


def clouds(values=VALUES, shapes=SHAPES):
    return arrays(np.float64, shapes, elements=values)


def dominates(one, other):
    return bool(np.all(one >= other) and np.any(one > other))


def naive_front(points):
    return np.array(
        [
            not np.isnan(point).any()
            and not any(dominates(other, point) for other in points)
            for point in points
        ],
        dtype=bool,
    )


def naive_hypervolume(points, reference):
    """Add up the dominated cells of the grid that the coordinates span."""
    axes = [
        np.unique(np.append(np.maximum(points[:, axis], corner), corner))
        for axis, corner in enumerate(reference)
    ]
    total = 0.0
    for cell in np.ndindex(*(len(axis) - 1 for axis in axes)):
        upper = np.array([axis[i + 1] for axis, i in zip(axes, cell, strict=True)])
        lower = np.array([axis[i] for axis, i in zip(axes, cell, strict=True)])
        if (points >= upper).all(axis=1).any():
            total += float(np.prod(upper - lower))
    return total


@given(clouds())
def test_the_front_is_the_one_found_by_comparing_all_pairs(points):
    assert_array_equal(is_pareto_efficient(points), naive_front(points))


@given(clouds())
def test_minimizing_is_maximizing_the_negative(points):
    assert_array_equal(
        is_pareto_efficient(points, maximize=False), is_pareto_efficient(-points)
    )


@given(clouds(), st.randoms(use_true_random=False))
def test_the_order_of_points_is_irrelevant(points, random):
    order = list(range(len(points)))
    random.shuffle(order)
    assert_array_equal(
        is_pareto_efficient(points[order]), is_pareto_efficient(points)[order]
    )


@given(clouds(), st.data())
def test_adding_a_dominated_point_never_changes_the_front(points, data):
    chosen = points[data.draw(st.integers(0, len(points) - 1))]
    mask = is_pareto_efficient(np.vstack([points, chosen - 1.0]))
    assert_array_equal(mask[:-1], is_pareto_efficient(points))
    finite = np.isfinite(chosen).any() and not np.isnan(chosen).any()
    assert not (finite and mask[-1])


@given(clouds(), st.sampled_from([1e-3, 3.0, 1e9]), st.sampled_from([0.0, 7.0]))
def test_scaling_and_shifting_an_objective_leaves_the_front(points, scale, shift):
    changed = points.copy()
    changed[:, 0] = changed[:, 0] * scale + shift
    assert_array_equal(is_pareto_efficient(changed), is_pareto_efficient(points))


@given(clouds())
def test_every_copy_of_an_efficient_point_is_efficient(points):
    once = is_pareto_efficient(points)
    assert_array_equal(
        is_pareto_efficient(np.vstack([points, points])), np.append(once, once)
    )


@given(clouds())
def test_points_with_nan_change_nothing_for_the_others(points):
    mask = is_pareto_efficient(points)
    sound = ~np.isnan(points).any(axis=1)
    assert not mask[~sound].any()
    assert_array_equal(mask[sound], is_pareto_efficient(points[sound]))


@given(clouds())
def test_indices_are_those_of_the_mask(points):
    assert_array_equal(
        is_pareto_efficient(points, return_mask=False),
        np.flatnonzero(is_pareto_efficient(points)),
    )


def test_a_network_without_introspectability_can_be_on_the_front():
    points = [[0.9, 0.1], [0.95, -np.inf], [0.5, -np.inf]]
    assert_array_equal(is_pareto_efficient(points), [True, True, False])


def test_one_objective_has_its_best_values_as_front():
    assert_array_equal(
        is_pareto_efficient([[1.0], [3.0], [3.0], [np.nan]]),
        [False, True, True, False],
    )


def test_no_points_have_an_empty_front():
    assert is_pareto_efficient(np.empty((0, 2))).shape == (0,)
    assert is_pareto_efficient(np.empty((0, 2)), return_mask=False).dtype == np.int64


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2), (4, 0)])
def test_points_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(points, objectives\).*got shape"):
        is_pareto_efficient(np.zeros(shape))


@settings(max_examples=60)
@given(
    clouds(FINITE, array_shapes(min_dims=2, max_dims=2, max_side=4)),
    st.booleans(),
)
def test_hypervolume_is_the_sum_of_the_dominated_cells(points, maximize):
    reference = np.zeros(points.shape[1])
    signed = points if maximize else -points
    assert hypervolume(signed, reference, maximize=maximize) == pytest.approx(
        naive_hypervolume(points, reference), rel=1e-12
    )


@given(clouds(FINITE))
def test_hypervolume_is_that_of_the_front(points):
    reference = np.full(points.shape[1], -2.0)
    front = points[is_pareto_efficient(points)]
    assert hypervolume(points, reference) == pytest.approx(
        hypervolume(front, reference), rel=1e-12
    )


@given(clouds(FINITE), st.data())
def test_adding_a_point_never_lowers_the_hypervolume(points, data):
    reference = np.zeros(points.shape[1])
    more = np.vstack([points, data.draw(clouds(FINITE, (1, points.shape[1])))])
    assert hypervolume(more, reference) >= hypervolume(points, reference) - 1e-12


@given(clouds(FINITE))
def test_worthless_points_add_no_hypervolume(points):
    reference = np.zeros(points.shape[1])
    for worthless in (-np.inf, np.nan, 0.0):
        poor = np.ones(points.shape[1])
        poor[-1] = worthless
        assert hypervolume(np.vstack([points, poor]), reference) == hypervolume(
            points, reference
        )


def test_hypervolume_of_nothing_is_zero_and_of_the_infinite_infinite():
    assert hypervolume(np.empty((0, 2)), [0.0, 0.1]) == 0.0
    assert hypervolume([[np.inf, 1.0]], [0.0, 0.0]) == np.inf
    assert hypervolume([[np.inf, -np.inf], [1.0, 1.0]], [0.0, 0.0]) == 1.0
    assert hypervolume([[-np.inf, -1.0]], [0.0, 0.0], maximize=False) == np.inf
    assert hypervolume([[np.inf, 1.0], [1.0, np.inf]], [0.0, 0.0]) == np.inf
    assert hypervolume([[np.inf, 0.0], [1.0, 1.0]], [0.0, 0.0]) == 1.0
    three = [[np.inf, 1.0, 1.0], [1.0, np.inf, 2.0], [2.0, 2.0, 2.0]]
    assert hypervolume(three, [0.0, 0.0, 0.0]) == np.inf


@pytest.mark.parametrize("reference", [[0.0], [0.0, np.nan], [-np.inf, 0.0], 0.0])
def test_a_reference_that_fits_no_objective_is_refused(reference):
    with pytest.raises(ValueError, match="reference must hold 2 finite numbers"):
        hypervolume([[1.0, 1.0]], reference)


def test_inputs_are_left_as_they_were():
    points = np.array([[1.0, np.nan], [-0.0, np.inf], [2.0, -np.inf]])
    reference = np.array([0.0, 0.0])
    kept = points.copy(), reference.copy()
    is_pareto_efficient(points, maximize=False)
    hypervolume(points, reference, maximize=False)
    assert_array_equal(points, kept[0])
    assert_array_equal(reference, kept[1])


@pytest.mark.parametrize("module", ["xnas.pareto", "xnas.xai", "xnas.scores"])
def test_reading_results_loads_no_framework(module):
    code = (
        f"import sys, {module}; "
        "print(sorted({'tensorflow', 'keras', 'deephyper', 'ray'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
