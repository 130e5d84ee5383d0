"""NSGA-II as a DeepHyper search."""

import asyncio
import json

import numpy as np
import pytest
from deephyper.evaluator import Evaluator
from deephyper.hpo import Search
from searching import brute_force_front, instant, instant_single, read, trade_off

from xnas.errors import UsageError
from xnas.nas_deephyper.nsga_ii import NSGAII
from xnas.pareto import hypervolume
from xnas.results import RunFolder


def evaluator(run=instant, num_workers=1):
    return Evaluator.create(run, "serial", {"num_workers": num_workers})


def search(problem, folder, max_evals=64, run=instant, num_workers=1, **kwargs):
    settings = {"random_state": 3, "population_size": 16, **kwargs}
    made = NSGAII(problem, log_dir=folder, **settings)
    made.search(evaluator(run, num_workers), max_evals=max_evals)
    return read(folder)


def test_it_is_a_deephyper_search(problem, tmp_path):
    assert isinstance(NSGAII(problem, log_dir=tmp_path), Search)


def test_generations_are_whole_and_counted_from_zero(problem, tmp_path):
    rows = search(problem, tmp_path)
    assert rows["m:generation"].value_counts().to_dict() == dict.fromkeys(range(4), 16)
    assert rows["m:id"].tolist() == rows["job_id"].tolist() == list(range(64))


def test_no_genotype_is_evaluated_twice_and_all_are_connected(problem, tmp_path):
    rows = search(problem, tmp_path, max_evals=200)
    assert rows["arch"].nunique() == 200
    space = problem.build_space()
    assert all(space.is_connected(arch) for arch in rows["arch"])


def test_of_networks_that_compute_the_same_one_is_evaluated(small_problem, tmp_path):
    made = NSGAII(small_problem, log_dir=tmp_path, random_state=0, population_size=16)
    made.search(evaluator(), max_evals=1000)
    rows = read(tmp_path)
    space = small_problem.build_space()
    connected = [g for g in np.ndindex(5, 5, 5) if space.is_connected(g)]
    evaluated = [space.canonical_form(arch) for arch in rows["arch"]]
    assert made.exhausted
    assert len(set(evaluated)) == len(evaluated) < len(connected)
    assert set(evaluated) == {space.canonical_form(g) for g in connected}


def test_parents_come_from_earlier_generations(problem, tmp_path):
    rows = search(problem, tmp_path)
    generation = rows["m:generation"]
    assert not any(rows.loc[generation == 0, "parents"])
    later = rows[generation > 0]
    assert later["parents"].map(len).between(1, 2).mean() > 0.9
    for own, parents in zip(later["m:generation"], later["parents"], strict=True):
        assert all(generation[p] < own for p in parents)


def test_the_front_agrees_with_brute_force(problem, tmp_path):
    rows = search(problem, tmp_path)
    points = rows[["objective_0", "objective_1"]].to_numpy().tolist()
    assert rows["pareto_efficient"].tolist() == brute_force_front(points)


def test_columns_hold_the_choices(problem, tmp_path):
    rows = search(problem, tmp_path, max_evals=5)
    choices = rows[[f"p:edge_{i}" for i in range(6)]].to_numpy().tolist()
    assert choices == [list(arch) for arch in rows["arch"]]
    assert rows["objective_0"].tolist() == [trade_off(a)[0] for a in rows["arch"]]
    assert rows["m:n_parameters"].tolist() == [7] * 5


def test_the_last_generation_is_cut_to_the_budget(problem, tmp_path):
    rows = search(problem, tmp_path, max_evals=21, num_workers=4)
    assert rows["m:generation"].value_counts().to_dict() == {0: 16, 1: 5}


def test_equal_seeds_give_equal_rows(problem, tmp_path):
    first = search(problem, tmp_path / "a")
    second = search(problem, tmp_path / "b")
    other = search(problem, tmp_path / "c", random_state=4)
    assert first["arch"].tolist() == second["arch"].tolist()
    assert first["parents"].tolist() == second["parents"].tolist()
    assert first["arch"].tolist() != other["arch"].tolist()


