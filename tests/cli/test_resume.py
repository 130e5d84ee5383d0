"""``nas --resume`` as its user meets it."""

import csv
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from searching import rows_of

from xnas.cli import main
from xnas.results import RunFolder

ROOT = Path(__file__).parents[2]
HELPERS = ROOT / "tests" / "nas_deephyper"
LINES = "experiments.lines.problem.Problem"
TIMES_AND_PLACES = re.compile("m:timestamp_.*|m:host|m:worker")

# Loads TensorFlow and DeepHyper once; each process then begins as a copy of it.
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["xnas.cli.nas_search"])


@pytest.fixture(scope="module", autouse=True)
def path_of_the_fork_server():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(HELPERS)]))
        yield


def _in_process(arguments, output):
    target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.setsid()
    sys.exit(main(arguments))


def start(output, *arguments):
    process = forks.Process(
        target=_in_process, args=(["nas", *map(str, arguments)], str(output))
    )
    process.start()
    return process


def run(output, *arguments, timeout=400):
    process = start(output, *arguments)
    process.join(timeout)
    assert process.exitcode is not None, output.read_text()
    return process.exitcode


def flags(*more, run="searching.slow", evaluator="serial"):
    usual = {
        "--problem": LINES, "--run": run, "--evaluator": evaluator,
        "--max-evals": 30, "--population-size": 8, "--seed": 1,
    }  # fmt: skip
    others = [(flag, value) for flag, value in usual.items() if flag not in more]
    return ["nsga2", *(word for pair in others for word in pair), *more]


def table(folder):
    return [
        {
            name: value
            for name, value in row.items()
            if not TIMES_AND_PLACES.fullmatch(name)
        }
        for row in rows_of(folder)
    ]


@pytest.fixture
def heard(tmp_path):
    return tmp_path / "output.txt"


def wait_for_lines(path, count, seconds=200):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and path.read_text().count("\n") >= count:
            return
        time.sleep(0.02)
    raise AssertionError(f"no {count} lines of {path.name} in {seconds} s")


def wait_for_rows(folder, count):
    wait_for_lines(RunFolder(folder).results, 1 + count)


def wait_for_starts(folder, count):
    wait_for_lines(RunFolder(folder).started, count)


def test_twenty_kills_at_random_moments_leave_the_table_of_none(tmp_path, heard):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert run(heard, *flags("--log-dir", whole)) == 0
    moments = random.Random(0)
    kills = 0
    while kills < 20:
        place = ("--resume", cut) if cut.exists() else ("--log-dir", cut)
        process = start(heard, *flags(*place))
        process.join(moments.uniform(0.1, 2.5))
        if process.exitcode is None:
            process.kill()
        process.join()
        kills += 1
        reported = len(table(cut)) if RunFolder(cut).results.exists() else 0
        if moments.random() < 0.3 and reported and process.exitcode != 0:
            # As if the kill had come in the middle of a write.
            with open(RunFolder(cut).results, "a") as stream:
                stream.write("1,2,3,0.5"[: moments.randint(1, 9)])
    assert run(heard, *flags("--resume", cut)) == 0, heard.read_text()
    assert table(cut) == table(whole)
    assert "Traceback" not in heard.read_text()


def test_killed_twenty_times_over_ray_every_row_is_there_once(tmp_path, heard):
    folder = tmp_path / "run"
    evaluations = 250
    ray = flags("--num-workers", 2, "--max-evals", evaluations, evaluator="ray")
    moments = random.Random(1)
    for i in range(20):
        place = "--resume" if folder.exists() else "--log-dir"
        process = start(heard, *ray, place, folder)
        if i % 2:
            process.join(moments.uniform(2, 6))
        else:
            # Ray may take longer than that to start.
            done = len(table(folder)) if RunFolder(folder).results.exists() else 0
            wait_for_rows(folder, done + moments.randint(1, 8))
        assert process.exitcode is None, heard.read_text()
        process.kill()
        process.join()
    assert run(heard, *ray, "--resume", folder) == 0, heard.read_text()
    rows = table(folder)
    assert sorted(int(row["m:id"]) for row in rows) == list(range(evaluations))
    assert len({row["m:arch_seq"] for row in rows}) == evaluations


def test_sigusr1_stops_the_search_gently_and_what_ran_has_its_row(tmp_path, heard):
    folder = tmp_path / "run"
    process = start(heard, *flags("--log-dir", folder))
    wait_for_rows(folder, 3)
    # A signal between two evaluations would find none running.
    wait_for_starts(folder, 4)
    os.kill(process.pid, signal.SIGUSR1)
    process.join(120)
    assert process.exitcode == 75
    rows = table(folder)
    started = RunFolder(folder).started.read_text().splitlines()
    assert 3 < len(rows) == len(started) < 30
    assert "Stopped early, as asked: kept" in heard.read_text()
    assert f"--resume {folder}" in heard.read_text()
    sign = json.loads(RunFolder(folder).heartbeat.read_text())
    assert sign["state"] == "stopped"
    assert sign["running"] == []
    assert run(heard, *flags("--resume", folder)) == 0
    assert len(table(folder)) == 30


