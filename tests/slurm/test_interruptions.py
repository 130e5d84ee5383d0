"""What happens to a search whose job is interrupted: nothing is lost, nothing hangs."""

import json
from collections import Counter

import pytest
from jobs import expect_nothing_left
from machines import wait_until
from sleeping import EATS, HANGS
from slurm_cluster import REPOSITORY, SMALL_DISK


def is_complete(job, count):
    """Whether all evaluations have succeeded, each of them once."""
    rows = job.rows()
    return (
        len(rows) == count
        and rows["m:id"].is_unique
        and set(rows["m:id"]) == set(range(count))
        and rows["m:arch_seq"].is_unique
        and set(rows["job_status"]) == {"DONE"}
    )


def reported_before(job):
    """Return the ids that are in the table by now."""
    return set(job.rows()["m:id"])


def handed_out(job):
    """Return how often each evaluation was handed out."""
    lines = (job.folder / "started.jsonl").read_text().splitlines()
    return Counter(json.loads(line)["id"] for line in lines)


def test_a_job_that_its_time_limit_strikes_twice_completes_its_table(cluster, jobs):
    job = jobs.submit(max_evals=48, seconds=0.5)
    for count, rows in ((1, 8), (2, 24)):
        job.wait_for_rows(rows)
        job.near_its_time_limit()
        job.wait_for_restart(count)
    assert job.wait_for_end() == 0, job.everything()
    assert job.restarts() == 2
    assert is_complete(job, 48)
    assert set(handed_out(job).values()) == {1}
    expect_nothing_left(cluster)


def test_a_submitted_search_keeps_its_flags_when_it_is_requeued(
    cluster, jobs, checkout
):
    # What a shell must not run on its way; the run function does not train.
    hostile = {"$(touch made) `touch made`; touch made & ' \" \\ \n#SBATCH -x": 1}
    told = cluster.ask(
        *("./submit_job.sh", "-t", "digits", "--nodes", "2", "--max-evals", "24"),
        *("--search", "mobo", "--", "--run", "sleeping.run", "--seed", "1"),
        *("--confirm", "8"),
        *("--objectives", "val_acc__last,introspectability,-watts"),
        *("--set", f"optimizer_kwargs={json.dumps(hostile, indent=1)}"),
        directory=checkout,
        PYTHONPATH=str(REPOSITORY / "tests" / "slurm"),
        SLEEPING_SECONDS="0.5",
    )
    job = jobs.follow(told, checkout)
    job.wait_for_rows(6)
    job.near_its_time_limit()
    job.wait_for_restart()
    assert job.wait_for_end() == 0, job.everything()
    rows = job.rows()
    assert set(rows["m:id"]) == set(range(32))
    assert rows["m:id"].is_unique
    assert set(rows["job_status"]) == {"DONE"}
    # What trains again is one of those that were trained.
    assert len(set(rows["m:arch_seq"])) == 24
    assert (rows["m:replicate"] > 0).sum() == 8
    assert {"objective_0", "objective_1", "objective_2"} <= set(job.rows())
    infos = json.loads((job.folder / "init_infos.json").read_text())
    assert infos["arguments"]["hyperparameters"] == {"optimizer_kwargs": hostile}
    assert (infos["search"]["type"], infos["search"]["seed"]) == ("MOBO", 1)
    assert not list(checkout.rglob("made"))
    expect_nothing_left(cluster)


def test_slurm_itself_warns_a_job_of_its_time_limit(jobs):
    # Slurm looks around every half minute: this is the second half of the first one.
    warned = ("--exclusive", "--time=2", "--signal=B:USR1@30")
    job = jobs.submit(max_evals=2000, sbatch=warned, own=("--stop-within", "5"))
    job.wait_for_rows(5)
    job.wait_for_restart()
    assert "SIGUSR1" in job.output()


def test_a_job_that_gets_nowhere_between_its_time_limits_gives_up(jobs):
    job = jobs.submit(seconds=3600, own=("--stop-within", "1"))
    wait_until(lambda: list(job.folder.glob("logs/ray*")), 300, "the start of Ray")
    job.near_its_time_limit()
    job.wait_for_restart()
    wait_until((job.folder / "started.jsonl").exists, 300, "the first evaluation")
    job.near_its_time_limit()
    assert job.wait_for_end() == 1, job.everything()
    assert "giving up" in job.output()
    assert f"--resume {job.folder}" in job.output()
    assert not (job.folder / "starts_without_rows").exists()


