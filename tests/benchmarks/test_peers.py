"""Searches beside those of others, on landscapes and with tiny budgets."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import landscape
from benchmarks.known_space import KnownSpace
from benchmarks.peers import comparison
from benchmarks.peers.__main__ import REFERENCE, main
from benchmarks.peers.objective import BudgetSpent, Objective
from benchmarks.peers.roster import PEERS, search_with

BUDGET = 24
UNCONNECTED = (3, 3, 3, 3, 3, 3)


@pytest.fixture(scope="module")
def known():
    return KnownSpace(landscape.run_of(0), by_network=True)


def searched(known, name, seed=0):
    objective = Objective(known, BUDGET)
    search_with(name, objective, seed)
    return objective


@pytest.mark.parametrize("name", PEERS)
def test_a_search_makes_exactly_its_evaluations_and_the_same_ones_again(known, name):
    first, again, other = (searched(known, name, seed) for seed in (0, 0, 1))
    assert len(first.genotypes) == len(first.points) == BUDGET
    assert first.genotypes == again.genotypes
    assert first.genotypes != other.genotypes
    assert first.points == list(map(known.objectives, first.genotypes))


@pytest.mark.parametrize("name", [name for name in PEERS if name.startswith("XNAS")])
def test_what_is_no_network_is_not_proposed_by_ours(known, name):
    assert all(map(known.is_connected, searched(known, name).genotypes))


def test_nothing_is_evaluated_beyond_the_budget(known):
    objective = Objective(known, 1)
    objective((0,) * 6)
    with pytest.raises(BudgetSpent):
        objective((0,) * 6)
    assert len(objective.points) == 1


def test_a_search_that_stops_short_is_an_error(known, monkeypatch):
    monkeypatch.setitem(PEERS, "idle", lambda objective, seed: None)
    with pytest.raises(RuntimeError, match=f"idle made 0 .* expected {BUDGET}"):
        searched(known, "idle")


def test_what_is_no_network_is_worth_least(known):
    worst = known.objectives(UNCONNECTED)
    assert worst == tuple(known.points.min(axis=0))
    assert known.share(np.array([worst]), worst) == 0


def test_equal_networks_are_worth_the_same(known):
    # A node that nothing reaches leaves the operations behind it without effect.
    assert known.objectives((3, 0, 0, 0, 3, 0)) == known.objectives((3, 0, 1, 0, 2, 0))
    assert known.n_networks([(3, 0, 0, 0, 3, 0), (3, 0, 1, 0, 2, 0), UNCONNECTED]) == 1


def test_infinitely_bad_is_the_worst_of_the_others():
    space = KnownSpace(lambda job: (1.0, -np.inf if job["arch_seq"][0] else 2.0))
    assert space.objectives((1, 0, 0, 0, 0, 0)) == (1.0, 2.0)
    assert np.isfinite(space.points).all()


def test_shares_grow_with_evaluations_and_end_at_the_whole(known):
    points = np.array(searched(known, "random").points)
    for corner in (REFERENCE, known.points.mean(axis=0)):
        shares = [known.share(points[:n], corner) for n in range(1, BUDGET + 1)]
        assert shares == sorted(shares)
        assert 0 <= shares[0] <= shares[-1] < 1
        assert known.share(known.points, corner) == 1


def test_the_command_writes_what_it_prints_and_draws(tmp_path, capsys, monkeypatch):
    rows, picture = tmp_path / "rows.csv", tmp_path / "picture.svg"
    only = ["--only", "random", "pymoo NSGA-II"]
    flags = ["--evaluations", "64", "--seeds", "2", "--picture", str(picture)]
    monkeypatch.setattr(comparison, "COUNTS", [32, 64])
    assert main([*only, *flags, "--rows", str(rows)]) == 0
    printed = capsys.readouterr().out
    table = pd.read_csv(rows)
    assert list(table["search"].unique()) == ["pymoo NSGA-II", "random"]
    assert table.groupby("search").size().tolist() == [4, 4]
    assert table[["above_reference", "above_mean"]].stack().between(0, 1).all()
    drawn = picture.read_bytes()
    assert b"<svg" in drawn
    assert main(["--from", str(rows), "--picture", str(picture)]) == 0
    assert capsys.readouterr().out == printed
    assert picture.read_bytes() == drawn