def test_what_does_not_end_within_the_limit_is_dropped_and_repeated(tmp_path, heard):
    folder = tmp_path / "run"
    endless = flags("--log-dir", folder, "--stop-within", 1, run="searching.hangs")
    process = start(heard, *endless)
    sign = RunFolder(folder).heartbeat
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        if sign.exists() and json.loads(sign.read_text())["running"]:
            break
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGUSR1)
    began = time.monotonic()
    process.join(120)
    assert process.exitcode == 75
    assert time.monotonic() - began < 60
    assert table(folder) == []


def test_flags_that_are_not_given_are_those_of_the_run(tmp_path, heard):
    folder = tmp_path / "run"
    process = start(heard, *flags("--log-dir", folder))
    wait_for_rows(folder, 2)
    process.kill()
    process.join()
    assert run(heard, "nsga2", "--resume", folder) == 0, heard.read_text()
    assert len(table(folder)) == 30
    # More of it, by other means.
    more = ("--max-evals", 36, "--evaluator", "process", "--num-workers", 2)
    assert run(heard, "nsga2", "--resume", folder, *more) == 0, heard.read_text()
    assert len(table(folder)) == 36
    assert "of them in" in heard.read_text()
    infos = RunFolder(folder).infos()
    assert infos["arguments"]["max_evals"] == 36
    assert len(infos["resumed"]) == 2


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished") / "run"
    heard = folder.parent / "output.txt"
    arguments = flags("--log-dir", folder, "--set", "num_epochs=1")
    arguments[arguments.index("--max-evals") + 1] = 4
    assert run(heard, *arguments) == 0, heard.read_text()
    return folder


def content(folder):
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and path.name != ".lock"
        # Renewed each time, as it says when.
        and not path.relative_to(folder).parts[0].startswith("report")
    }


def test_a_finished_run_says_so_and_stays_as_it_is(finished, heard):
    before = content(finished)
    assert run(heard, "nsga2", "--resume", finished) == 0
    assert "This run is complete: it has 4 evaluation(s)" in heard.read_text()
    assert content(finished) == before


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--seed", 2], "--seed is 2, but the run in"),
        (["--population-size", 9], "--population-size is 9"),
        (["--run", "searching.hangs"], "--run is"),
        (["--set", "num_epochs=2"], "--set num_epochs is 2"),
        (["--max-scored-examples", 7], "--max-scored-examples is 7"),
        (["--group-by", "label"], "--group-by is"),
        (["--record-mo-xai-only", "true"], "--objectives is"),
        (["--problem", "experiments.digits.problem.Problem"], "--problem is"),
    ],
)
def test_what_decides_rows_cannot_change(finished, heard, given, told):
    before = content(finished)
    assert run(heard, "nsga2", "--resume", finished, *given) == 2
    said = heard.read_text()
    assert told in said
    assert "expected the same" in said
    assert "Traceback" not in said
    assert content(finished) == before


def test_another_search_is_refused(finished, heard):
    assert run(heard, "regevo_xnas", "--resume", finished) == 2
    assert "the search is" in heard.read_text()


def test_two_resumes_of_one_folder_do_not_meet(tmp_path, heard):
    folder = tmp_path / "run"
    first = start(heard, *flags("--log-dir", folder))
    wait_for_rows(folder, 1)
    second = tmp_path / "second.txt"
    assert run(second, "nsga2", "--resume", folder) == 2
    assert "is being written by another search" in second.read_text()
    first.join(200)
    assert first.exitcode == 0
    assert len(table(folder)) == 30


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: folder.init_infos.unlink(), "no init_infos.json to say"),
        (lambda folder: folder.init_infos.write_text("{"), "cannot be read"),
        (lambda folder: folder.results.write_text("a,b\n1,2\n"), "has the columns"),
    ],
)
def test_a_spoilt_folder_is_refused_in_one_sentence(tmp_path, heard, spoil, told):
    folder = RunFolder(tmp_path / "run")
    assert run(heard, *flags("--log-dir", folder.root, "--max-evals", 3)) == 0
    spoil(folder)
    before = content(folder.root)
    said = tmp_path / "said.txt"
    assert run(said, "nsga2", "--resume", folder.root) == 2
    assert told in said.read_text()
    assert len(said.read_text().splitlines()) == 1
    assert content(folder.root) == before


