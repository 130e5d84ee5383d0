"""What networks are worth, and how sure that is."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.drawing.drawn_spaces import pair_of_pictures, two_choices
from tests.results.run_folders import make_run, new_infos
from xnas.distances import Distances
from xnas.drawing.description import read_description
from xnas.drawing.network import choose
from xnas.errors import UsageError
from xnas.pareto import hypervolume
from xnas.records import Evaluation, failed
from xnas.results import load
from xnas.results.estimated import read_estimates
from xnas.results.estimates import estimate
from xnas.results.features import distances_among
from xnas.results.storing import store_estimates
from xnas.searches import Networks
from xnas.space import nas_bench_201_search_space

SPACE = nas_bench_201_search_space((8, 8, 1), (10,), stack_size=1)
DESCRIPTION = read_description(SPACE.describe())
SD = np.array([0.02, 0.5])
RUN = Path(__file__).parents[1] / "data" / "run_before"


def worth(genotype):
    """What a network is worth: features that add up, and one interaction."""
    heavy = sum(choice == 0 for choice in genotype)
    light = sum(choice == 1 for choice in genotype[2:])
    together = genotype[0] == 0 and genotype[5] == 4
    return np.array([0.9 + 0.02 * heavy - 0.03 * together, 2.0 * light - heavy])


def trained(genotype, rng, id_, replicate=0):
    values = worth(genotype) + SD * rng.standard_normal(2)
    return Evaluation(
        id_, genotype, replicate=replicate, objectives=tuple(values.tolist())
    )


def search(seed, count=64, again=0):
    rng = np.random.default_rng(seed)
    drawn = Networks(SPACE).draw(count, rng)
    rows = [trained(genotype, rng, i) for i, genotype in enumerate(drawn)]
    more = (drawn[i % count] for i in range(again))
    return rows + [
        trained(genotype, rng, count + i, 1 + i // count)
        for i, genotype in enumerate(more)
    ]


def test_intervals_hold_the_truth_as_often_as_they_say():
    inside = []
    for seed in range(8):
        found = estimate(search(seed, again=16), 2, DESCRIPTION)
        truth = np.array([worth(one.mean.genotype) for one in found.networks])
        inside.append(np.abs(found.means - truth) < 1.96 * found.deviations)
    assert 0.88 < np.mean(inside) < 0.995


def test_estimates_are_nearer_the_truth_than_what_was_observed():
    errors = []
    for seed in range(8):
        rows = search(seed)
        found = estimate(rows, 2, DESCRIPTION)
        truth = np.array([worth(one.genotype) for one in rows])
        observed = np.array([one.objectives for one in rows])
        errors.append([(values - truth) ** 2 for values in (found.means, observed)])
    # On average over objectives: of two that go together, one may lose a little.
    of_estimates, of_observed = np.mean(errors, axis=(0, 2))
    assert (of_estimates / of_observed).mean() < 0.95


def test_further_trainings_make_surer_on_average_over_searches():
    # Not in each: how much is noise is itself a guess from one training a network.
    before, after = (
        [
            estimate(search(seed, again=again), 2, DESCRIPTION).deviations.mean(axis=0)
            for seed in range(1, 21)
        ]
        for again in (0, 192)
    )
    assert (np.mean(after, axis=0) < np.mean(before, axis=0)).all()


def test_objectives_in_another_order_have_the_same_estimates():
    rows = search(3)
    turned = [
        Evaluation(one.id, one.genotype, objectives=one.objectives[::-1])
        for one in rows
    ]
    found = estimate(rows, 2, DESCRIPTION)
    other = estimate(turned, 2, DESCRIPTION)
    assert other.means[:, ::-1] == pytest.approx(found.means)
    assert other.deviations[:, ::-1] == pytest.approx(found.deviations)
    difference = np.abs(other.front_probability - found.front_probability)
    assert difference.max() < 0.06  # other draws


def test_objectives_in_another_unit_have_the_same_estimates_in_it():
    rows = search(4)
    percent = [
        Evaluation(
            one.id,
            one.genotype,
            objectives=(100 * one.objectives[0] - 7, one.objectives[1]),
        )
        for one in rows
    ]
    found = estimate(rows, 2, DESCRIPTION)
    other = estimate(percent, 2, DESCRIPTION)
    assert other.means[:, 0] == pytest.approx(100 * found.means[:, 0] - 7)
    assert other.deviations[:, 0] == pytest.approx(100 * found.deviations[:, 0])
    assert other.front_probability == pytest.approx(found.front_probability, abs=0.01)


def test_failures_have_no_estimate_and_spoil_none():
    rows = search(5)
    rows[3] = failed(rows[3], "nan")
    rows[4] = Evaluation(4, rows[4].genotype, objectives=(0.9, -np.inf))
    found = estimate(rows, 2, DESCRIPTION)
    assert [one.id for one in found.networks] == [i for i in range(64) if i != 3]
    assert np.isfinite(found.means).all()
    assert (found.front_probability <= 1).all()


def test_what_no_training_changes_is_known_and_is_drawn_nowhere_else():
    rows = [
        Evaluation(
            one.id,
            one.genotype,
            objectives=(one.objectives[0], -float(sum(one.genotype))),
        )
        for one in search(9)
    ]
    found = estimate(rows, 2, DESCRIPTION, exact=[1])
    sizes = [one.objectives[1] for one in rows]
    assert found.means[:, 1].tolist() == sizes
    assert not found.deviations[:, 1].any()
    assert found.deviations[:, 0].all()
    # The only network of its size or less is on the front whatever its accuracy.
    (lightest,) = np.flatnonzero(found.means[:, 1] == max(sizes))
    assert found.front_probability[lightest] == 1


def test_of_an_objective_without_any_value_nothing_is_believed():
    rows = [
        Evaluation(one.id, one.genotype, objectives=(one.objectives[0], -np.inf))
        for one in search(9)
    ]
    found = estimate(rows, 2, DESCRIPTION)
    assert np.isneginf(found.means[:, 1]).all()
    assert np.isfinite(found.means[:, 0]).all()
    assert found.front_probability.sum() == pytest.approx(1)


def test_too_few_networks_are_said():
    with pytest.raises(UsageError, match="11 networks did not fail, expected 12"):
        estimate(search(6, count=11), 2, DESCRIPTION)


@pytest.fixture
def run(tmp_path):
    """64 networks, the second objective minimised: stored negated."""
    stated = ("val_acc__last", True, 0.1), ("seconds", False, None)
    content = new_infos(*stated, space=SPACE.describe())
    rows = [
        {"objective": one.objectives, "genotype": one.genotype} for one in search(7)
    ]
    names = [node.name for node in SPACE.variable_nodes]
    return load(make_run(tmp_path, rows, content=content, variables=names).root)


def test_a_run_shows_estimates_as_they_would_be_measured(run):
    found = estimate(search(7), 2, DESCRIPTION)
    table = run.estimates
    assert table["seconds"].to_numpy() == pytest.approx(-found.means[:, 1])
    assert table["seconds_sd"].to_numpy() == pytest.approx(found.deviations[:, 1])
    assert list(table["replicates"]) == [1] * 64
    assert list(table["id"]) == list(range(64))


def test_the_estimated_front_is_what_no_other_network_dominates(run):
    front = run.estimated_front
    assert front["val_acc__last"].is_monotonic_decreasing
    assert front["seconds"].is_monotonic_decreasing
    beaten = run.estimates[~run.estimates["id"].isin(front["id"])]
    for one in beaten.itertuples():
        better = front["val_acc__last"] >= one.val_acc__last
        assert (better & (front["seconds"] <= one.seconds)).any()


def test_the_estimated_hypervolume_is_that_of_the_means(run):
    assert run.estimated_hypervolume() is None
    both = replace(run.objectives[1], reference=5.0)
    run._objectives = (run.objectives[0], both)
    expected = hypervolume(estimate(search(7), 2, DESCRIPTION).means, (0.1, -5.0))
    assert run.estimated_hypervolume() == pytest.approx(expected)


def test_picks_go_by_estimates_where_there_are_some(run):
    front = run.estimated_front
    ids = {"val_acc__last": front["id"].iloc[0], "seconds": front["id"].iloc[-1]}
    assert run.picks() == run.picks("estimated")
    assert run.picks().items() >= ids.items()
    assert run.picks() != run.picks("observed")
    assert run.pick("accuracy") == ids["val_acc__last"]
    assert run.pick("accuracy", by="observed") == run.front["id"].iloc[0]
    with pytest.raises(ValueError, match="by is 'luck', expected one of estimated"):
        run.picks("luck")


def test_without_estimates_picks_go_by_what_was_observed():
    small = load(RUN)
    assert small.picks() == small.picks("observed")
    with pytest.raises(UsageError, match="12 or more to estimate"):
        small.picks("estimated")


def test_a_score_that_is_recorded_only_counts_for_picks_by_estimates(tmp_path):
    content = new_infos(("val_acc__last", True, 0.1), space=SPACE.describe())
    rows = [
        {
            "objective": one.objectives[0],
            "genotype": one.genotype,
            "metadata": {"introspectability": one.objectives[1]},
        }
        for one in search(7)
    ]
    names = [node.name for node in SPACE.variable_nodes]
    run = load(make_run(tmp_path, rows, content=content, variables=names).root)
    found = estimate(search(7), 2, DESCRIPTION)
    assert run.estimated(run.axes).means == pytest.approx(found.means)
    assert set(run.estimates) >= {"val_acc__last", "front_probability"}
    assert "introspectability" not in run.estimates
    assert len(run.picks()) == 3


def test_what_is_stored_says_what_it_rests_on_and_comes_back(run):
    objectives = run.objectives
    assert read_estimates(run.folder, objectives) is None
    assert store_estimates(run) is None
    found = read_estimates(run.folder, objectives)
    assert found.evaluations == 64
    assert found.front_size == len(run.estimated_front)
    assert found.likely == len(run.credible_front())
    best = run.estimated_front.iloc[-1]
    assert found.best[1].id == best["id"]
    assert found.best[1].low < found.best[1].value == best["seconds"]
    table = pd.read_csv(run.folder.estimates)
    assert table["front_probability"].equals(run.estimates["front_probability"])
    assert run.summary().estimates == found
    run.folder.estimates.write_text("id,seconds\n1,")
    assert read_estimates(run.folder, objectives) is None


def test_why_nothing_is_stored_is_said():
    why = store_estimates(load(RUN))
    assert "expected 12 or more" in why
    assert not (RUN / "estimates.csv").exists()


def test_genotypes_of_another_space_have_no_estimates(tmp_path):
    rows = [{"objective": (0.1, 0.2), "genotype": (i, 0)} for i in range(20)]
    run = load(make_run(tmp_path, rows, space=SPACE.describe()).root)
    assert "2 choices found, expected 6" in run.why_no_estimates


def test_the_credible_front_may_be_empty(run):
    assert (run.credible_front(0.2)["front_probability"] >= 0.2).all()
    assert run.credible_front(0.2)["front_probability"].is_monotonic_decreasing
    assert run.credible_front(1.1).empty


def test_an_old_run_too_small_for_estimates_says_so():
    with pytest.raises(UsageError, match="expected 12 or more to estimate"):
        _ = load(RUN).estimates


def features(description, genotype):
    """Choices, and colours of the parts that are drawn, one after the other."""
    parts = choose(description, genotype)
    active = {name: part for name, part in parts.items() if part.active}
    used = {description.decider(part.node).name for part in active.values()}
    choices = zip(description.variables, genotype, strict=True)
    chosen = {(i, c if name in used else -1) for i, (name, c) in enumerate(choices)}
    colours = {name: part.operation for name, part in active.items()}
    found = set()

    def sources(part):
        return (name for name in part.sources if name in active)

    for depth in range(3):
        found |= {(depth, colour) for colour in colours.values()}
        colours = {
            name: (
                part.operation,
                *sorted(colours[s] for s in part.sources if s in active),
            )
            for name, part in active.items()
        }
    return frozenset(chosen), frozenset(found)


@pytest.mark.parametrize("space", [SPACE, pair_of_pictures(), two_choices()])
def test_networks_differ_by_the_parts_that_are_drawn_and_what_comes_before(space):
    description = read_description(space.describe())
    rng = np.random.default_rng(8)
    sizes = [len(node.ops) for node in space.variable_nodes]
    drawn = rng.integers(0, sizes, (60, len(sizes))).tolist()
    genotypes = list(dict.fromkeys(map(tuple, drawn)))  # some are not connected
    slow = Distances(partial(features, description), len(sizes))
    expected = slow.between(slow.table(genotypes), slow.table(genotypes))
    together = distances_among(description, genotypes)
    found = together.between(together.table(genotypes[5:]), together.table(genotypes))
    assert (found == expected[5:]).all()
