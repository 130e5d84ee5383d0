"""Searches beside those of others, on landscapes and with tiny budgets."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from benchmarks import landscape
from benchmarks.chain import Chain
from benchmarks.known_space import KnownSpace
from benchmarks.peers.__main__ import main
from benchmarks.peers.comparison import measure
from benchmarks.peers.objective import BudgetSpent, Objective
from benchmarks.peers.roster import PEERS, Peer, installed, search_with
from benchmarks.peers.table import markdown
from benchmarks.peers.tasks import TABLES, look_up, reference_of, space_of
from xnas.nas_deephyper import tabular
from xnas.pareto import is_pareto_efficient

BUDGET = 24
UNCONNECTED = (3, 3, 3, 3, 3, 3)


@pytest.fixture(scope="module")
def known():
    return KnownSpace(landscape.run_of(0), by_network=True)


def searched(known, name, seed=0):
    objective = Objective(known, BUDGET)
    search_with(name, objective, seed)
    return objective


@pytest.mark.parametrize("name", installed())
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
    monkeypatch.setitem(PEERS, "idle", Peer("roster.installed"))
    monkeypatch.setattr("benchmarks.peers.roster.installed", lambda *_: None)
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
    for corner in (reference_of("landscapes", known), known.mean):
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


def test_a_count_that_a_longer_search_was_not_looked_at_is_no_column():
    rows = pd.DataFrame(
        [(name, 0, n, 0.5, 9) for name, n in (("a", 64), ("a", 150), ("b", 64))]
        + [("b", 0, 250, 0.5, 9)],
        columns=["search", "seed", "evaluations", "above_mean", "networks"],
    )
    head = markdown(rows, "above_mean").splitlines()[0]
    assert [n for n in (64, 150, 250) if f"{n} evaluations" in head] == [64, 250]


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


def test_an_interrupted_comparison_carries_on_to_the_same_rows(
    tmp_path, capsys, monkeypatch
):
    def flags(rows):
        given = ["--evaluations", "20", "--seeds", "2", "--rows", str(rows)]
        return ["--only", "random", "pymoo NSGA-II", *given]

    def interrupted(tasks, workers):
        yield from (measure(task) for task in tasks[:3])
        raise KeyboardInterrupt

    whole, rows = tmp_path / "whole.csv", tmp_path / "rows.csv"
    assert main(flags(whole)) == 0
    with monkeypatch.context() as patched:
        patched.setattr("benchmarks.peers.__main__.compare", interrupted)
        assert main(flags(rows)) == 130
    assert "the same command carries on" in capsys.readouterr().err
    # The last line of another search was not written to its end.
    rows.write_text(rows.read_text() + "landscapes,1,pymoo NSGA-II,1,16,0.5")
    assert main(flags(rows)) == 0
    assert "1 of 1 searches" in capsys.readouterr().err
    assert rows.read_text() == whole.read_text()
    assert main(flags(rows)) == 0
    assert "searches" not in capsys.readouterr().err


@pytest.mark.parametrize("task", TABLES)
def test_the_table_gives_each_task_its_objectives(task):
    job = {"arch_seq": [0, 1, 2, 4, 0, 1]}
    found = tabular.run(job)
    values = dict(
        zip(("accuracy", "introspectability"), found["objective"], strict=True)
    )
    values["−parameters"] = -found["metadata"]["n_parameters"]
    expected = tuple(values[name] for name in task.split(", "))
    assert look_up(job, TABLES[task]) == expected


def test_searches_of_three_objectives_find_the_best_of_each():
    space = space_of(list(TABLES)[-1], 0)
    for name in ("XNAS MOBO", "XNAS regularised evolution", "pymoo SMS-EMOA"):
        objective = Objective(space, BUDGET, weights=(1, 1, 1))
        search_with(name, objective, 0)
        assert {len(point) for point in objective.points} == {3}


def test_evaluations_stand_in_the_order_in_which_they_ended(known):
    def seconds(genotype):
        return landscape.seconds(0, genotype)

    objective = Objective(known, BUDGET, seconds=seconds, in_flight=4)
    search_with("XNAS NSGA-II, asynchronous", objective, 0)
    assert sorted(objective.genotypes) == sorted(searched_order(known))
    assert objective.genotypes != searched_order(known)
    assert objective.points == list(map(known.objectives, objective.genotypes))


def searched_order(known):
    """All are among the first population, which is drawn whatever happens."""
    return searched(known, "XNAS NSGA-II, asynchronous").genotypes


def test_the_front_of_a_chain_is_that_of_all_its_networks():
    chain = Chain(1, n_blocks=3)
    genotypes = list(product(*map(range, chain.n_choices)))
    points = np.array(list(map(chain.objectives, genotypes)))
    front = points[is_pareto_efficient(points)]
    assert np.unique(chain.front.round(9), axis=0) == pytest.approx(
        np.unique(front.round(9), axis=0)
    )
    assert chain.mean == pytest.approx(points.mean(axis=0))
    assert (chain.worst <= points.min(axis=0)).all()
    assert chain.share(points, chain.mean) == pytest.approx(1)
    assert len(set(map(chain.space.canonical_form, genotypes))) == len(genotypes)


def test_a_chain_has_more_than_a_million_million_networks():
    chain = Chain(0)
    assert chain.space.size > 10**12
    assert len(chain.n_choices) >= 20
    assert searched(chain, "XNAS MOBO").genotypes


def test_a_run_function_that_knows_nothing_is_told_in_one_sentence(tmp_path, capsys):
    flags = ["--run", "no.such.function", "--rows", str(tmp_path / "rows.csv")]
    assert main(flags) == 2
    assert capsys.readouterr().err.count("\n") == 1
