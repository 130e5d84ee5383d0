"""Noisy trainings around what cells are worth."""

from itertools import product

import numpy as np
import pytest

from benchmarks.tabular.truth import paths
from xnas.errors import EvaluationError, UsageError
from xnas.evaluation.settings import RunSettings
from xnas.nas_deephyper.cell_table import CellTable
from xnas.nas_deephyper.noise import NOISE, NoiseBand, NoisyCells
from xnas.nas_deephyper.tabular import SHIPPED, noisy_run, run

TASK = "experiments.digits.problem.Problem"
CELL = (0, 3, 0, 3, 2, 2)
OTHER = (0, 4, 4, 4, 4, 4)


@pytest.fixture(scope="module")
def noisy():
    return NoisyCells.read(SHIPPED)


def train(genotype, seed=0, replicate=0):
    job = {"arch_seq": list(genotype), "replicate": replicate}
    return noisy_run(job, RunSettings(TASK, seed))["objective"]


def test_seed_network_and_replicate_decide_what_a_training_gives():
    first = train(CELL)
    assert first == train(CELL) == noisy_run({"arch_seq": list(CELL)})["objective"]
    assert len({first, train(CELL, 1), train(CELL, 0, 1), train(OTHER)}) == 4


def test_a_training_says_of_its_network_what_the_table_says():
    measured = noisy_run({"arch_seq": list(CELL)})["metadata"]
    known = run({"arch_seq": list(CELL)})["metadata"]
    assert measured["n_parameters"] == known["n_parameters"]
    assert measured["introspectability"] != known["introspectability"]


@pytest.mark.parametrize("cell", [CELL, OTHER, (3, 4, 3, 3, 3, 0)])
def test_the_mean_of_many_trainings_is_the_truth_and_their_noise_the_cards(cell, noisy):
    cell = CellTable.read(SHIPPED).cell_of(cell)
    drawn = np.array([noisy.train(cell, seed) for seed in range(4_000)])
    band = noisy.band(cell)
    sd = np.array([band.accuracy, band.introspectability])
    error = np.abs(drawn.mean(axis=0) - noisy.truth[cell])
    assert (error < 4 * sd / np.sqrt(len(drawn))).all()
    assert drawn.std(axis=0) == pytest.approx(sd, rel=0.06)
    correlation = np.corrcoef(drawn.T)[0, 1]
    assert correlation == pytest.approx(band.correlation, abs=0.05)


def test_an_accuracy_above_1_never_happens_and_the_mean_stays():
    cells = NoisyCells({(0,): (0.99, 0.01)}, [NoiseBand(0, 0.02, 0.03, 0.3)])
    drawn = np.array([cells.train((0,), seed) for seed in range(4_000)])
    assert drawn[:, 0].max() == 1
    assert drawn[:, 1].min() == 0
    assert drawn.mean(axis=0) == pytest.approx([0.99, 0.01], abs=0.001)


def test_poorer_cells_are_noisier(noisy):
    by_worth = sorted(noisy.truth, key=lambda cell: noisy.truth[cell][0])
    assert noisy.band(by_worth[0]).accuracy > noisy.band(by_worth[-1]).accuracy
    assert noisy.band(by_worth[-1]) == noisy.bands[-1]


def test_every_cell_of_the_table_has_a_worth(noisy):
    assert set(noisy.truth) == set(CellTable.read(SHIPPED).rows_by_cell)
    values = np.array([*noisy.truth.values()])
    assert (values >= 0).all()
    assert (values[:, 0] <= 1).all()


def test_what_is_no_network_and_other_settings_are_refused_as_by_the_table():
    with pytest.raises(EvaluationError, match="no path from input to output"):
        train((3, 3, 3, 3, 3, 3))
    with pytest.raises(UsageError, match="table was made with"):
        noisy_run(
            {"arch_seq": CELL}, RunSettings(TASK, 0, hyperparameters={"num_epochs": 9})
        )


def test_without_noise_the_command_that_makes_it_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"python -m benchmarks\.tabular\.truth"):
        NoisyCells.read(tmp_path)
    for name in ("cells.csv.gz", "truth.csv.gz", "settings.json"):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    (tmp_path / NOISE).write_text('{"bands": [{}]}')
    with pytest.raises(UsageError, match="cannot be read"):
        NoisyCells.read(tmp_path)


def test_the_truth_follows_what_was_measured(noisy):
    table = CellTable.read(SHIPPED)
    several = [c for c, rows in table.rows_by_cell.items() if len(rows) > 1]
    measured = np.array([table.means(c).accuracy for c in several])
    worth = np.array([noisy.truth[c][0] for c in several])
    assert np.corrcoef(measured, worth)[0, 1] > 0.8
    assert np.abs(worth - measured).mean() < 0.01


def test_paths_are_those_through_the_cell():
    assert sorted(paths((4, 3, 3, 1, 2, 3))) == [(1,), (2,)]
    assert len(list(paths((0,) * 6))) == 4
    lengths = {len(p) for g in product((0, 3), repeat=6) for p in paths(g)}
    assert lengths == {1, 2, 3}
