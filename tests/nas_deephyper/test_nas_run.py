"""The run function, with real training of small networks."""

import json

import numpy as np
import pytest

from xnas.evaluation import trainer
from xnas.evaluation.settings import RunSettings
from xnas.nas_deephyper import nas_run
from xnas.results import RunFolder, read_gram
from xnas.xai import introspectability_from_gram

SPARSE = (3, 3, 4, 1, 3, 2)
OTHERS = [(3, 3, 3, 2, 3, 3), (3, 3, 3, 1, 3, 3)]


@pytest.fixture
def settings(tmp_path):
    RunFolder(tmp_path).claim()
    return RunSettings(
        "experiments.digits.problem.Problem",
        seed=7,
        log_dir=str(tmp_path),
        hyperparameters={"num_epochs": 1, "batch_size": 128},
    )


def job(number, genotype):
    return {"job_id": number, "arch_seq": list(genotype)}


def evaluate(settings, *genotypes):
    return [
        nas_run.run(job(number, genotype), settings)
        for number, genotype in enumerate(genotypes)
    ]


def test_a_network_scores_the_same_first_last_or_alone(settings):
    alone = evaluate(settings, SPARSE)[0]["objective"]
    rows = evaluate(settings, OTHERS[0], SPARSE, OTHERS[1], SPARSE)
    assert rows[1]["objective"] == rows[3]["objective"] == alone
    nas_run._load.cache_clear()  # as in another worker
    assert evaluate(settings, SPARSE)[0]["objective"] == alone


def test_data_are_loaded_once_a_worker(settings, monkeypatch):
    loaded = []

    def counted(problem):
        loaded.append(problem)
        return load(problem)

    load = trainer.load_task_data
    monkeypatch.setattr(trainer, "load_task_data", counted)
    nas_run._load.cache_clear()
    evaluate(settings, *OTHERS)
    assert len(loaded) == 1
    nas_run._load.cache_clear()


def test_what_is_written_agrees_with_what_is_returned(settings, tmp_path):
    (row,) = evaluate(settings, SPARSE)
    folder = RunFolder(tmp_path)
    task, score = row["objective"]
    history = json.loads(folder.history(0).read_text())
    assert history["val_acc"] == [task]
    stored = read_gram(folder.gram(0))
    again = introspectability_from_gram(stored.gram, stored.classes)
    assert again == pytest.approx(score, abs=1e-9)
    with np.load(folder.activations(0)) as means:
        assert means["means"].shape == (
            len(stored.classes),
            sum(stored.layer_sizes),
        )
    config = json.loads(folder.config(0).read_text())
    assert config["arch_seq"] == list(SPARSE)
    assert row["metadata"]["n_parameters"] > 70_000


def test_introspectability_is_recorded_or_left_out_as_asked(settings):
    shared = {"problem": settings.problem, "seed": 7}
    hyperparameters = settings.hyperparameters
    task = {"hyperparameters": hyperparameters, "objectives": ("val_acc__last",)}
    recorded = RunSettings(**shared, **task, record=("introspectability",))
    left_out = RunSettings(**shared, **task)
    (both,) = evaluate(settings, SPARSE)
    (first,) = evaluate(recorded, SPARSE)
    (second,) = evaluate(left_out, SPARSE)
    assert first["objective"] == second["objective"] == both["objective"][0]
    assert first["metadata"]["introspectability"] == both["objective"][1]
    assert "introspectability" not in second["metadata"]


def test_seeds_depend_on_run_genotype_and_replicate():
    seeds = {
        nas_run.evaluation_seed(run, genotype, replicate)
        for run in range(20)
        for genotype in [(0, 1), (1, 0), (0,), (0, 1, 0)]
        for replicate in range(3)
    }
    assert len(seeds) == 240
    assert all(0 <= seed < 2**31 for seed in seeds)
