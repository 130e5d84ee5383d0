"""Effects of operations, held against data that were made with known ones."""

import numpy as np
import pytest

from xnas.report.effects import common_choices, estimate_effects

SIZES = (3, 2, 4)


def make(n, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    genotypes = np.stack([rng.integers(0, size, n) for size in SIZES], axis=1)
    true = [rng.normal(size=size) for size in SIZES]
    true = [one - one.mean() for one in true]
    values = 5 + sum(one[genotypes[:, i]] for i, one in enumerate(true))
    return (
        genotypes,
        values + rng.normal(scale=noise, size=n) if noise else values,
        true,
    )


def by_choice(effects):
    return {(e.variable, e.choice): e for e in effects.effects}


def test_effects_without_noise_are_found_exactly():
    genotypes, values, true = make(60)
    found = estimate_effects("y", genotypes, values, SIZES)
    for (place, choice), effect in by_choice(found).items():
        assert effect.estimate == pytest.approx(true[place][choice])
        assert effect.low == pytest.approx(effect.high)
    assert found.explained == pytest.approx(1)


def test_effects_at_a_place_sum_to_zero():
    genotypes, values, _ = make(80, noise=1.0)
    found = by_choice(estimate_effects("y", genotypes, values, SIZES))
    for place, size in enumerate(SIZES):
        total = sum(found[place, choice].estimate for choice in range(size))
        assert total == pytest.approx(0, abs=1e-9)


def test_19_of_20_intervals_hold_the_truth():
    held = []
    for seed in range(150):
        genotypes, values, true = make(60, noise=0.5, seed=seed)
        for key, one in by_choice(
            estimate_effects("y", genotypes, values, SIZES)
        ).items():
            held.append(one.low <= true[key[0]][key[1]] <= one.high)
    assert 0.93 < np.mean(held) < 0.98


def test_order_and_shift_of_values_change_no_effect():
    genotypes, values, _ = make(60, noise=1.0)
    order = np.random.default_rng(3).permutation(60)
    one = by_choice(estimate_effects("y", genotypes, values, SIZES))
    other = by_choice(estimate_effects("y", genotypes[order], values[order] + 7, SIZES))
    for key in one:
        assert one[key].estimate == pytest.approx(other[key].estimate)
        assert one[key].low == pytest.approx(other[key].low)


def test_values_that_are_not_finite_do_not_count():
    genotypes, values, _ = make(80, noise=1.0)
    changed = values.copy()
    changed[:20] = -np.inf
    one = estimate_effects("y", genotypes, changed, SIZES)
    other = estimate_effects("y", genotypes[20:], values[20:], SIZES)
    assert one == other


def test_a_rare_operation_has_no_effect_but_a_count():
    genotypes, values, _ = make(60, noise=1.0)
    genotypes[:, 0] = np.where(genotypes[:, 0] == 2, 1, genotypes[:, 0])
    genotypes[:2, 0] = 2
    found = by_choice(estimate_effects("y", genotypes, values, SIZES))
    assert found[0, 2].rows == 2
    assert found[0, 2].estimate is None
    assert found[0, 1].estimate is not None


@pytest.mark.parametrize(
    ("n", "match"), [(0, "too few"), (5, "too few"), (60, "too few ways")]
)
def test_what_cannot_be_told_apart_is_said(n, match):
    genotypes, values, _ = make(n)
    if n == 60:
        genotypes[:, 1] = genotypes[:, 0] % 2
        genotypes[:, 0] = genotypes[:, 1]
    found = estimate_effects("y", genotypes, values, SIZES)
    assert match in found.missing
    assert all(effect.estimate is None for effect in found.effects)


def test_equal_values_have_no_effects():
    genotypes, values, _ = make(60)
    found = estimate_effects("y", genotypes, np.ones_like(values), SIZES)
    assert found.missing == "all networks have the same value"


def test_common_choices_are_counted():
    genotypes = np.array([[0, 1, 3], [0, 0, 3], [2, 1, 1]])
    front = np.array([True, False, True])
    found = {(c.variable, c.choice): c for c in common_choices(genotypes, front, SIZES)}
    assert (found[0, 0].front, found[0, 0].others) == (1, 2)
    assert (found[1, 1].front, found[1, 1].others) == (2, 2)
    assert (found[2, 0].front, found[2, 0].others) == (0, 0)
    assert len(found) == sum(SIZES)
