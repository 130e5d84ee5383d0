"""What models of a run share: scales, and which rows they rest on."""

import numpy as np
import pytest

from tests.searches.test_searches import SPACE
from xnas import surrogate
from xnas.distances import Distances
from xnas.gaussian_process import Hyperparameters
from xnas.records import Evaluation, failed
from xnas.searches import Networks
from xnas.surrogate import (
    Known,
    Scale,
    Surrogate,
    known_networks,
    spread_over_ranks,
)


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
    chosen = spread_over_ranks(np.arange(3_000), 1_000)
    assert len(set(chosen)) == 1_000
    assert (chosen[:500] == np.arange(500)).all()
    assert chosen[-1] == 2_999
    assert np.diff(chosen[500:]).max() <= 6


@pytest.mark.parametrize("most", [0, 15, 1_000])
def test_what_a_model_remembers_changes_no_number(most, monkeypatch):
    monkeypatch.setattr(surrogate, "REMEMBERED", most)
    networks, rng = Networks(SPACE), np.random.default_rng(0)
    genotypes = networks.draw(60, rng)
    seen, others = genotypes[:30], genotypes[30:]
    known = Known(seen, rng.random((30, 2)), np.ones(30, np.int64))
    distances = Distances(networks.features_of, len(networks.n_choices))
    chosen = [Hyperparameters(0.5, 0.1), Hyperparameters(1.0, 0.3)]
    model = Surrogate(known, distances, chosen)
    for asked in (others[:20], others, others[::-1], others[5:9]):
        table = distances.table(asked)
        cross = distances.between(table, distances.table(seen))
        among = distances.between(table, table)
        expected = [
            one.mean(cross) + np.sqrt(np.median(one.variance(cross[::12])))
            for one in model.processes
        ]
        assert model.hopes(asked) == pytest.approx(np.stack(expected, axis=1))
        normal = rng.standard_normal((2, 4, len(asked)))
        drawn = [
            one.draw(cross, among, numbers)
            for one, numbers in zip(model.processes, normal, strict=True)
        ]
        assert model.drawn(asked, normal) == pytest.approx(np.stack(drawn, axis=2))


def test_a_failed_training_costs_a_network_nothing_but_itself():
    good = Evaluation(0, (1, 2), objectives=(0.5, 0.25))
    rows = [good, failed(Evaluation(1, (1, 2), objectives=(0.0, 0.0)), "worker_died")]
    rows.append(failed(Evaluation(2, (3, 4), objectives=(0.0, 0.0)), "nan"))
    known = known_networks(rows, 2)
    assert known.means.tolist() == [[0.5, 0.25], [-np.inf, -np.inf]]
    assert known.counts.tolist() == [1, 1]


def test_the_trainings_of_a_network_are_averaged():
    values = [(1.0, 0.0), (0.5, 1.0), (0.25, 0.25)]
    genotypes = [(1, 2), (1, 2), (3, 4)]
    rows = [
        Evaluation(i, genotype, objectives=one)
        for i, (genotype, one) in enumerate(zip(genotypes, values, strict=True))
    ]
    known = known_networks(rows, 2)
    assert known.means.tolist() == [[0.75, 0.5], [0.25, 0.25]]
    assert known.counts.tolist() == [2, 1]
