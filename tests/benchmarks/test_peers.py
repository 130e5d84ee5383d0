"""Searches beside those of others, on landscapes and with tiny budgets."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import landscape
from benchmarks.known_space import KnownSpace
from benchmarks.peers.__main__ import REFERENCE, main
from benchmarks.peers.objective import BudgetSpent, Objective
from benchmarks.peers.roster import PEERS, search_with
from benchmarks.peers.table import markdown

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


def test_the_command_writes_what_it_prints_and_draws(tmp_path, capsys):
    files = [tmp_path / "one.csv", tmp_path / "other.csv"]
    for name, rows in zip(("pymoo NSGA-II", "random"), files, strict=True):
        flags = ["--evaluations", "70", "--seeds", "2", "--rows", str(rows)]
        assert main(["--only", name, *flags]) == 0
    table = pd.concat(map(pd.read_csv, files))
    assert set(table["search"]) == {"pymoo NSGA-II", "random"}
    assert set(table["seed"]) == {0, 1}
    assert {64, 70} <= set(table["evaluations"])
    assert table[["above_reference", "above_mean"]].stack().between(0, 1).all()
    assert (table["networks"] <= table["evaluations"]).all()
    drawings = []
    capsys.readouterr()
    for given in (files, files[::-1]):
        picture = tmp_path / "picture.svg"
        flags = ["--picture", str(picture), "--from", *map(str, given)]
        assert main(flags) == 0
        drawings.append((picture.read_bytes(), capsys.readouterr().out))
    assert b"<svg" in drawings[0][0]
    assert drawings[0][1].count("| random |") == 2
    assert drawings[0] == drawings[1]


def test_a_search_cut_short_comes_last_and_leaves_what_it_lacks_open():
    rows = pd.DataFrame(
        [
            (name, seed, count, share, 60)
            for name, counts, share in (("short", (64,), 0.9), ("long", (64, 125), 0.5))
            for seed in (0, 1)
            for count in counts
        ],
        columns=["search", "seed", "evaluations", "above_mean", "networks"],
    )
    lines = markdown(rows, "above_mean").splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| long", "| short"]
    assert lines[3].endswith("| - | 60 of 64 |")
    assert lines[2].endswith("| 60 of 125 |")


def test_an_interrupted_comparison_does_not_promise_to_carry_on(
    tmp_path, capsys, monkeypatch
):
    def interrupted(tasks, workers):
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.peers.__main__.compare", interrupted)
    assert main(["--rows", str(tmp_path / "rows.csv")]) == 130
    assert "the same command begins anew" in capsys.readouterr().err


def test_a_run_function_that_knows_nothing_is_told_in_one_sentence(tmp_path, capsys):
    flags = ["--run", "no.such.function", "--rows", str(tmp_path / "rows.csv")]
    assert main(flags) == 2
    assert capsys.readouterr().err.count("\n") == 1