def test_an_emptied_table_begins_again(tmp_path, heard):
    folder = RunFolder(tmp_path / "run")
    assert run(heard, *flags("--log-dir", folder.root, "--max-evals", 3)) == 0
    before = table(folder.root)
    folder.results.write_bytes(b"")
    assert run(heard, "nsga2", "--resume", folder.root) == 0, heard.read_text()
    assert table(folder.root) == before


def test_where_nothing_had_begun_the_search_begins(tmp_path, heard):
    folder = tmp_path / "run"
    folder.mkdir()
    assert run(heard, "nsga2", "--resume", folder) == 2
    assert "no run has begun" in heard.read_text()
    assert run(heard, *flags("--resume", folder, "--max-evals", 2)) == 0
    assert len(table(folder)) == 2


def test_a_folder_that_is_not_there_is_refused(tmp_path, heard):
    assert run(heard, "nsga2", "--resume", tmp_path / "none") == 2
    assert "there is no folder" in heard.read_text()
    assert run(heard, "nsga2", "--resume", tmp_path, "--log-dir", tmp_path) == 2
    assert "--log-dir is given beside --resume" in heard.read_text()


def test_a_taken_folder_names_the_words_that_resume_it(finished, heard):
    assert run(heard, *flags("--log-dir", finished)) == 2
    assert f"--resume {finished}" in heard.read_text()


def test_a_run_of_the_version_before_goes_on(tmp_path, heard):
    folder = tmp_path / "run"
    shutil.copytree(ROOT / "tests" / "data" / "run_before", folder)
    before = table(folder)
    assert run(heard, "nsga2", "--resume", folder, "--max-evals", 8) == 0, (
        heard.read_text()
    )
    rows = table(folder)
    assert [{**row, "pareto_efficient": ""} for row in rows[:6]] == [
        {**row, "pareto_efficient": ""} for row in before
    ]
    assert [row["m:id"] for row in rows[6:]] == ["6", "7"]
    # The generation that had begun is bred to its end.
    assert [row["m:generation"] for row in rows[6:]] == ["1", "1"]
    infos = RunFolder(folder).infos()
    assert infos["arguments"]["options"]["population_size"] == 4
    kept = {"num_epochs": 1, "weight_decay": 0.00025}  # which had another meaning
    assert infos["arguments"]["hyperparameters"] == kept


def test_a_run_of_the_version_before_keeps_its_objectives(tmp_path, heard):
    folder = tmp_path / "run"
    shutil.copytree(ROOT / "tests" / "data" / "run_before", folder)
    more = ["--max-evals", 8, "--objectives", "val_acc__last"]
    assert run(heard, "nsga2", "--resume", folder, *more) == 2
    assert "--objectives is" in heard.read_text()


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_stops_the_search_and_room_lets_it_go_on(
    small_disk, tmp_path, heard
):
    whole, folder = tmp_path / "whole", small_disk / "run"
    assert run(heard, *flags("--log-dir", whole)) == 0
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 200_000)
    # Every evaluation leaves a log of one page.
    said = tmp_path / "said.txt"
    assert run(said, *flags("--log-dir", folder)) == 1, said.read_text()
    assert "no space is left where" in said.read_text()
    assert "Traceback" not in said.read_text()
    rows = table(folder)
    assert 3 < len(rows) < 30
    assert not any(row["objective_0"].startswith("F") for row in rows)
    assert run(said, *flags("--resume", folder)) == 1
    filler.unlink()
    assert run(heard, *flags("--resume", folder)) == 0, heard.read_text()
    assert table(folder) == table(whole)


@pytest.mark.parametrize("files", [2, 3, 13, 16])
def test_wherever_room_ends_it_is_told_in_a_sentence(small_disk, tmp_path, files):
    # None is left for the log, for folders, for an evaluation, for the final table.
    limit = ["mount", "-o", f"remount,nr_inodes={files}", small_disk]
    subprocess.run(limit, check=True)
    said = tmp_path / "said.txt"
    flags_of_run = flags("--log-dir", small_disk / "run", "--max-evals", 3)
    assert run(said, *flags_of_run) == 1, said.read_text()
    assert "no space is left" in said.read_text()
    assert "Traceback" not in said.read_text()


def test_a_log_without_room_costs_nothing_but_the_log(tmp_path, heard):
    folder = tmp_path / "run"
    folder.mkdir()
    RunFolder(folder).log.symlink_to("/dev/full")
    assert run(heard, *flags("--log-dir", folder, "--max-evals", 3)) == 0
    assert len(table(folder)) == 3
    assert "Traceback" not in heard.read_text()


def test_the_table_stays_one_that_csv_readers_agree_on(finished):
    with open(RunFolder(finished).results) as stream:
        assert len(list(csv.DictReader(stream))) == 4
