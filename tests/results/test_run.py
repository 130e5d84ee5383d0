"""What a notebook reads of a run, held against brute force."""

import csv
import json
import subprocess
import sys
import time
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from random_runs import EDGES, LAYERS, OBJECTIVES, make_random_run
from run_folders import make_run
from slow_fronts import points_of, slow_front

from xnas.errors import UsageError
from xnas.objectives import Objective
from xnas.results import load, write_gram

TASK, XAI = "val_acc__last", "introspectability"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return load(make_random_run(tmp_path_factory.mktemp("run"), 120).root)


@pytest.fixture(scope="module")
def rows(run):
    with open(run.folder.results) as stream:
        return list(csv.DictReader(stream))


def test_there_is_one_row_an_evaluation_in_order(run, rows):
    table = run.evaluations
    assert table["id"].tolist() == [int(row["m:id"]) for row in rows]
    assert table["arch_seq"].tolist() == [
        tuple(json.loads(row["m:arch_seq"])) for row in rows
    ]
    assert table["generation"].tolist() == [int(row["m:generation"]) for row in rows]
    assert table["training_time"].tolist() == [
        float(row["m:training_time"]) for row in rows
    ]


def test_a_failure_has_a_reason_and_no_objectives(run, rows):
    table = run.evaluations
    failed = [row for row in rows if row["objective_0"].startswith("F_")]
    assert failed
    assert table["reason"].dropna().tolist() == [row["objective_0"] for row in failed]
    assert table.loc[table["reason"].notna(), [TASK, XAI]].isna().all(axis=None)
    assert table.loc[table["reason"].isna(), [TASK, XAI]].notna().all(axis=None)


def test_minus_infinity_is_a_score(run, rows):
    expected = sum(row["objective_1"] == "-inf" for row in rows)
    assert expected
    assert np.isneginf(run.evaluations[XAI]).sum() == expected


def test_the_front_is_what_nothing_dominates(run, rows):
    front = run.front
    assert sorted(front["id"]) == sorted(slow_front(points_of(rows)))
    assert front[TASK].is_monotonic_decreasing
    assert run.evaluations["pareto_efficient"].sum() == len(front)


def test_the_hypervolume_is_the_area_below_the_steps(run):
    area, floor = 0.0, 0.0
    for accuracy, score in run.front[[TASK, XAI]].itertuples(index=False):
        if accuracy > 0.1 and score > floor:
            area += (accuracy - 0.1) * (score - floor)
            floor = score
    assert run.hypervolume() == pytest.approx(area, abs=1e-12)


def test_there_is_no_hypervolume_without_a_reference(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.1)], hypervolume_reference=None)
    assert load(folder.root).hypervolume() is None


def test_a_lineage_goes_back_to_generation_0(run, rows):
    parents = {int(row["m:id"]): json.loads(row["m:parent_ids"]) for row in rows}
    expected = {117}
    while missing := {p for one in expected for p in parents[one]} - expected:
        expected |= missing
    lineage = run.lineage(117)
    assert lineage["id"].tolist() == sorted(expected)
    assert lineage["id"].iloc[-1] == 117
    assert lineage["generation"].iloc[0] == 0


def test_a_lineage_survives_parents_without_a_row_and_circles(tmp_path):
    folder = make_random_run(tmp_path, 40, grams=False)
    text = folder.results.read_text()
    row = next(row for row in text.splitlines() if ",39,DONE," in row)
    parents = row.split('"')[3]
    folder.results.write_text(text.replace(row, row.replace(parents, "[39, 4711]")))
    assert load(tmp_path).lineage(39)["id"].tolist() == [39]


def test_distances_average_to_the_recorded_score(run):
    table = run.evaluations
    for id_ in table.loc[np.isfinite(table[XAI]), "id"]:
        distances = run.distances(id_)
        assert (
            list(distances) == list(distances.index) == [f"class {i}" for i in range(5)]
        )
        pairs = [distances.iloc[i, j] for i, j in combinations(range(5), 2)]
        recorded = table.loc[table["id"] == id_, XAI].item()
        assert np.mean(pairs) == pytest.approx(recorded, abs=1e-9)
        assert run.score(id_) == pytest.approx(recorded, abs=1e-9)


