"""What models of a run share: scales, and which rows they rest on."""

import numpy as np
import pytest

from xnas.records import Evaluation, failed
from xnas.surrogate import Scale, _spread, known_networks


class TestScale:
    VALUES = np.random.default_rng(0).normal(5, 2, (101, 3))

    def test_the_median_is_0_and_the_ninth_decile_1_28(self):
        z = Scale(self.VALUES)(self.VALUES)
        assert np.median(z, axis=0) == pytest.approx(0)
        assert np.quantile(z, 0.9, axis=0) == pytest.approx(1.28, abs=0.02)

    def test_order_stays(self):
        z = Scale(self.VALUES)(self.VALUES)
        assert (np.argsort(z, axis=0) == np.argsort(self.VALUES, axis=0)).all()

    def test_minus_infinity_is_the_lowest_finite_value(self):
        values = self.VALUES.copy()
        values[3, 1] = -np.inf
        z = Scale(values)(values)
        assert z[3, 1] == np.delete(z[:, 1], 3).min()

    def test_there_and_back_is_the_same(self):
        scale = Scale(self.VALUES)
        assert scale.back(scale(self.VALUES)) == pytest.approx(self.VALUES)

    @pytest.mark.parametrize("value", [2.0, -np.inf])
    def test_one_value_alone_is_0(self, value):
        values = np.full((9, 2), value)
        assert not Scale(values)(values).any()


def test_a_large_table_is_thinned_below_its_better_half():
    chosen = _spread(np.arange(3_000), 1_000)
    assert len(set(chosen)) == 1_000
    assert (chosen[:500] == np.arange(500)).all()
    assert chosen[-1] == 2_999
    assert np.diff(chosen[500:]).max() <= 6


def test_a_failed_training_costs_a_network_nothing_but_itself():
    good = Evaluation(0, (1, 2), objectives=(0.5, 0.25))
    rows = [good, failed(Evaluation(1, (1, 2), objectives=(0.0, 0.0)), "worker_died")]
    rows.append(failed(Evaluation(2, (3, 4), objectives=(0.0, 0.0)), "nan"))
    known = known_networks(rows, 2)
    assert known.means.tolist() == [[0.5, 0.25], [-np.inf, -np.inf]]
    assert known.counts.tolist() == [1, 1]
