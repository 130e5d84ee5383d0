"""A worker that never becomes ready."""

import cloudpickle

from xnas.records import Candidate
from xnas.workers import supervisor
from xnas.workers.supervisor import SupervisedWorker, worker_environment
from xnas.workers.worker import Task, Work


def test_a_preparation_that_hangs_is_ended_where_evaluations_are(tmp_path, monkeypatch):
    def run(job):
        return 1.0

    def hang():
        import time

        time.sleep(1000)

    run.prepare = hang
    monkeypatch.setattr(supervisor, "SECONDS_TO_PREPARE", 1.0)
    worker = SupervisedWorker(cloudpickle.dumps(Work(run)), worker_environment(1, []))
    task = Task(Candidate(0, (0,)), {}, log=tmp_path / "0.log")
    assert worker.evaluate(task, timeout=0.5).failure == "F_timeout"
    assert worker.pid is None
    assert "after 1 s" in task.log.read_text()
