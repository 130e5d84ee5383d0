"""Regularised evolution as a DeepHyper search."""

import numpy as np
import pytest
from deephyper.evaluator import Evaluator
from searching import instant, read, trade_off

from xnas.nas_deephyper.regevo_xnas import RegularizedEvolutionXNAS


def search(problem, folder, max_evals=64, run=instant, num_workers=1, **kwargs):
    settings = {"random_state": 3, **kwargs}
    made = RegularizedEvolutionXNAS(problem, log_dir=folder, **settings)
    own = Evaluator.create(run, "serial", {"num_workers": num_workers})
    made.search(own, max_evals=max_evals)
    return read(folder)


@pytest.mark.parametrize("num_workers", [1, 3])
def test_rows_are_different_and_every_parent_is_an_earlier_row(
    problem, tmp_path, num_workers
):
    rows = search(problem, tmp_path, num_workers=num_workers)
    assert rows["arch"].nunique() == len(rows) == 64
    assert rows["m:generation"].isna().all()
    position = {number: k for k, number in enumerate(rows["m:id"])}
    for number, parents in zip(rows["m:id"], rows["parents"], strict=True):
        assert len(parents) == (1 if number >= 12 else len(parents))
        assert all(position[p] < position[number] for p in parents)


def test_a_child_differs_from_its_parent_by_one_choice(problem, tmp_path):
    rows = search(problem, tmp_path)
    for arch, parents in zip(rows["arch"], rows["parents"], strict=True):
        for parent in parents:
            differs = np.not_equal(arch, rows["arch"][parent])
            assert differs.sum() == 1


def test_parents_are_among_the_latest_rows(problem, tmp_path):
    rows = search(problem, tmp_path, population_size=10)
    for number, parents in enumerate(rows["parents"]):
        assert all(number - 10 <= p < number for p in parents)


def test_the_weighted_sum_decides(problem, tmp_path):
    first = search(problem, tmp_path / "a", 150, weight_perf=1.0, weight_xai=0.0)
    second = search(problem, tmp_path / "b", 150, weight_perf=0.0, weight_xai=1.0)
    late = slice(100, None)
    assert first["objective_0"][late].mean() > second["objective_0"][late].mean() + 0.2
    assert second["objective_1"][late].mean() > first["objective_1"][late].mean() + 0.2


def test_equal_seeds_give_equal_rows(problem, tmp_path):
    first, second = (search(problem, tmp_path / name) for name in "ab")
    assert first["arch"].tolist() == second["arch"].tolist()
    assert first["parents"].tolist() == second["parents"].tolist()


def test_an_exhausted_space_ends_the_search(small_problem, tmp_path):
    rows = search(
        small_problem,
        tmp_path,
        max_evals=1000,
        num_workers=2,
        deduplicate="genotype",
    )
    space = small_problem.build_space()
    connected = [g for g in np.ndindex(5, 5, 5) if space.is_connected(g)]
    assert sorted(rows["arch"]) == sorted(connected)


def test_failed_and_minus_infinite_rows_lose_every_tournament(problem, tmp_path):
    async def run(job):
        first, second = trade_off(job["arch_seq"])
        results = ["F_exception", (first, float("-inf")), (first, second)]
        return results[min(job["job_id"] % 8, 2)]

    rows = search(problem, tmp_path, run=run, sample_size=5)
    parents = {p for parents in rows["parents"] for p in parents}
    assert not any(p % 8 in (0, 1) for p in parents)


def test_a_search_of_failures_goes_on(problem, tmp_path):
    async def run(job):
        return "F_exception"

    rows = search(problem, tmp_path, run=run, max_evals=30)
    assert (rows["objective_0"] == "F_exception").all()
    assert rows["arch"].nunique() == 30


@pytest.mark.parametrize(
    "wrong", [{"population_size": 1}, {"sample_size": 0}, {"sample_size": 11}]
)
def test_bad_arguments_are_told_before_a_folder_exists(problem, tmp_path, wrong):
    with pytest.raises(ValueError, match="expected"):
        RegularizedEvolutionXNAS(problem, log_dir=tmp_path / "run", **wrong)
    assert not (tmp_path / "run").exists()
