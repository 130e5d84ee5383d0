"""Serial, process and Ray evaluators obey the same laws, with real processes."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import run_functions
from deephyper.evaluator import JobStatus

from xnas.errors import UsageError
from xnas.nas_deephyper.evaluator import (
    METHODS,
    create_evaluator,
    expected_workers,
    ray_cluster,
)

ROOT = Path(__file__).parents[3]
LONG = 60
"""Seconds that a busy machine may take for what takes no time, and a hang exceeds."""


@pytest.fixture(scope="module", autouse=True)
def cluster():
    """One Ray for the module, since starting one takes seconds."""
    ray_cluster.join_or_start(None, 1, 0)
    yield
    ray_cluster.ray.shutdown()


@pytest.fixture(params=METHODS)
def method(request):
    return request.param


@pytest.fixture
def make(method):
    made = []

    def create(run, num_workers=1, **kwargs):
        evaluator = create_evaluator(method, run, num_workers=num_workers, **kwargs)
        made.append(evaluator)
        return evaluator

    yield create
    for evaluator in made:
        evaluator.close()


def outcomes(evaluator, *values, **more):
    """Evaluate one job a value; return the finished jobs by number."""
    evaluator.submit([{"x": value, **more} for value in values])
    jobs = evaluator.gather("ALL")
    return sorted(jobs, key=lambda job: int(job.id.rpartition(".")[2]))


def objectives(evaluator, *values, **more):
    return [job.objective for job in outcomes(evaluator, *values, **more)]


def test_a_worker_lives_as_long_as_its_evaluator(make):
    evaluator = make(run_functions.good)
    jobs = outcomes(evaluator, 1, 2) + outcomes(evaluator, 3)
    assert [job.objective for job in jobs] == [(1.0, 0.5), (2.0, 0.5), (3.0, 0.5)]
    assert len({job.metadata["pid"] for job in jobs}) == 1
    assert sorted(job.metadata["calls"] for job in jobs) == [1, 2, 3]
    assert {job.metadata["imports"] for job in jobs} == {1}


def test_every_job_knows_where_and_when_it_ran(make):
    (job,) = outcomes(make(run_functions.good), 1)
    assert job.metadata["host"] == socket.gethostname()
    assert job.metadata["worker"] == 0
    assert 0 < time.time() - job.metadata["timestamp_end"] < 60
    assert job.metadata["timestamp_start"] <= job.metadata["timestamp_end"]
    assert job.status is JobStatus.DONE


def test_threads_and_gpus_are_set_before_the_run_function_loads(make):
    (job,) = outcomes(make(run_functions.good, num_cpus_per_task=2), 1)
    assert job.metadata["threads"] == "2"
    assert job.metadata["gpus"] == "-1"


def test_coroutines_and_keyword_arguments_work(make):
    assert objectives(make(run_functions.awaited), 4) == [(4.0, 0.5)]
    evaluator = make(
        run_functions.with_arguments, run_function_kwargs={"factor": 3, "offset": 1}
    )
    assert objectives(evaluator, 2) == [7.0]


def test_every_form_of_a_result_is_read(make):
    jobs = outcomes(make(run_functions.returns), *range(7))
    assert [job.objective for job in jobs] == [
        1.0,
        1.5,
        (1.0, 2.0),
        (1.0, float("-inf")),
        (float("-inf"),),
        "F_mine",
        2.0,
    ]
    assert jobs[6].metadata["count"] == 3


def test_nonsense_is_a_failure_with_its_reason_in_the_log(make, tmp_path):
    evaluator = make(run_functions.nonsense, log_dir=tmp_path)
    assert objectives(evaluator, *range(10)) == ["F_exception"] * 10
    for number in range(10):
        assert "the run function returned" in (tmp_path / f"{number}.log").read_text()


def test_a_wrong_number_of_objectives_is_a_failure(make):
    assert objectives(make(run_functions.nan, objectives=1), 0) == ["F_exception"]
    evaluator = make(run_functions.returns, objectives=2)
    assert objectives(evaluator, *range(4))[1:] == [
        "F_exception",
        (1.0, 2.0),
        (1.0, float("-inf")),
    ]


@pytest.mark.parametrize(
    ("run", "objective"),
    [
        (run_functions.raises, "F_exception"),
        (run_functions.leaves, "F_exception"),
        (run_functions.nan, "F_nan"),
        (run_functions.names_its_reason, "F_nan"),
        (run_functions.memory_error, "F_out_of_memory"),
    ],
)
def test_an_error_is_named_and_its_traceback_kept(make, tmp_path, run, objective):
    assert objectives(make(run, log_dir=tmp_path), 0, 0) == [objective] * 2
    assert "Traceback" in (tmp_path / "1.log").read_text()


def test_what_an_evaluation_prints_is_in_its_log_alone(make, tmp_path):
    evaluator = make(run_functions.prints, log_dir=tmp_path)
    outcomes(evaluator, 1, 2)
    for number in (0, 1):
        lines = (tmp_path / f"{number}.log").read_text().splitlines()
        assert sorted(lines) == ["from a child", "to stderr", "to stdout"]


def test_a_silent_evaluation_leaves_no_log(make, tmp_path):
    outcomes(make(run_functions.good, log_dir=tmp_path), 1)
    assert not (tmp_path / "0.log").exists()


def test_a_hung_evaluation_is_ended_and_the_next_ones_work(make, tmp_path):
    evaluator = make(run_functions.hangs, evaluation_timeout=2.5, log_dir=tmp_path)
    assert objectives(evaluator, 0, 1, 0) == [(0.0, 0.5), "F_timeout", (0.0, 0.5)]
    assert "2.5 s" in (tmp_path / "1.log").read_text()


def test_what_a_worker_prepares_is_on_nobodys_time(make):
    limits = {"evaluation_timeout": 1.0, "run_function_kwargs": {"seconds": 2.5}}
    (job,) = outcomes(make(run_functions.prepared, **limits), 1)
    assert job.objective == (1.0, 0.5)
    times = job.evaluation.times
    assert times.ended - times.started < 1.0


def test_what_fails_to_be_prepared_costs_no_evaluation_by_itself(make):
    kwargs = {"run_function_kwargs": {"seconds": 0.0}}
    assert objectives(make(run_functions.prepared, **kwargs), 1) == [(1.0, 0.5)]


def test_an_evaluation_that_eats_memory_is_ended(make, tmp_path):
    evaluator = make(
        run_functions.eats_memory, memory_per_worker=400 * 2**20, log_dir=tmp_path
    )
    found = objectives(evaluator, 0, 1, 0)
    assert found == [(0.0, 0.5), "F_out_of_memory", (0.0, 0.5)]
    assert "memory" in (tmp_path / "1.log").read_text()


def test_a_worker_above_its_limit_is_replaced_between_evaluations(make):
    evaluator = make(run_functions.keeps_memory, memory_per_worker=200 * 2**20)
    jobs = []
    for x in range(8):
        jobs += outcomes(evaluator, x)
    assert [job.objective for job in jobs] == [(float(x), 0.5) for x in range(8)]
    assert len({job.metadata["pid"] for job in jobs}) > 1


def test_an_evaluation_that_kills_its_worker_is_tried_twice(make, tmp_path):
    evaluator = make(run_functions.dies, log_dir=tmp_path)
    assert objectives(evaluator, 0, 1, 0) == [(0.0, 0.5), "F_worker_died", (0.0, 0.5)]
    assert "died" in (tmp_path / "1.log").read_text()


def test_an_evaluation_survives_the_death_of_its_worker(make, tmp_path):
    evaluator = make(run_functions.killed_once)
    marker = str(tmp_path / "marker")
    assert objectives(evaluator, 1, marker=marker) == [(1.0, 0.5)]


def test_the_searchs_time_ends_what_runs(make):
    evaluator = make(run_functions.hangs)
    outcomes(evaluator, 0)
    evaluator.timeout = 0.5
    started = time.monotonic()
    (job,) = outcomes(evaluator, 1)
    assert job.status is JobStatus.CANCELLED
    assert time.monotonic() - started < LONG


def test_closing_ends_workers_at_once_and_twice_is_fine(make, method):
    evaluator = make(run_functions.hangs)
    (job,) = outcomes(evaluator, 0)
    worker = psutil.Process(job.metadata["pid"])
    evaluator.submit([{"x": 1}])
    started = time.monotonic()
    evaluator.close()
    evaluator.close()
    assert time.monotonic() - started < LONG
    _, alive = psutil.wait_procs([worker], timeout=LONG)
    assert not alive


def test_memory_that_earlier_evaluations_kept_is_not_the_next_ones_fault(make):
    evaluator = make(run_functions.keeps_much, memory_per_worker=420 * 2**20)
    jobs = []
    for x in range(4):
        jobs += outcomes(evaluator, x)
    assert [job.objective for job in jobs] == [(float(x), 0.5) for x in range(4)]


def test_an_evaluator_works_on_after_a_timeout_and_after_closing(make, method):
    evaluator = make(run_functions.hangs)
    evaluator.timeout = 3
    outcomes(evaluator, 1)
    evaluator.timeout = None
    assert objectives(evaluator, 0) == [(0.0, 0.5)]
    if method != "ray":
        evaluator.close()
        assert objectives(evaluator, 0) == [(0.0, 0.5)]


def test_metadata_that_are_no_json_become_text(make):
    (job,) = outcomes(make(run_functions.odd_metadata), 0)
    assert job.objective == 1.0
    assert job.metadata["lock"].startswith("<unlocked _thread.lock")


def test_a_port_that_is_not_rays_is_refused_in_seconds():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(UsageError, match="no Ray answers there"):
            ray_cluster._check_answers(address)
    assert time.monotonic() - started < 30


def test_evaluations_run_side_by_side():
    evaluator = create_evaluator("process", run_functions.sleeps, num_workers=4)
    outcomes(evaluator, 0, 0, 0, 0)
    jobs = outcomes(evaluator, 2, 2, 2, 2)
    last_start = max(job.metadata["timestamp_start"] for job in jobs)
    assert last_start < min(job.metadata["timestamp_end"] for job in jobs)
    assert {job.metadata["worker"] for job in jobs} == {0, 1, 2, 3}
    evaluator.close()


def test_a_lost_actor_is_replaced():
    evaluator = create_evaluator("ray", run_functions.sleeps, num_workers=1)
    (first,) = outcomes(evaluator, 0)
    worker = psutil.Process(first.metadata["pid"])
    worker.parent().kill()
    (second,) = outcomes(evaluator, 0)
    assert second.objective == (0.0, 0.5)
    assert second.metadata["pid"] != first.metadata["pid"]
    _, alive = psutil.wait_procs([worker], timeout=LONG)
    assert not alive
    evaluator.close()
    assert ray_cluster.ray.is_initialized()


def test_workers_end_when_the_search_is_killed():
    script = (
        "import run_functions, sys\n"
        "from xnas.nas_deephyper.evaluator import create_evaluator\n"
        "evaluator = create_evaluator('process', run_functions.sleeps, num_workers=1)\n"
        "evaluator.submit([{'x': 0}])\n"
        "print(evaluator.gather('ALL')[0].metadata['pid'], flush=True)\n"
        "evaluator.submit([{'x': 3600}])\n"
        "evaluator.gather('ALL')\n"
    )
    search = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "tests" / "nas_deephyper")},
        stdout=subprocess.PIPE,
        text=True,
    )
    worker = psutil.Process(int(search.stdout.readline()))
    time.sleep(0.5)
    search.kill()
    search.communicate()
    _, alive = psutil.wait_procs([worker], timeout=LONG)
    assert not alive


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"method": "threads"}, "--evaluator is 'threads'"),
        ({"num_workers": 0}, "--num-workers is 0"),
        ({"method": "serial", "num_workers": 2}, "expected 1 with --evaluator serial"),
        ({"num_cpus_per_task": 0}, "--num-cpus-per-task is 0"),
        ({"evaluation_timeout": -1}, "--evaluation-timeout is -1"),
        ({"memory_per_worker": 0}, "--memory-per-worker is 0"),
        ({"num_cpus_per_task": float("nan")}, "--num-cpus-per-task is nan"),
        ({"num_cpus_per_task": 4096}, "4096, but no node has more than"),
        ({"num_gpus_per_task": 512}, "512, but no node has more than"),
        ({"num_gpus_per_task": -1}, "--num-gpus-per-task is -1"),
        ({"num_gpus_per_task": 1.5}, "--num-gpus-per-task is 1.5"),
        ({"ray_address": "auto"}, "expected --evaluator ray"),
        ({"method": "ray", "num_workers": 4096}, "4096, but the Ray cluster has room"),
        ({"method": "ray", "num_cpus_per_task": 4096}, "4096, but no node has more"),
    ],
)
def test_what_cannot_be_had_is_refused(arguments, words):
    arguments = {"method": "process", **arguments}
    with pytest.raises(UsageError, match=words):
        create_evaluator(arguments.pop("method"), run_functions.good, **arguments)


def test_the_workers_of_a_cluster_are_counted_on_all_its_nodes(monkeypatch):
    left = []
    monkeypatch.setattr(ray_cluster, "join_or_start", lambda *args: False)
    monkeypatch.setattr(ray_cluster, "cluster_nodes", lambda: [(8.0, 0.0)] * 16)
    monkeypatch.setattr(ray_cluster.ray, "shutdown", lambda: left.append(True))
    assert expected_workers("ray", None, 4, "10.0.0.1:6379") == 32
    assert left == [True], "the evaluator joins for itself"
    assert expected_workers("ray", 5, 4, "10.0.0.1:6379") == 5
    monkeypatch.setattr(ray_cluster.ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray_cluster, "_running_cluster", lambda: None)
    here = expected_workers("process", None, 1)
    assert expected_workers("ray", None, 1, "auto") == here
    assert expected_workers("ray", None, 1) == here