def test_the_order_in_which_evaluations_end_does_not_matter(problem, tmp_path):
    async def shuffled(job):
        await asyncio.sleep(hash(tuple(job["arch_seq"])) % 7 / 500)
        return trade_off(job["arch_seq"])

    serial = search(problem, tmp_path / "a", run=shuffled)
    parallel = search(problem, tmp_path / "b", run=shuffled, num_workers=5)
    assert parallel["m:id"].tolist() != list(range(64))
    parallel = parallel.sort_values("m:id")
    assert serial["arch"].tolist() == parallel["arch"].tolist()
    assert serial["parents"].tolist() == parallel["parents"].tolist()


def test_no_more_is_handed_out_than_workers_are_free(problem, tmp_path):
    running, most = 0, 0

    async def counted(job):
        nonlocal running, most
        running += 1
        most = max(most, running)
        started = len(RunFolder(tmp_path).started.read_text().splitlines())
        finished = len(RunFolder(tmp_path).results.read_text().splitlines()) - 1
        assert started - finished <= 3
        await asyncio.sleep(0.002)
        running -= 1
        return trade_off(job["arch_seq"])

    search(problem, tmp_path, max_evals=40, run=counted, num_workers=3)
    assert most == 3


def test_every_row_is_on_disk_before_the_next_evaluation_starts(problem, tmp_path):
    seen = []

    async def counted(job):
        lines = RunFolder(tmp_path).results.read_text().splitlines()
        seen.append(len(lines) - 1)
        return trade_off(job["arch_seq"])

    search(problem, tmp_path, max_evals=20, run=counted)
    assert seen == list(range(20))


def test_an_exhausted_space_ends_the_search(small_problem, tmp_path):
    made = NSGAII(
        small_problem,
        log_dir=tmp_path,
        random_state=0,
        population_size=16,
        deduplicate="genotype",
    )
    made.search(evaluator(), max_evals=1000)
    rows = read(tmp_path)
    space = small_problem.build_space()
    connected = [g for g in np.ndindex(5, 5, 5) if space.is_connected(g)]
    assert made.exhausted
    assert sorted(rows["arch"]) == sorted(connected)


def test_selection_beats_random_search(problem, tmp_path):
    # These objectives belong to choices, not to what a network computes.
    rows = search(problem, tmp_path, max_evals=320, deduplicate="genotype")
    points = rows[["objective_0", "objective_1"]].to_numpy()
    first, last = points[:16], points[-16:]
    assert last.sum(axis=1).mean() > first.sum(axis=1).mean() + 0.1
    assert hypervolume(points, [0, 0]) > hypervolume(first, [0, 0])


@pytest.mark.parametrize(
    ("failing", "failed"), [(lambda number: number == 0, 1), (lambda number: True, 40)]
)
def test_failed_evaluations_cost_only_themselves(problem, tmp_path, failing, failed):
    async def run(job):
        if failing(job["job_id"]):
            return "F_exception"
        return trade_off(job["arch_seq"])

    rows = search(problem, tmp_path, max_evals=40, run=run)
    mask = rows["objective_0"] == "F_exception"
    assert mask.sum() == (rows["objective_1"] == "F_exception").sum() == failed
    assert not rows.loc[mask, "pareto_efficient"].any()
    assert rows["pareto_efficient"].any() == (failed < 40)
    assert rows["arch"].nunique() == 40
    parents = {p for parents in rows["parents"] for p in parents}
    assert not parents & set(rows.loc[mask, "m:id"])


def test_minus_infinity_is_a_result_and_nan_a_failure(problem, tmp_path):
    async def run(job):
        first, second = trade_off(job["arch_seq"])
        return [(first, float("-inf")), (float("nan"), second), (first, second)][
            job["job_id"] % 3
        ]

    rows = search(problem, tmp_path, max_evals=48, run=run)
    third = rows["m:id"] % 3
    assert (rows.loc[third == 0, "objective_1"].astype(float) == -np.inf).all()
    assert (rows.loc[third == 1, "objective_0"] == "F_nan").all()
    sound = rows[third != 1]
    points = sound[["objective_0", "objective_1"]].astype(float).to_numpy().tolist()
    assert sound["pareto_efficient"].tolist() == brute_force_front(points)


