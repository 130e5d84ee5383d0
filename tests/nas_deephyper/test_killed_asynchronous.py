"""An asynchronous search that is killed again and again."""

import json
import multiprocessing
import os
import random
import time
from pathlib import Path

import killed
import pytest
from searching import rows_of

from xnas.records import Candidate
from xnas.results import RunFolder, read_table

HELPERS = Path(__file__).parent
KILLS = 20

# Loads DeepHyper once; each process then begins as a copy of it.
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["killed"])


def count_rows(folder):
    results = RunFolder(folder).results
    return max(results.read_bytes().count(b"\n") - 1, 0) if results.exists() else 0


def search_and_kill(folder, reported, moments):
    """Kill a search some rows and a moment after it began, or before any row."""
    process = forks.Process(target=killed.carry_on, args=(folder, reported, 10_000))
    process.start()
    deadline = time.monotonic() + 200
    wanted = count_rows(folder) + moments.choice([0, 1, 1, 2, 4, 8, 16])
    while count_rows(folder) < wanted and process.exitcode is None:
        assert time.monotonic() < deadline, "no rows"
        time.sleep(0.001)
    time.sleep(moments.uniform(0, 0.1))
    assert process.exitcode is None, "it ended by itself"
    process.kill()
    process.join()
    files = RunFolder(folder)
    for path, line in ((files.results, "1,2,3,0.5"), (files.started, '{"id": 9, "a')):
        if path.exists() and moments.random() < 0.3:
            # As if the kill had come in the middle of a write.
            with open(path, "a") as stream:
                stream.write(line[: moments.randint(1, len(line))])


def whole_lines(folder):
    results = RunFolder(folder).results
    content = results.read_bytes() if results.exists() else b""
    return content[: content.rfind(b"\n") + 1]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a search killed 20 times and then finished, and what it told."""
    folder = tmp_path_factory.mktemp("run")
    reported = tmp_path_factory.mktemp("told") / "reported.txt"
    moments = random.Random(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "PYTHONPATH", os.pathsep.join([str(HELPERS.parents[1]), str(HELPERS)])
        )
        before = b""
        for _ in range(KILLS):
            search_and_kill(folder, reported, moments)
            assert whole_lines(folder).startswith(before)
            before = whole_lines(folder)
        killed.carry_on(folder, reported, count_rows(folder) + 20)
    return folder, [int(line) for line in reported.read_text().splitlines()]


def started(folder):
    lines = RunFolder(folder).started.read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_row_is_there_once_and_none_that_was_told_is_lost(run):
    folder, reported = run
    rows = rows_of(folder)
    numbers = [int(row["m:id"]) for row in rows]
    assert sorted(numbers) == list(range(len(rows)))
    assert len(reported) == len(set(reported))
    assert set(reported) <= set(numbers)
    search = killed.make(folder, resume=True)
    forms = [
        search.algorithm.networks.form_of(tuple(json.loads(row["m:arch_seq"])))
        for row in rows
    ]
    assert len(set(forms)) == len(rows)


def test_what_has_a_row_is_not_evaluated_again(run):
    folder, _ = run
    rows = rows_of(folder)
    position = {int(row["m:id"]): k for k, row in enumerate(rows)}
    for entry in started(folder):
        assert position[entry["id"]] >= entry["after_rows"]
    numbers = [entry["id"] for entry in started(folder)]
    repeated = len(numbers) - len(set(numbers))
    # Most kills found every worker at work.
    assert KILLS < repeated <= KILLS * killed.WORKERS


def test_a_replay_of_the_record_gives_the_same_children(run, tmp_path):
    folder, _ = run
    again = killed.make(tmp_path).algorithm
    rows = read_table(RunFolder(folder).results).evaluations
    for entry in started(folder):
        if entry["id"] < again.next_id:
            continue  # evaluated again after a kill
        while again.n_told < entry["after_rows"]:
            again.tell(rows[again.n_told])
        again.next_id = entry["id"]
        assert again.ask(1) == [
            Candidate(entry["id"], tuple(entry["arch_seq"]), tuple(entry["parent_ids"]))
        ]
    assert again.next_id == len(rows)
