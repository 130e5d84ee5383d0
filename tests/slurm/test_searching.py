"""A search on the nodes of a Slurm job."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

from jobs import expect_nothing_left

TIMED_OUT = 124
STRANGER = """
import ray
ray.init(address=%r, log_to_driver=False)
print("joined", ray.get(ray.remote(lambda: 1).options(num_cpus=0).remote()))
"""


def test_a_search_uses_all_nodes_of_its_job_and_leaves_nothing_behind(cluster, jobs):
    job = jobs.submit()
    assert job.wait_for_end() == 0, job.everything()
    rows = job.rows()
    assert len(rows) == 64
    assert rows["m:id"].is_unique
    assert set(rows["m:host"]) == {"n1", "n2"}
    assert set(rows["m:generation"]) == {0, 1, 2, 3}
    expect_nothing_left(cluster)
    assert not list(job.folder.glob(".ray-token*"))


def test_searches_on_the_same_nodes_do_not_meet(cluster, jobs):
    one_cpu = ("--cpus-per-task=1", "--nodelist=n1,n2")
    several = [jobs.submit(sbatch=one_cpu, max_evals=24) for _ in range(2)]
    several.append(
        jobs.submit(
            *("--record-mo-xai-only", "true"),
            sbatch=("--exclusive", "--nodelist=n3"),
            nodes=1,
            max_evals=24,
            SLEEPING_OBJECTIVES="1",
        )
    )
    for job in several:
        assert job.wait_for_end() == 0, job.everything()
        assert len(job.rows()) == 24
    assert set(several[0].rows()["m:host"]) == {"n1", "n2"}
    assert set(several[1].rows()["m:host"]) == {"n1", "n2"}
    assert set(several[2].rows()["m:host"]) == {"n3"}
    expect_nothing_left(cluster)
    assert "objective" in several[2].rows()


def test_each_gpu_has_a_worker_of_its_own(jobs):
    asked = ("--exclusive", "--gpus-per-node=2")
    job = jobs.submit(nodes=1, sbatch=asked, max_evals=16)
    assert job.wait_for_end() == 0, job.everything()
    rows = job.rows()
    rows["gpus"] = [json.loads(text)["gpus"] for text in rows["m:other"]]
    gpus = rows.groupby("m:worker")["gpus"].unique()
    assert sorted(map(list, gpus)) == [["0"], ["1"]]


def rows_of_submitted(cluster, jobs, checkout, *flags):
    told = cluster.ask("./submit_job.sh", *flags, directory=checkout)
    job = jobs.follow(told, checkout)
    assert job.wait_for_end(1800) == 0, job.everything()
    return job.rows()


def test_submitting_a_task_trains_its_networks_on_the_nodes_of_one_job(
    cluster, jobs, checkout
):
    flags = ("-t", "digits", "--nodes", "2", "--max-evals", "64")
    rows = rows_of_submitted(cluster, jobs, checkout, *flags)
    assert len(rows) == 64
    assert set(rows["job_status"]) == {"DONE"}
    assert rows["objective_0"].max() > 0.9
    assert set(rows["m:host"]) == {"n1", "n2"}
    latest = checkout / "logs_batch" / "slurm-xnas-digits-latest.out"
    assert "Finished: 64 evaluation(s)" in latest.read_text()
    expect_nothing_left(cluster)


def test_a_submitted_search_for_the_task_alone_records_introspectability(
    cluster, jobs, checkout
):
    flags = ("-s", "-t", "lines", "--nodes", "1", "--max-evals", "3")
    rows = rows_of_submitted(cluster, jobs, checkout, *flags)
    assert len(rows) == 3
    assert {"objective", "m:introspectability"} <= set(rows)
    assert "objective_1" not in rows


def refused(machine, command, environment):
    answer = machine.run(*command, check=False, **environment)
    assert answer.returncode not in (0, TIMED_OUT), answer.stdout + answer.stderr
    return answer


def test_without_the_token_nobody_joins_a_search_or_submits_to_it(cluster, jobs):
    job = jobs.submit(max_evals=1000, seconds=1)
    job.wait_for_rows(2)
    token = next(job.folder.glob(".ray-token*"))
    assert token.stat().st_mode & 0o777 == 0o600
    address = re.search(r"ray start --address='(\S+)'", job.everything())[1]
    submit = ["python3", "-c", STRANGER % address]
    join = ["timeout", "50", "ray", "start", "--block", f"--address={address}"]
    join.append("--temp-dir=/tmp/ray-stranger")
    with_token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token)}
    wrong = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}
    node = cluster.nodes["n1"]
    assert "joined 1" in node.run(*submit, **with_token).stdout
    # Each takes Ray half a minute, in which it does nothing but wait.
    with ThreadPoolExecutor() as pool:
        submitting = [pool.submit(refused, node, submit, e) for e in ({}, wrong)]
        joining = [
            pool.submit(refused, cluster.nodes["n3"], join, environment)
            for environment in ({}, wrong)
        ]
    for answer in submitting:
        assert "joined" not in answer.result().stdout
        assert "oken" in answer.result().stderr
    for answer in joining:
        assert "Ray runtime started" not in answer.result().stdout
    assert set(job.rows()["m:host"]) <= {"n1", "n2"}
