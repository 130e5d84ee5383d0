"""Which networks are picked, held against brute force."""

import csv

import numpy as np
import pytest
from random_runs import OBJECTIVES, make_random_run
from run_folders import make_run, new_infos
from slow_fronts import points_of, slow_front

from xnas.errors import UsageError
from xnas.results import load

TASK, XAI = "val_acc__last", "introspectability"


def slow_picks(points):
    front = [points[i] for i in slow_front(points)]
    finite = sorted({p for p in front if np.isfinite(p).all()}, reverse=True)

    def number(point):
        return min(i for i, p in points.items() if p == point)

    (x0, y0), (x1, y1) = finite[0], finite[-1]

    def distance(point):
        if len(finite) < 3:
            return 0
        x, y = (point[0] - x1) / (x0 - x1), (point[1] - y0) / (y1 - y0)
        return abs(x + y - 1) / np.sqrt(2)

    return {
        TASK: number(max(front)),
        XAI: number(finite[-1]),
        "knee": number(max(finite, key=distance)),
    }


@pytest.mark.parametrize("seed", range(12))
def test_picks_are_the_ends_and_the_point_farthest_from_their_line(tmp_path, seed):
    make_random_run(tmp_path, 90, seed=seed, grams=False)
    run = load(tmp_path)
    with open(run.folder.results) as stream:
        points = points_of(csv.DictReader(stream))
    assert run.picks("observed") == slow_picks(points)


def test_a_front_of_two_has_its_knee_at_the_accurate_end(tmp_path):
    make_run(tmp_path, [(0.9, 0.1), (0.8, 0.2), (0.5, 0.1)])
    assert load(tmp_path).picks("observed") == {TASK: 0, XAI: 1, "knee": 0}


def test_the_first_of_equal_networks_is_picked(tmp_path):
    make_run(tmp_path, ["F_nan", (0.9, 0.1), (0.9, 0.1)])
    assert set(load(tmp_path).picks("observed").values()) == {1}


@pytest.mark.parametrize("outcomes", [None, [], ["F_nan", "F_timeout"]])
def test_nothing_is_picked_where_nothing_succeeded(tmp_path, outcomes):
    make_run(tmp_path, outcomes)
    run = load(tmp_path)
    assert run.picks("observed") == {}
    assert len(run.front) == 0
    assert run.hypervolume() == 0
    assert len(run.evaluations) == len(outcomes or [])


def test_a_network_without_a_score_is_picked_for_its_accuracy_only(tmp_path):
    make_run(tmp_path, [(0.5, float("-inf")), (0.6, float("-inf"))])
    assert load(tmp_path).picks("observed") == {TASK: 1}


def test_an_objective_without_a_finite_value_hides_no_other(tmp_path):
    infos = new_infos((TASK, True, 0.1), (XAI, True, 0.0), ("size", False, None))
    worst = float("-inf")
    outcomes = [(0.5, worst, -3.0), (0.6, worst, -4.0)]
    make_run(tmp_path, outcomes, n_objectives=3, **infos)
    run = load(tmp_path)
    assert run.picks("observed") == {TASK: 1, "size": 0}
    with pytest.raises(UsageError, match="no network of its front is finite in all"):
        run.pick("knee")


def test_one_objective_alone_has_one_axis(tmp_path):
    make_random_run(tmp_path, 20, n_objectives=1, recorded=False, grams=False)
    run = load(tmp_path)
    assert [axis.name for axis in run.axes] == [TASK]
    assert XAI not in run.evaluations
    assert list(run.picks("observed")) == [TASK]
    best = run.evaluations[TASK].max()
    assert run.front[TASK].tolist() == [best]
    assert run.hypervolume() == pytest.approx(best - 0.1)


def test_a_recorded_score_is_an_axis_but_no_objective(tmp_path):
    make_random_run(tmp_path, 60, n_objectives=1, grams=False)
    run = load(tmp_path)
    assert [axis.name for axis in run.axes] == [TASK, XAI]
    table = run.evaluations
    assert run.front[TASK].tolist() == [table[TASK].max()]
    sound = table.dropna(subset=[TASK, XAI])
    points = {
        row.id: (row.val_acc__last, row.introspectability)
        for row in sound.itertuples(index=False)
    }
    assert run.picks("observed") == slow_picks(points)


@pytest.mark.parametrize("n_objectives", range(2, 6))
def test_picks_are_the_best_of_the_front_in_each_objective_and_the_knee(
    tmp_path, n_objectives
):
    names = list(OBJECTIVES)[:n_objectives]
    make_random_run(tmp_path, 90, objectives=names, grams=False, infinite=0)
    run = load(tmp_path)
    ids = [one.id for one in run.networks]
    points = dict(zip(ids, run.points().tolist(), strict=True))
    points = {i: tuple(p) for i, p in points.items() if not np.isnan(p).any()}
    front = np.array([points[i] for i in sorted(slow_front(points))])
    picks = run.picks("observed")
    assert list(picks) == [*names, "knee"]
    for axis, name in enumerate(names):
        assert points[picks[name]][axis] == front[:, axis].max()
    # The plane through the ends, solved for by itself; of several the least normal.
    scaled = (front - front.min(axis=0)) / np.ptp(front, axis=0)
    ends = np.array([scaled[scaled[:, axis].argmax()] for axis in range(n_objectives)])
    normal = np.linalg.pinv(ends) @ np.ones(n_objectives)
    away = np.abs(scaled @ normal - 1)
    (knee,) = np.flatnonzero((front == points[picks["knee"]]).all(axis=1))
    assert away[knee] == pytest.approx(away.max())


def test_a_network_is_picked_by_the_name_of_an_objective_or_by_its_number(tmp_path):
    content = new_infos(("top5", True, 0.5), ("n_parameters", False, None))
    make_run(tmp_path, [(0.9, -80.0), (0.8, -20.0), (0.6, -10.0)], content=content)
    run = load(tmp_path)
    names = ("accuracy", "top5", "n_parameters", "-n_parameters", "knee", "2")
    assert [run.pick(name) for name in names] == [0, 0, 2, 2, 1, 2]
    match = "it records no introspectability, .* picks: top5, n_parameters"
    with pytest.raises(UsageError, match=match):
        run.pick("introspectability")
    with pytest.raises(UsageError, match="has no evaluation 7"):
        run.pick("7")