def test_a_cancelled_job_leaves_a_folder_that_another_carries_on(cluster, jobs):
    cancelled = jobs.submit(max_evals=24)
    cancelled.wait_for_rows(5)
    cancelled.cancel()
    assert cancelled.wait_for_end() == 130, cancelled.everything()
    expect_nothing_left(cluster)
    assert not list(cancelled.folder.glob(".ray-token*"))
    reported = reported_before(cancelled)
    job = jobs.submit(max_evals=24, nodes=1, folder=cancelled.folder)
    assert job.wait_for_end() == 0, job.everything()
    assert is_complete(job, 24)
    assert all(handed_out(job)[number] == 1 for number in reported)


def test_a_search_goes_on_when_it_loses_a_worker_and_then_a_node(cluster, jobs):
    job = jobs.submit(max_evals=48, seconds=0.8, nodes=3)
    job.wait_for_rows(4)
    lost = job.others()[0]
    other = job.others()[1]
    assert cluster.nodes[other].kill("-m xnas.workers ") == 1
    cluster.nodes[lost].crash()
    assert job.wait_for_end() == 0, job.everything()
    assert job.restarts() == 0
    assert is_complete(job, 48)
    assert job.rows()["m:host"].value_counts()[lost] < 16


def test_a_job_that_loses_the_head_of_its_ray_fails_and_can_be_carried_on(
    cluster, jobs
):
    failed = jobs.submit(max_evals=24)
    failed.wait_for_rows(5)
    assert cluster.nodes[failed.head()].kill("gcs_server") == 1
    assert failed.wait_for_end() == 1, failed.everything()
    assert f"Ray's head on {failed.head()} has ended" in failed.output()
    expect_nothing_left(cluster)
    job = jobs.submit(max_evals=24, folder=failed.folder)
    assert job.wait_for_end() == 0, job.everything()
    assert is_complete(job, 24)


def test_a_job_that_loses_its_first_node_is_requeued_and_goes_on(cluster, jobs):
    job = jobs.submit(
        max_evals=40, seconds=0.5, RAY_gcs_rpc_server_reconnect_timeout_s="15"
    )
    job.wait_for_rows(5)
    reported = reported_before(job)
    cluster.nodes[job.head()].crash()
    job.wait_for_restart()
    assert job.wait_for_end() == 0, job.everything()
    assert is_complete(job, 40)
    assert all(handed_out(job)[number] == 1 for number in reported)


def test_evaluations_that_hang_or_eat_memory_fail_alone(jobs):
    job = jobs.submit(
        *("--evaluation-timeout", "15", "--memory-per-worker", "1G"),
        max_evals=20,
        SLEEPING_BADLY="1",
    )
    assert job.wait_for_end(600) == 0, job.everything()
    rows = job.rows()
    assert len(rows) == 20
    ways = [sum(json.loads(text)) % 8 for text in rows["m:arch_seq"]]
    assert {HANGS, EATS} < set(ways)
    reasons = {HANGS: "F_timeout", EATS: "F_out_of_memory"}
    for way, objective in zip(ways, rows["objective_0"], strict=True):
        if way in reasons:
            assert objective == reasons[way]
        else:
            assert 0 <= float(objective) <= 1


@pytest.fixture
def small_disk(cluster):
    folder = cluster.base / SMALL_DISK
    yield folder
    cluster.control.run("find", folder, "-mindepth", "1", "-delete")


def test_a_search_on_a_full_disk_stops_and_goes_on_once_there_is_room(
    cluster, jobs, small_disk
):
    def on_disk(*command, check=True):
        return cluster.control.run(*command, check=check).stdout

    job = jobs.submit(max_evals=40, seconds=0.5, folder=small_disk / "run")
    table = small_disk / "run" / "results.csv"
    wait_until(
        lambda: on_disk("sh", "-c", f"cat {table} | wc -l").strip() > "3",
        300,
        "the first rows",
    )
    fill = small_disk / "fill"
    on_disk("dd", "if=/dev/zero", f"of={fill}", "bs=4096", check=False)
    assert job.wait_for_end() == 1, job.output()
    assert "no space is left" in job.output()
    assert "Traceback" not in job.output()
    on_disk("rm", fill)
    job = jobs.submit(max_evals=40, seconds=0.1, folder=small_disk / "run")
    assert job.wait_for_end() == 0, job.output()
    lines = on_disk("cat", table).splitlines()
    assert len(lines) == 41