def test_one_objective_is_searched_the_same_way(problem, tmp_path):
    rows = search(problem, tmp_path, max_evals=160, run=instant_single, n_objectives=1)
    assert "objective_0" not in rows
    best = rows["objective"].max()
    assert rows["pareto_efficient"].tolist() == (rows["objective"] == best).tolist()
    assert rows["objective"][-16:].mean() > rows["objective"][:16].mean() + 0.2


def test_a_search_can_be_carried_on_in_the_same_process(problem, tmp_path):
    made = NSGAII(problem, log_dir=tmp_path / "a", random_state=3, population_size=16)
    own = evaluator()
    made.search(own, max_evals=21)
    made.search(own, max_evals=43)
    whole = search(problem, tmp_path / "b")
    rows = read(tmp_path / "a")
    assert rows["arch"].tolist() == whole["arch"].tolist()
    assert rows["pareto_efficient"].tolist() == whole["pareto_efficient"].tolist()


def test_infos_are_written_before_the_first_row(problem, tmp_path):
    async def run(job):
        infos = json.loads((tmp_path / "init_infos.json").read_text())
        assert infos["search"]["seed"] == 3
        return trade_off(job["arch_seq"])

    search(problem, tmp_path, max_evals=2, run=run)
    infos = RunFolder(tmp_path).infos()
    assert infos["search"] == {
        "type": "NSGAII",
        "seed": 3,
        "population_size": 16,
        "variation": "sbx",
        "deduplicate": "isomorphic",
        "max_evals": 2,
    }
    assert infos["objectives"] == [
        {"name": "val_acc__last", "maximize": True, "reference": 0.1},
        {"name": "introspectability", "maximize": True, "reference": 0.0},
    ]
    assert infos["format"] == 3
    assert infos["hypervolume_reference"] == [0.1, 0.0]
    assert infos["class_names"] == [str(i) for i in range(10)]
    assert infos["environment"]["packages"]["deephyper"]
    assert infos["space"]["nodes"]


def test_only_the_front_of_a_generation_keeps_its_activations(problem, tmp_path):
    async def run(job):
        RunFolder(tmp_path).activations(job["job_id"]).touch()
        return trade_off(job["arch_seq"])

    rows = search(problem, tmp_path, max_evals=48, run=run)
    kept = {int(p.stem) for p in (tmp_path / "activations").iterdir()}
    expected = set()
    for _, generation in rows.groupby("m:generation"):
        points = generation[["objective_0", "objective_1"]].to_numpy().tolist()
        expected |= set(generation["m:id"][brute_force_front(points)])
    assert kept == expected


def test_a_folder_with_a_run_is_refused_untouched(problem, tmp_path):
    search(problem, tmp_path, max_evals=3)
    before = (tmp_path / "results.csv").read_bytes()
    with pytest.raises(UsageError, match="already holds a run"):
        NSGAII(problem, log_dir=tmp_path)
    assert (tmp_path / "results.csv").read_bytes() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"population_size": 1},
        {"random_state": -1},
        {"random_state": 1.5},
        {"n_objectives": 0},
    ],
)
def test_bad_arguments_are_told_before_a_folder_exists(problem, tmp_path, wrong):
    with pytest.raises(ValueError, match="expected"):
        NSGAII(problem, log_dir=tmp_path / "run", **wrong)
    assert not (tmp_path / "run").exists()


def test_a_seed_is_drawn_and_recorded_if_none_is_given(problem, tmp_path):
    made = NSGAII(problem, log_dir=tmp_path)
    assert made.settings["seed"] == made.seed
    assert NSGAII(problem, log_dir=tmp_path).seed != made.seed
