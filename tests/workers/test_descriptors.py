"""A worker opens nothing that it does not close again."""

import subprocess
import sys

# As many files as a process may have open, and more evaluations than that.
SCRIPT = """
import resource
import cloudpickle
from xnas.records import Candidate
from xnas.workers.supervisor import SupervisedWorker, worker_environment
from xnas.workers.worker import Task, Work

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
work = cloudpickle.dumps(Work(lambda job: float(job["x"])))
worker = SupervisedWorker(work, worker_environment(1, []))
found, pids = [], set()
for number in range(200):
    evaluation = worker.evaluate(Task(Candidate(number, (0,)), {"x": number}))
    found.append(evaluation.objectives)
    pids.add(worker.pid)
worker.stop()
assert found == [(float(number),) for number in range(200)], found
print(len(pids))
"""


def test_a_worker_without_a_log_folder_evaluates_any_number_of_times():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1"], "one process lives through all of them"
