"""NSGA-II without generations."""

import asyncio
import json

import numpy as np
import pytest
from deephyper.evaluator import Evaluator
from searching import brute_force_front, instant, read, trade_off

from xnas.nas_deephyper.nsga_ii import AsynchronousNSGAII
from xnas.nas_deephyper.regevo_xnas import RegularizedEvolutionXNAS
from xnas.records import Candidate
from xnas.results import RunFolder, read_table
from xnas.search_space_common import (
    ConstantNode,
    Dense,
    Identity,
    KSearchSpace,
    VariableNode,
    Zero,
)


async def uneven(job):
    """Take longer for some than for others."""
    await asyncio.sleep(0.001 * (sum(job["arch_seq"]) % 7))
    return trade_off(job["arch_seq"])


def make(problem, folder, **kwargs):
    return AsynchronousNSGAII(
        problem, log_dir=folder, random_state=3, population_size=16, **kwargs
    )


def search(problem, folder, max_evals=96, run=instant, num_workers=1, **kwargs):
    made = make(problem, folder, **kwargs)
    own = Evaluator.create(run, "serial", {"num_workers": num_workers})
    made.search(own, max_evals=max_evals)
    return read(folder)


def started(folder):
    lines = RunFolder(folder).started.read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("num_workers", [1, 5])
def test_rows_are_different_networks_without_generations(
    problem, tmp_path, num_workers
):
    rows = search(problem, tmp_path, run=uneven, num_workers=num_workers)
    space = problem.build_space()
    assert len({space.canonical_form(arch) for arch in rows["arch"]}) == len(rows) == 96
    assert rows["m:generation"].isna().all()
    points = rows[["objective_0", "objective_1"]].to_numpy().tolist()
    assert rows["pareto_efficient"].tolist() == brute_force_front(points)


def test_parents_are_rows_that_ended_before_the_child_began(problem, tmp_path):
    rows = search(problem, tmp_path, run=uneven, num_workers=4)
    position = {number: k for k, number in enumerate(rows["m:id"])}
    after = {entry["id"]: entry["after_rows"] for entry in started(tmp_path)}
    bred = rows[rows["m:id"] >= 16]
    assert bred["parents"].map(len).gt(0).mean() > 0.9
    for number, parents in zip(rows["m:id"], rows["parents"], strict=True):
        assert all(position[parent] < after[number] for parent in parents)


def test_no_worker_waits_for_a_slower_one(problem, tmp_path):
    async def one_is_slow(job):
        await asyncio.sleep(1.0 if job["job_id"] == 3 else 0.002)
        return trade_off(job["arch_seq"])

    rows = search(problem, tmp_path, run=one_is_slow, num_workers=4)
    # With generations of 16 no more than 16 could end before it.
    assert rows["m:id"].tolist().index(3) > 40


def test_what_was_handed_out_follows_from_the_rows_before(problem, tmp_path):
    search(problem, tmp_path, run=uneven, num_workers=5)
    again = make(problem, tmp_path / "again").algorithm
    rows = read_table(RunFolder(tmp_path).results).evaluations
    for entry in started(tmp_path):
        while again.n_told < entry["after_rows"]:
            again.tell(rows[again.n_told])
        again.next_id = entry["id"]
        assert again.ask(1) == [
            Candidate(entry["id"], tuple(entry["arch_seq"]), tuple(entry["parent_ids"]))
        ]


def test_selection_beats_random_search(problem, tmp_path):
    rows = search(problem, tmp_path, max_evals=320, deduplicate="genotype")
    points = rows[["objective_0", "objective_1"]].to_numpy()
    assert points[-16:].sum(axis=1).mean() > points[:16].sum(axis=1).mean() + 0.05


def test_equal_seeds_give_equal_rows(problem, tmp_path):
    first, second = (search(problem, tmp_path / name) for name in ("a", "b"))
    assert first["arch"].tolist() == second["arch"].tolist()


def test_a_small_space_is_exhausted(small_problem, tmp_path):
    made = make(small_problem, tmp_path)
    own = Evaluator.create(instant, "serial", {"num_workers": 3})
    made.search(own, max_evals=1000)
    assert made.exhausted
    space = small_problem.build_space()
    forms = {
        space.canonical_form(g) for g in np.ndindex(5, 5, 5) if space.is_connected(g)
    }
    assert len(read(tmp_path)) == len(forms)


def chain(input_shape=(8, 8, 1), output_shape=(10,)):
    """Make 4¹¹ genotypes, of which one is connected."""
    space = KSearchSpace(input_shape, output_shape)
    last = space.input_nodes[0]
    for number in range(11):
        node = VariableNode(f"link_{number}")
        for operation in (Zero(), Zero(), Identity(), Zero()):
            node.add_op(operation)
        space.connect(last, node)
        last = node
    space.connect(last, ConstantNode(Dense(10, "softmax"), "output"))
    return space


@pytest.mark.parametrize("kind", [AsynchronousNSGAII, RegularizedEvolutionXNAS])
def test_a_search_that_finds_nothing_says_after_how_many_draws(
    kind, problem, tmp_path, monkeypatch
):
    monkeypatch.setattr("xnas.searches.networks.MOST_DRAWS", 20_000)
    problem.search_space(chain)
    made = kind(problem, log_dir=tmp_path, random_state=0)
    made.search(Evaluator.create(instant, "serial", {"num_workers": 1}), max_evals=5)
    assert not made.exhausted
    assert made.no_more == "found no new network in 20,100 draws"


def test_a_population_of_one_is_refused(problem, tmp_path):
    with pytest.raises(ValueError, match="population_size is 1"):
        AsynchronousNSGAII(problem, log_dir=tmp_path, population_size=1)
