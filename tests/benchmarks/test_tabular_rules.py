"""Which cells of the table are trained, and what the card says of their noise."""

from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest

from benchmarks.tabular.cells import near_front, next_jobs
from benchmarks.tabular.command import run_command
from benchmarks.tabular.noise import band_of, noise_bands, noise_of, pooled
from benchmarks.tabular.progress import Progress
from benchmarks.tabular.settings import TableSettings
from benchmarks.tabular.verify import Difference, judge
from xnas.nas_deephyper.cell_table import CellTable, TableRow

CELLS = [(i, j, 0, 0, 0, 0) for i in range(5) for j in range(5)]
SETTINGS = TableSettings(run_seeds=(0, 1, 2), n_noise_cells=3, n_near_front=5)


def train(job):
    """Noise hides which of the cells is best."""
    cell, seed = job
    rng = np.random.default_rng([*cell, seed])
    name = "".join(map(str, cell))
    if cell == (2, 2, 0, 0, 0, 0):
        return TableRow(name, seed, failure="nan")
    truth = np.array([sum(cell), 8 - sum(cell)]) / 8
    accuracy, score = truth + rng.normal(0, 0.1, 2)
    return TableRow(name, seed, accuracy, score, 1, 1.0, 1.0)


def train_all(interrupted_by=None, settings=SETTINGS):
    done = {}
    while True:
        _, jobs = next_jobs(CELLS, settings, done)
        if not jobs:
            return done
        if interrupted_by is not None:
            count = interrupted_by.integers(1, len(jobs) + 1)
            jobs = [jobs[i] for i in interrupted_by.permutation(len(jobs))[:count]]
        done |= {job: train(job) for job in jobs}


def test_interruptions_change_nothing_of_what_is_trained():
    whole = train_all()
    for seed in range(20):
        assert train_all(np.random.default_rng(seed)) == whole


def test_all_cells_near_the_front_of_the_means_have_all_seeds():
    done = train_all()
    seeds = {cell: {s for c, s in done if c == cell} for cell in CELLS}
    assert all(0 in found for found in seeds.values())
    assert {len(found) for found in seeds.values()} == {1, 3}
    sound = {
        cell: [row for (c, _), row in done.items() if c == cell and not row.failure]
        for cell in CELLS
    }
    points = {
        cell: (
            float(np.mean([row.accuracy for row in rows])),
            float(np.mean([row.introspectability for row in rows])),
        )
        for cell, rows in sound.items()
        if rows
    }
    near = near_front(points, SETTINGS)
    assert len(near) >= 5
    assert all(len(seeds[cell]) == 3 for cell in near)


def test_cells_near_the_front_are_looked_for_as_often_as_the_settings_allow():
    trained = [
        len(train_all(settings=replace(SETTINGS, n_rounds=count))) for count in (0, 1)
    ]
    assert trained[0] == len(CELLS) + 3 * 2  # the cells drawn at random
    assert trained[0] < trained[1] <= len(train_all())


def test_one_seed_leaves_nothing_to_repeat():
    settings = TableSettings(run_seeds=(7,))
    name, jobs = next_jobs(CELLS, settings, {})
    assert name == "first seed of all cells"
    assert sorted(jobs) == [(cell, 7) for cell in CELLS]
    done = {job: train(job) for job in jobs}
    assert next_jobs(CELLS, settings, done)[1] == []


def test_fronts_are_whole():
    points = {(i,): (float(i % 4), float(i // 4)) for i in range(12)}
    few = TableSettings(n_near_front=2)
    # One point dominates all others, and two are on the front of the rest.
    assert near_front(points, few) == {(11,), (10,), (7,)}
    assert near_front(points, TableSettings(n_near_front=99)) == set(points)
    assert near_front({}, few) == set()


def test_deviations_are_pooled_over_degrees_of_freedom():
    assert pooled([[1.0, 3.0], [0.0, 0.0, 3.0]]) == pytest.approx(sqrt((2 + 6) / 3))
    assert pooled([[1.0, 3.0], [5.0], [2.0, -inf]]) == pytest.approx(sqrt(2))
    assert np.isnan(pooled([[1.0], []]))


def made_up_table(deviations):
    """Cells whose noise depends on their accuracy."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(400):
        quarter = i // 100
        for seed in range(5):
            noise = rng.normal(0, deviations[quarter], 2)
            cell = f"{i // 125}{i // 25 % 5}{i // 5 % 5}{i % 5}00"
            rows.append(TableRow(cell, seed, quarter + noise[0], noise[1], 1, 1.0, 1.0))
    description = TableSettings(n_noise_cells=200).to_json()
    return CellTable(rows, description)


def test_noise_is_told_for_quarters_of_accuracy():
    deviations = (0.2, 0.1, 0.05, 0.01)
    table = made_up_table(deviations)
    bands = noise_bands(table)
    found = [band.noise.accuracy for band in bands]
    assert found == pytest.approx(deviations, rel=0.15)
    assert band_of(bands, 2.0).noise.accuracy == pytest.approx(0.05, rel=0.15)
    assert band_of(bands, -9.0) == bands[0]
    everything = noise_of(table, list(table.rows_by_cell))
    mean_square = np.mean(np.square(deviations))
    assert everything.introspectability == pytest.approx(sqrt(mean_square), rel=0.1)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([0.5, -0.4, 1.9, -2.0], 0),
        ([0.5, -0.4, 3.1, -2.0], 1),  # one is beyond
        ([1.6, 1.5, 1.7, 1.6], 1),  # all lie on one side
    ],
)
def test_differences_are_judged_alone_and_together(values, status, capsys):
    differences = [
        Difference("000000", name, 0.5, 0.5 + 0.01 * value, 0.01)
        for name in ("accuracy", "introspectability")
        for value in values
    ]
    assert judge(differences) == status
    assert "beyond 3 standard deviations" in capsys.readouterr().out


def test_equal_numbers_do_not_differ_however_small_the_noise():
    assert Difference("0", "accuracy", 0.5, 0.5, 0.0).standardised == 0
    assert Difference("0", "introspectability", -inf, -inf, 0.1).standardised == 0


def test_progress_tells_what_is_left():
    lines = []
    progress = Progress("work", 2, lambda line, **_: lines.append(line))
    progress.count(TableRow("000000", 0))
    progress.count(TableRow("000001", 0, failure="nan"))
    assert lines[0] == "work: 2 to train"
    assert lines[-1].startswith("work: 2 of 2, 1 failed, ")
    assert lines[-1].endswith("about 0 s left")


def test_an_interruption_ends_with_its_status(capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    assert run_command(interrupted, None) == 130
    assert "carries on" in capsys.readouterr().err