def test_the_score_follows_the_similarity_of_the_run(tmp_path):
    weights = np.random.default_rng(5).random((5, 5))
    weights = ((weights + weights.T) / 2).tolist()
    make_random_run(tmp_path, 8, similarity=weights, failing=0, infinite=0)
    run = load(tmp_path)
    for id_, recorded in run.evaluations[["id", XAI]].itertuples(index=False):
        assert run.score(id_) == pytest.approx(recorded, abs=1e-9)
        assert run.distances(id_).to_numpy()[np.triu_indices(5, 1)].mean() != (
            pytest.approx(recorded, abs=1e-3)
        )


def test_gram_matrices_are_those_of_the_activations(run):
    for id_ in run.evaluations["id"][::4]:
        if not run.folder.activations(id_).exists() or run.evaluations["reason"][id_]:
            continue
        activations, gram = run.activations(id_), run.gram(id_)
        assert activations.layer_names == gram.layer_names == LAYERS
        whole = activations.means.astype(float)
        assert gram.gram.sum(axis=0) == pytest.approx(whole @ whole.T, rel=1e-5)
        assert gram.layer_share.sum() == pytest.approx(1)


@pytest.mark.parametrize("n_objectives", range(1, 6))
def test_values_are_as_measured_whatever_their_direction(tmp_path, n_objectives):
    names = list(OBJECTIVES)[:n_objectives]
    make_random_run(tmp_path, 80, objectives=names, grams=False)
    run = load(tmp_path)
    assert run.objectives == tuple(Objective(n, *OBJECTIVES[n]) for n in names)
    with open(run.folder.results) as stream:
        rows = [r for r in csv.DictReader(stream)]
    column = "objective_{}" if n_objectives > 1 else "objective"
    table = run.evaluations.set_index("id")
    for row, (axis, one) in product(rows, enumerate(run.objectives)):
        text = row[column.format(axis)]
        shown = table.loc[int(row["m:id"]), one.name]
        if text.startswith("F_"):
            assert np.isnan(shown)
        else:
            assert shown == (float(text) if one.maximize else -float(text))
    points = {
        int(r["m:id"]): tuple(float(r[column.format(i)]) for i in range(n_objectives))
        for r in rows
        if not r[column.format(0)].startswith("F_")
    }
    assert sorted(run.front["id"]) == sorted(slow_front(points))
    first = run.front[names[0]]
    assert first.is_monotonic_decreasing


def test_replicates_of_a_network_are_one_network_with_mean_objectives(tmp_path):
    rows = [
        {"objective": (0.9, 0.1), "genotype": (0, 0)},
        {"objective": (0.7, 0.5), "genotype": (1, 1)},
        {"objective": (0.5, 0.3), "genotype": (0, 0), "replicate": 1},
        {"objective": "F_nan", "genotype": (0, 0), "replicate": 2},
        {"objective": "F_nan", "genotype": (2, 2)},
        {"objective": (0.8, 0.1), "genotype": (2, 2), "replicate": 1},
    ]
    run = load(make_run(tmp_path, rows).root)
    assert run.means["id"].tolist() == [0, 1, 5]
    assert run.means["replicates"].tolist() == [3, 1, 2]
    assert run.means[TASK].tolist() == pytest.approx([0.7, 0.7, 0.8])
    assert run.front["id"].tolist() == [5, 1]
    assert run.picks("observed") == {TASK: 5, XAI: 1, "knee": 5}
    # Each evaluation keeps its own values, and is flagged as its network is.
    assert run.evaluations[TASK].tolist()[:3] == [0.9, 0.7, 0.5]
    efficient = run.evaluations.loc[run.evaluations["pareto_efficient"], "id"]
    assert efficient.tolist() == [1, 5]
    assert run.hypervolume() == pytest.approx(0.7 * 0.1 + 0.6 * 0.4)
    assert run.network(2) == run.network(0) == run.networks[0]


@pytest.mark.parametrize("seed", range(3))
def test_order_and_splitting_into_replicates_change_no_front(tmp_path, seed):
    """Twice the same values are the same mean."""
    make_random_run(tmp_path / "once", 60, seed=seed, grams=False)
    once = load(tmp_path / "once")
    rows = [
        {"objective": one.objectives or one.failure, "genotype": one.genotype}
        for one in once.records
    ]
    again = [{**one, "replicate": 1} for one in rows]
    content = dict(once.infos)
    twice = load(
        make_run(
            tmp_path / "twice", rows + again, content=content, variables=EDGES
        ).root
    )
    assert twice.front["arch_seq"].tolist() == once.front["arch_seq"].tolist()
    assert twice.picks("observed") == once.picks("observed")
    assert twice.hypervolume() == pytest.approx(once.hypervolume())


