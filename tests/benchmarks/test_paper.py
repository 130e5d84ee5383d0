"""The paper made again: its measures, its store, and the page that is written."""

from math import isnan
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.paper.measures import binned_correlation, pair_measures, trust_measures
from benchmarks.paper.networks import similarity_to_class, study
from benchmarks.paper.page import (
    BEGIN,
    END,
    STATEMENTS,
    Found,
    refreshed,
    tables,
    verdict,
)
from benchmarks.paper.rows import Row, flattened, read, search_measures, write
from benchmarks.paper.store import Cell, cells, remaining
from benchmarks.paper.tasks import LOADERS, SEEDS, VARIANTS

DOCS = Path(__file__).parents[2] / "docs"


def test_failed_networks_do_not_count_and_the_front_spans_the_hypervolume():
    points = [[0.6, 0.5], [0.9, 0.2], [0.5, 0.1], [np.nan, np.nan], [0.9, -np.inf]]
    found = search_measures(np.array(points))
    assert found == {
        "accuracy max": 0.9,
        "accuracy median": 0.6,
        "introspectability max": 0.5,
        "introspectability median": 0.2,
        "hypervolume": pytest.approx(0.5 * 0.5 + 0.3 * 0.2),
    }


def test_a_score_that_grows_with_accuracy_correlates_over_bins():
    score = np.repeat([0.05, 0.45, 0.85], 10)
    right = np.concatenate([np.arange(10) < n for n in (1, 5, 9)])
    assert binned_correlation(score, right) == (pytest.approx(1), 0)
    assert binned_correlation(1 - score, right)[0] == pytest.approx(-1)


def test_bins_count_the_same_however_few_examples_they_hold():
    score, right = np.array([1.0] * 99 + [0.5]), np.array([True] * 99 + [False])
    assert binned_correlation(score, right) == (pytest.approx(1), 0.5)


def test_ranks_have_no_bins_and_right_predictions_alone_no_auroc():
    found = trust_measures({"ranks": np.array([1.0, 2.0, 3.0])}, np.ones(3, bool))
    assert list(found["ranks"]) == ["auroc"]
    assert isnan(found["ranks"]["auroc"])


def test_near_pairs_that_are_confused_most_rank_at_the_top():
    distances = np.array([[0, 0.1, 0.2], [0.1, 0, 0.3], [0.2, 0.3, 0]])
    confusion = np.array([[9, 2, 0], [1, 9, 0], [1, 0, 9]])
    found = pair_measures(confusion, distances, np.full((3, 3), np.nan))
    assert found["nearness"] == {"spearman": pytest.approx(1), "auroc": 1}


def test_similarity_asks_for_the_direction_of_the_predicted_class_alone():
    means = SimpleNamespace(
        classes=np.array([0, 2]),
        layer_names=["a", "b"],
        sums=[np.array([[3.0], [0.0]]), np.array([[0.0, 4.0], [5.0, 0.0]])],
    )
    given = {"a": np.array([[30.0], [1.0]]), "b": np.array([[[0.0, 0.0]], [[0, 1.0]]])}
    network = SimpleNamespace(
        class_activations=lambda *_: means, activations=lambda _: [(None, None, given)]
    )
    found = similarity_to_class(network, np.array([0, 2]))
    assert found == pytest.approx([0.6, 0.0])


def test_what_is_done_is_not_done_again(tmp_path, monkeypatch):
    wanted = cells(tmp_path, ["digits"], seeds=2, evaluations=64)
    assert [cell.seed for cell in wanted] == [0] * 4 + [1] * 4
    monkeypatch.setattr(Cell, "run", lambda cell: [] if cell.seed == 0 else None)
    wanted[0].folder.mkdir(parents=True)
    wanted[0].measured.write_text("{}")
    left = list(remaining(wanted))
    assert [cell for cell, _ in left] == wanted[1:]
    minutes = [one for _, one in left]
    assert minutes == sorted(minutes, reverse=True)
    assert minutes[2] - minutes[3] < minutes[3] - minutes[4]  # searched already


@pytest.mark.parametrize("task", LOADERS)
def test_no_picture_is_both_trained_on_and_tested(task):
    sizes = {"digits": [797, 400, 600], "mnist": [2000, 1500, 1500]}
    parts = LOADERS[task]()
    assert [len(X) for X, _ in parts] == sizes[task]
    assert len(np.unique(np.concatenate([X for X, _ in parts]), axis=0)) > 0.99 * sum(
        sizes[task]
    )


def test_an_interval_that_holds_the_limit_decides_nothing():
    assert verdict([0.1, 0.11, 0.12]) == "agrees"
    assert verdict([0.1, 0.11, 0.12], least=0.5) == "does not agree"
    assert verdict([-1.0, 1.1]) == "undecided"
    assert verdict([0.1]) == "too few seeds"


def test_a_network_is_measured_in_all_that_the_page_tells(monkeypatch):
    parts = [(X[:150], y[:150]) for X, y in LOADERS["digits"]()]
    monkeypatch.setitem(LOADERS, "digits", lambda: tuple(parts))
    genotype = (1, 3, 3, 4, 3, 3)
    found = study("digits", VARIANTS[0], genotype, seed=0, long=1)
    rows = [
        Row("digits", "multi", seed, *one)
        for seed in (0, 1)
        for one in flattened(found)
    ]
    page = tables(rows, planned=2)
    told = page[page.index("## Trust") :].splitlines()
    empty = [line for line in told if "| - |" in line]
    assert all("raw pixels" in line or "trust score" in line for line in empty)
    assert "2 of digits" in page


def test_networks_of_one_seed_count_as_one_number():
    rows = [
        Row("digits", variant.name, seed, measure, value + seed)
        for variant in VARIANTS[:2]
        for seed in (0, 1)
        for measure, value in (("a", 2.0), ("b", variant.is_multi), ("c", np.nan))
    ]
    found = Found(rows, "digits")
    assert found.networks("a", "b") == [1.5, 1.5]
    assert found.networks("b") == [0.5, 1.5]
    assert found.networks("c") == []


def test_the_page_is_written_between_its_marks(tmp_path):
    rows = [
        Row("mnist", variant.name, seed, f"pick {name}", 0.5 + seed / 10)
        for variant in VARIANTS
        for seed in (0, 1)
        for name in ("accuracy", "introspectability")
    ]
    write(rows, tmp_path / "rows.csv")
    page = refreshed(f"a\n{BEGIN}old\n{END}z\n", read(tmp_path / "rows.csv"), 5)
    assert page.startswith("a\n")
    assert page.endswith("z\n")
    assert "old" not in page
    assert "of 5: MNIST at 14 × 14 2;" in page
    assert "+0.000 [+0.000, +0.000]: agrees" in page  # accuracy, as none is lost
    assert Found(rows, "mnist").differences("multi", "single", "pick accuracy") == [
        0,
        0,
    ]


def test_the_documented_tables_are_those_of_the_documented_rows():
    page, rows = (DOCS / "paper.md").read_text(), read(DOCS / "paper.csv")
    assert refreshed(page, rows, SEEDS) == page
    assert all(statement.words in page for statement in STATEMENTS)
