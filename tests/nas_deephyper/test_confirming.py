"""Networks that are trained again after a search, in the same run folder."""

import random
import shutil

import brief
import pytest
from deephyper.evaluator import Evaluator
from searching import rows_of, trade_off

from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.mobo import MOBO
from xnas.nas_deephyper.nsga_ii import NSGAII, AsynchronousNSGAII
from xnas.nas_deephyper.regevo_xnas import RegularizedEvolutionXNAS
from xnas.results import RunFolder, load
from xnas.results.confirmations import Confirmations

SMALL = {"population_size": 8}


async def noisy(job):
    """Draw around a network's worth by its choices and the number of its training."""
    rng = random.Random(str((job["arch_seq"], job["replicate"])))
    first, second = trade_off(job["arch_seq"])
    return first + rng.gauss(0, 0.05), second + rng.gauss(0, 0.05)


def go(problem, folder, max_evals, confirm=0, run=noisy, search=NSGAII, **kwargs):
    options = {} if search is MOBO else SMALL
    found = search(problem, log_dir=folder, random_state=3, **options, **kwargs)
    own = Evaluator.create(run, "serial", {"num_workers": 1})
    found.search(own, max_evals=max_evals, confirm=confirm)
    return found


def replicates(folder):
    return [int(row["m:replicate"]) for row in rows_of(folder)]


def timeless(folder):
    return [
        {name: row[name] for name in row if "timestamp" not in name}
        for row in rows_of(folder)
    ]


def test_further_trainings_follow_and_count_for_no_limit(problem, tmp_path):
    go(problem, tmp_path, 16, confirm=6)
    found = replicates(tmp_path)
    assert found[:16] == [0] * 16
    assert len(found) == 22
    assert min(found[16:]) == 1
    assert [row["m:id"] for row in rows_of(tmp_path)] == [str(k) for k in range(22)]
    infos = RunFolder(tmp_path).infos()
    assert infos["search"]["max_evals"] == 16
    assert infos["confirmations"] == [{"first_id": 16, "replicates": 6}]
    summary = load(tmp_path).summary()
    assert (summary.done, summary.confirmed, summary.to_confirm) == (22, 6, 0)


def test_each_training_of_a_network_has_its_own_number_and_the_same_lineage(
    problem, tmp_path
):
    go(problem, tmp_path, 16, confirm=12)
    known = {}
    for row in rows_of(tmp_path):
        same = known.setdefault(row["m:arch_seq"], [])
        assert int(row["m:replicate"]) == len(same)
        lineage = row["m:generation"], row["m:parent_ids"]
        assert lineage == (same or [lineage])[0]
        same.append(lineage)


@pytest.mark.parametrize(
    "search", [NSGAII, AsynchronousNSGAII, MOBO, RegularizedEvolutionXNAS]
)
def test_a_search_goes_on_as_if_nothing_had_been_trained_again(
    problem, tmp_path, search
):
    plain, confirmed = tmp_path / "plain", tmp_path / "confirmed"
    go(problem, plain, 28, search=search)
    go(problem, confirmed, 13, confirm=3, search=search)
    go(problem, confirmed, 5, confirm=2, search=search, resume=True)
    go(problem, confirmed, 10, search=search, resume=True)
    rows = [row for row in rows_of(confirmed) if row["m:replicate"] == "0"]
    wanted = [row["m:arch_seq"] for row in rows_of(plain)]
    assert [row["m:arch_seq"] for row in rows] == wanted
    assert len(rows_of(confirmed)) == 33
    infos = RunFolder(confirmed).infos()
    assert Confirmations.of_run(infos).ids == [13, 14, 15, 21, 22]


MOMENTS = [3, 14, 15, 16, 18, 21]
"""Numbers of evaluations that kills come in the midst of."""


@pytest.fixture
def killed(problem, tmp_path):
    """A whole run, and copies of its folder as kills at some moments leave it."""
    whole = tmp_path / "whole"

    async def run(job):
        number = job["evaluation_id"]
        if number in MOMENTS:
            shutil.copytree(whole, tmp_path / f"killed {number}")
        return await noisy(job)

    go(problem, whole, 16, confirm=6, run=run)
    return whole, [tmp_path / f"killed {number}" for number in MOMENTS]


def test_a_run_killed_at_any_moment_comes_to_the_same_table(problem, killed):
    whole, folders = killed
    for folder in folders:
        done = len(rows_of(folder))
        with open(RunFolder(folder).started, "a") as stream:
            stream.write('{"id": 99, "ar')  # cut short
        go(problem, folder, max(0, 16 - done), confirm=6, resume=True)
        assert timeless(folder) == timeless(whole), folder
        lines = RunFolder(folder).started.read_text().splitlines()
        assert len(lines) == 23  # one was begun twice


def test_what_an_unfinished_search_found_is_confirmed_and_the_search_goes_on(
    problem, killed
):
    whole, folders = killed
    folder = folders[1]
    go(problem, folder, 0, confirm=4, resume=True)
    assert RunFolder(folder).infos()["search"]["max_evals"] == 16
    assert replicates(folder)[:14] == [0] * 14
    assert len(replicates(folder)) == 18
    assert load(folder).summary().unfinished == 1
    go(problem, folder, 2, resume=True)
    rows = [row["m:arch_seq"] for row in rows_of(folder) if row["m:replicate"] == "0"]
    assert rows == [row["m:arch_seq"] for row in rows_of(whole)][:16]


def test_a_failed_training_costs_only_itself(problem, tmp_path):
    async def run(job):
        return "F_nan" if job["replicate"] else await noisy(job)

    go(problem, tmp_path, 16, confirm=4, run=run)
    rows = rows_of(tmp_path)
    again = [row["m:arch_seq"] for row in rows[16:]]
    assert len(set(again)) == len(again) == 4
    front = load(tmp_path).front
    assert len(front)
    assert front["val_acc__last"].notna().all()


def test_the_same_object_goes_on_too(problem, tmp_path):
    search = go(problem, tmp_path, 14, confirm=3)
    own = Evaluator.create(noisy, "serial", {"num_workers": 1})
    search.search(own, max_evals=2, confirm=3)
    assert replicates(tmp_path)[17:19] == [0, 0]
    assert len(replicates(tmp_path)) == 22


def test_too_few_networks_end_in_good_order(problem, tmp_path):
    go(problem, tmp_path, 8, confirm=4)
    assert len(rows_of(tmp_path)) == 8


def test_a_timeout_ends_the_search_and_not_what_follows(problem, tmp_path):
    search = NSGAII(problem, log_dir=tmp_path, random_state=3, **SMALL)
    evaluator = create_evaluator("process", brief.run, num_workers=2)
    try:
        search.search(evaluator, timeout=3, confirm=5)
    finally:
        evaluator.close()
    found = replicates(tmp_path)
    assert sum(number > 0 for number in found) == 5
    assert len(found) > 17