def test_the_layer_mean_follows_from_gram_files(run):
    for id_ in run.evaluations["id"][::7]:
        if not run.folder.gram(id_).exists():
            continue
        scores = []
        for layer in run.gram(id_).gram:
            n = np.sqrt(np.diag(layer))
            pairs = combinations(range(len(n)), 2)
            scores.append(np.mean([1 - layer[i, j] / n[i] / n[j] for i, j in pairs]))
        assert run.layer_mean_score(id_) == pytest.approx(np.mean(scores), abs=1e-12)


def test_above_32_classes_there_is_no_layer_mean_and_it_is_said(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.2)])
    (tmp_path / "gram").mkdir()
    write_gram(
        folder.gram(0),
        gram=np.ones((2, 33, 33)),
        classes=np.arange(33),
        counts=np.ones(33, dtype=int),
        layer_names=["a", "b"],
        layer_sizes=[1, 1],
    )
    with pytest.raises(UsageError, match="sum over layers, as for more than 32 classe"):
        load(tmp_path).layer_mean_score(0)


def test_a_row_cut_short_is_not_there_yet(tmp_path):
    folder = make_random_run(tmp_path, 20, grams=False)
    folder.results.write_bytes(folder.results.read_bytes()[:-30])
    assert load(tmp_path).evaluations["id"].tolist() == list(range(19))


def test_folders_without_a_run_are_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no run"):
        load(tmp_path)
    with pytest.raises(UsageError, match="there is no folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "init_infos.json").write_text("[]")
    with pytest.raises(UsageError, match="names no objectives"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "match"),
    [
        ('"[1, 2]"', '"[1, x]"', "expected a list of whole numbers"),
        (",DONE,,0,", ",DONE,,,", "expected a whole number"),
        (",DONE,,0,", ",DONE,,1,", "which an earlier row has too"),
    ],
)
def test_damaged_rows_are_named(tmp_path, before, after, match):
    folder = make_run(tmp_path, [(0.5, 0.2), (0.6, 0.1)])
    folder.results.write_text(folder.results.read_text().replace(before, after))
    with pytest.raises(UsageError, match=match):
        load(tmp_path)


def test_what_is_not_there_is_told(run):
    with pytest.raises(UsageError, match="has no evaluation 4711, expected one of 0"):
        run.lineage(4711)
    failed = run.evaluations.dropna(subset="reason")["id"].iloc[0]
    run.folder.gram(failed).unlink(missing_ok=True)
    with pytest.raises(UsageError, match=r"has no Gram matrices: it failed \(F_\w+\)"):
        run.gram(failed)
    with pytest.raises(UsageError, match=r"has no activations: there is no .*3\.npz"):
        run.activations(3)


def test_a_damaged_gram_file_is_named(tmp_path):
    folder = make_random_run(tmp_path, 4, failing=0, infinite=0)
    folder.gram(1).write_bytes(b"not a zip")
    with pytest.raises(UsageError, match=r"1\.npz cannot be read"):
        load(tmp_path).gram(1)


def test_reading_changes_nothing(tmp_path):
    make_random_run(tmp_path, 20)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    run = load(tmp_path)
    assert isinstance(run.evaluations, pd.DataFrame)
    run.picks("observed"), run.hypervolume(), run.lineage(19)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_loading_waits_for_no_library(run):
    code = (
        "import sys, xnas.results as results\n"
        f"results.load({str(run.folder.root)!r})\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"pandas", "matplotlib", "tensorflow", "deephyper", "ray"}
    assert not heavy & set(done.stdout.split())


def test_16000_rows_load_in_seconds(tmp_path):
    make_random_run(tmp_path, 16_000, grams=False)
    begin = time.process_time()  # which other processes do not lengthen
    run = load(tmp_path)
    assert len(run.evaluations) == 16_000
    assert run.picks("observed")
    assert time.process_time() - begin < 4


def test_the_front_is_drawn_from_the_table(run, tmp_path):
    import matplotlib.pyplot as plt

    axes = run.plot_front()
    assert (axes.get_xlabel(), axes.get_ylabel()) == (TASK, XAI)
    front = run.front
    assert axes.lines[0].get_xdata().tolist() == front[TASK].tolist()
    plt.close(axes.figure)
    make_random_run(tmp_path, 20, n_objectives=1, recorded=False, grams=False)
    figure, given = plt.subplots()
    axes = load(tmp_path).plot_front(given)
    assert axes is given
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("evaluation", TASK)
    plt.close(figure)
