"""Searches whose proposals take long make no free worker wait for those of others."""

import json

import pytest

from benchmarks.bookkeeping import make_problem
from benchmarks.simulated import SimulatedEvaluator
from xnas.nas_deephyper.mobo import MOBO
from xnas.nas_deephyper.nsga_ii import AsynchronousNSGAII
from xnas.results import RunFolder, read_table
from xnas.searches.mobo import MOBO as Algorithm  # noqa: N811


def searched(kind, tmp_path, workers=4, evaluations=24):
    events = []

    def run(job):
        events.append("begun")
        return 1.0 - sum(job["arch_seq"]) / 40, sum(job["arch_seq"]) / 40

    evaluator = SimulatedEvaluator(run, workers, lambda genotype: 1.0)
    search = kind(make_problem(n_nodes=4), random_state=0, log_dir=tmp_path)
    asked = search.algorithm.ask

    def ask(n):
        events.append(f"asked for {n}")
        return asked(n)

    search.algorithm.ask = ask
    rows = search.search(evaluator, max_evals=evaluations)
    evaluator.close()
    return events, rows


@pytest.mark.parametrize("workers", [1, 4])
def test_a_worker_begins_before_the_next_network_is_thought_of(tmp_path, workers):
    events, rows = searched(MOBO, tmp_path, workers)
    assert events == ["asked for 1", "begun"] * 24
    assert len(rows) == 24
    assert rows["job_status"].eq("DONE").all()


def test_the_next_network_is_prepared_while_all_workers_are_busy(tmp_path, monkeypatch):
    n_in_flight = []
    monkeypatch.setattr(
        Algorithm,
        "prepare",
        lambda algorithm: n_in_flight.append(algorithm.next_id - algorithm.n_told),
    )
    searched(MOBO, tmp_path)
    assert len(n_in_flight) >= 20
    assert set(n_in_flight) == {4}


def test_searches_that_propose_at_once_are_asked_for_all(tmp_path):
    events, _ = searched(AsynchronousNSGAII, tmp_path)
    assert events[:6] == ["asked for 4", *["begun"] * 4, "asked for 4"]


def test_a_proposal_knows_the_rows_that_are_on_record_with_it(tmp_path):
    searched(MOBO, tmp_path)
    lines = RunFolder(tmp_path).started.read_text().splitlines()
    started = [json.loads(line) for line in lines]
    again = MOBO(make_problem(n_nodes=4), 0, tmp_path / "again").algorithm
    evaluations = read_table(RunFolder(tmp_path).results).evaluations
    assert any(one["after_rows"] for one in started)
    for one in started:
        for evaluation in evaluations[again.n_told : one["after_rows"]]:
            again.tell(evaluation)
        (candidate,) = again.ask(1)
        assert candidate.genotype == tuple(one["arch_seq"])
