"""How pairs of classes weigh in introspectability, from flag to row."""

import json

import numpy as np
import pandas as pd
import pytest

from xnas.cli import main
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.weights import check_pair_weights, pair_weights
from xnas.nas_deephyper import nas_run
from xnas.problem import NaProblem
from xnas.results import RunFolder, read_gram
from xnas.tasks import load_task_data
from xnas.xai import introspectability_from_gram, wordnet

GENOTYPE = (3, 3, 4, 1, 3, 2)


@pytest.fixture
def problem():
    from experiments.digits.problem import Problem

    return Problem


@pytest.fixture
def evaluate(tmp_path):
    """Train and score one network; give its score and what the Gram file says."""

    def run(**changes):
        folder = RunFolder(tmp_path / "run")
        if not folder.root.exists():
            folder.claim()
        settings = RunSettings(
            "experiments.digits.problem.Problem",
            seed=7,
            log_dir=str(folder.root),
            hyperparameters={"num_epochs": 1},
            **changes,
        )
        row = nas_run.run({"job_id": 0, "arch_seq": list(GENOTYPE)}, settings)
        return row["objective"][1], read_gram(folder.gram(0))

    return run


def test_all_pairs_weigh_the_same_unless_asked(problem):
    assert pair_weights(problem, "activations") is None


def test_the_table_of_the_task_weighs_the_pairs_of_its_classes(problem, evaluate):
    table = pair_weights(problem, "activations-weighted")
    assert table.shape == (10, 10)
    plain, _ = evaluate()
    score, gram = evaluate(explainability_type="activations-weighted")
    expected = introspectability_from_gram(gram.gram, gram.classes, table)
    assert score == pytest.approx(expected, abs=1e-9)
    assert score != pytest.approx(plain, rel=0.01)


def test_the_mean_weight_is_divided_by_on_demand(problem, evaluate):
    score, gram = evaluate(
        explainability_type="activations-weighted", divide_by_mean_similarity=True
    )
    expected = introspectability_from_gram(
        gram.gram,
        gram.classes,
        problem.label_similarity(),
        divide_by_mean_similarity=True,
    )
    assert score == pytest.approx(expected, abs=1e-9)


def test_examples_may_count_for_the_class_of_their_label(problem, evaluate):
    _, gram = evaluate(group_by="label")
    valid = load_task_data(problem).valid
    np.testing.assert_array_equal(gram.counts, np.bincount(valid.labels))


def test_no_more_examples_are_scored_than_asked(evaluate):
    _, gram = evaluate(max_scored_examples=57, group_by="label")
    assert gram.counts.sum() == 57
    assert len(gram.counts) == 10
    assert gram.counts.max() - gram.counts.min() <= 1


def test_runs_that_record_no_sample_keep_the_first_examples():
    recorded = RunSettings("none", 0).to_json()
    assert recorded.pop("scored_sample") == "stratified"
    assert RunSettings.from_json(recorded, ["val_acc__last"]).scored_sample == "first"


def test_weights_of_wordnet_are_those_of_the_first_labels():
    problem = NaProblem()
    problem.classes(wordnet.label_names(15))
    table = check_pair_weights(problem, "activations-imagenet", 15)
    np.testing.assert_array_equal(table, wordnet.similarity(15))


def test_flags_reach_the_rows_and_are_recorded(tmp_path, problem, capsys):
    common = ["nas", "nsga2", "--problem", "experiments.digits.problem.Problem"]
    common += ["--evaluator", "serial", "--max-evals", "1", "--population-size", "2"]
    common += ["--seed", "3", "--set", "num_epochs=1"]
    flags = ["--explainability-type", "activations-weighted", "--group-by", "label"]
    flags += ["--divide-by-mean-similarity", "true", "--max-scored-examples", "100"]
    assert main([*common, *flags, "--log-dir", str(tmp_path / "run")]) == 0
    folder = RunFolder(tmp_path / "run")
    infos = json.loads(folder.init_infos.read_text())
    recorded = infos["run_settings"]
    assert recorded["explainability_type"] == "activations-weighted"
    assert recorded["group_by"] == "label"
    assert recorded["divide_by_mean_similarity"] is True
    assert recorded["max_scored_examples"] == 100
    np.testing.assert_allclose(infos["similarity"], problem.label_similarity())
    row = pd.read_csv(folder.results).iloc[0]
    gram = read_gram(folder.gram(0))
    assert gram.counts.sum() == 100
    expected = introspectability_from_gram(
        gram.gram,
        gram.classes,
        problem.label_similarity(),
        divide_by_mean_similarity=True,
    )
    assert row["objective_1"] == pytest.approx(expected, abs=1e-9)
