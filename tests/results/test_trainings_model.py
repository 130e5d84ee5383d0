"""What all trainings of a run together tell of its networks."""

import numpy as np
import pytest

from tests.results.test_estimates import SPACE, search
from xnas.distances import Distances
from xnas.records import Evaluation
from xnas.results.trainings_model import TrainingsModel
from xnas.searches import Networks

NETWORKS = Networks(SPACE)


def model(rows, **settings):
    distances = Distances(NETWORKS.features_of, len(NETWORKS.n_choices))
    return TrainingsModel(rows, 2, distances, **settings)


def combined(rows, matrix):
    """Return trainings whose objectives are combinations of the ones given."""
    return [
        Evaluation(
            one.id,
            one.genotype,
            replicate=one.replicate,
            objectives=tuple((np.array(one.objectives) @ matrix).tolist()),
        )
        for one in rows
    ]


def test_draws_have_the_means_and_deviations_that_are_believed():
    rows = search(1, again=16)
    made = model(rows)
    table, cross = made.table([one.genotype for one in rows[:10]])
    drawn = made.draw(table, cross, 20_000)
    means, deviations = made.believed(cross)
    assert drawn.mean(axis=0) == pytest.approx(means, abs=0.03)
    assert drawn.std(axis=0) == pytest.approx(deviations, rel=0.04)
    covariances = made.covariances(table, cross)
    assert (
        pytest.approx(deviations**2, rel=1e-3)
        == np.diagonal(covariances, axis1=1, axis2=2).T
    )


def test_objectives_that_go_together_are_drawn_together():
    rows = combined(search(2), np.array([[1.0, 1.0], [0.0, 0.004]]))
    made = model(rows)
    table, cross = made.table([one.genotype for one in rows])
    drawn = made.draw(table, cross, 2_000)
    off = drawn - drawn.mean(axis=0)
    together = (off[:, :, 0] * off[:, :, 1]).mean() / off.std(axis=(0, 1)).prod()
    assert together > 0.5


def test_an_exact_objective_is_drawn_apart_from_the_others():
    rows = combined(search(2), np.array([[1.0, 1.0], [0.0, 0.004]]))
    made = model(rows, exact=[1])
    table, cross = made.table([one.genotype for one in rows])
    drawn = made.draw(table, cross, 2_000)
    off = drawn - drawn.mean(axis=0)
    together = (off[:, :, 0] * off[:, :, 1]).mean() / off.std(axis=(0, 1)).prod()
    assert abs(together) < 0.05
