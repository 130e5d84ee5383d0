"""``deephyper_xnas status`` as its user meets it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from math import inf
from pathlib import Path

import pandas as pd
import pytest
from run_folders import NOW, make_run, sign

from xnas.cli import main
from xnas.names import program
from xnas.results import RunFolder

ROOT = Path(__file__).parents[2]
HELPERS = ROOT / "tests" / "nas_deephyper"
PAGE = (ROOT / "docs" / "results.md").read_text()


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW)


@pytest.fixture
def told(capsys, tmp_path, monkeypatch, clock):
    monkeypatch.chdir(tmp_path)

    def look(name="results/digits/2026-01-02T030405"):
        assert main(["status", str(name)]) == 0
        return capsys.readouterr().out

    return look


@pytest.fixture
def place(tmp_path):
    return tmp_path / "results" / "digits" / "2026-01-02T030405"


def lines(text):
    return [line.rstrip() for line in text.splitlines()]


def test_a_running_search_is_told_in_full(told, place):
    busy = [
        {"id": 4, "worker": 0, "host": "n1", "since": NOW - 5},
        {"id": 5, "worker": 1, "host": None, "since": NOW - 70},
    ]
    rows = [(0.5, 0.2), "F_nan", (0.25, 0.5), "F_nan"]
    last = sign(running=busy, slurm_job="17", since=NOW - 240)
    make_run(place, rows, started=6, last_sign=last)
    text = lines(told("latest"))
    assert text[0] == "Run           results/digits/2026-01-02T030405"
    for line in (
        "Task          digits (experiments.digits.problem.Problem)",
        "Search        NSGAII, population 8, seed 3",
        "State         running",
        "Process       4711 on n1, Slurm job 17, for 4 min 0 s, 2 worker(s)",
        "Done          4 of 64 evaluation(s); 2 failed (2 F_nan)",
        "Rate          1.0 a minute; about 1 h 0 min left",
        "Best          val_acc__last 0.5000, evaluation 0",
        "              introspectability 0.5000, evaluation 2",
        "Front         2 network(s), hypervolume 0.1250 above (0.1, 0)",
        "Running       evaluation 5 on a host not known yet, worker 1, 1 min 10 s",
        "              evaluation 4 on n1, worker 0, 5 s",
    ):
        assert line in text
    assert any(re.fullmatch(r"Heartbeat     .* \(3 s ago\)", line) for line in text)
    hosts = text[text.index("") + 1 :]
    header = "Host +rows +failed +running +seconds each +last row"
    assert re.fullmatch(header, hosts[0])
    assert hosts[1].split()[:5] == ["n1", "4", "2", "1", "4.0"]
    assert hosts[2].split() == ["unknown", "0", "0", "1", "-", "-"]
    assert len(hosts) == 3


@pytest.mark.parametrize(
    ("state", "age", "words"),
    [
        ("running", 3600, "died: no heartbeat for 1 h 0 min"),
        ("stopped", 9, "stopped early, can be resumed"),
        ("interrupted", 9, "interrupted"),
        ("failed", 9, "failed, see results/digits/2026-01-02T030405/deephyper.log"),
    ],
)
def test_a_run_that_is_not_done_names_the_command_that_resumes_it(
    told, place, state, age, words
):
    make_run(place, [(0.5, 0.2)], started=3, last_sign=sign(state, age))
    text = told()
    assert f"State         {words}; 2 evaluation(s) were begun and have no row" in text
    command = f"{program()} nas nsga2 --resume results/digits/2026-01-02T030405"
    assert lines(text)[-1] == f"Carry on with: {command}"


def test_the_folder_is_quoted_where_a_shell_needs_it(told, tmp_path):
    place = tmp_path / "my results" / "it's"
    make_run(place, [(0.5, 0.2)], last_sign=sign("stopped"))
    command = lines(told(place))[-1].partition(": ")[2]
    assert shlex.split(command)[-1] == "my results/it's"


@pytest.mark.parametrize("state", ["running", "stopping", "finished"])
def test_a_run_that_goes_on_or_is_done_names_no_such_command(told, place, state):
    make_run(place, [(0.5, 0.2)], last_sign=sign(state))
    assert "--resume" not in told()


def test_many_running_evaluations_are_cut_to_the_longest(told, place):
    busy = [
        {"id": i, "worker": i, "host": "n1", "since": NOW - i} for i in range(1, 31)
    ]
    make_run(place, [(0.5, 0.2)], last_sign=sign(running=busy))
    text = told()
    assert "evaluation 30 on n1" in text
    assert "evaluation 20 on" not in text
    assert "and 20 more" in text


@pytest.mark.parametrize(
    ("rows", "changes", "words"),
    [
        (None, {}, "Done          0 of 64 evaluation(s)\n"),
        ([], {}, "Best          val_acc__last none yet"),
        ([], {}, "time left unknown, as none has ended yet"),
        (["F_exception"] * 3, {}, "3 failed (3 F_exception)"),
        (["F_exception"] * 3, {}, "Front         0 network(s)"),
        ([(0.5, -inf)], {}, "introspectability -inf, evaluation 0"),
        ([(0.5, -inf)], {}, "Front         1 network(s), hypervolume 0.0000"),
        ([(0.5,)], {"n_objectives": 1}, "hypervolume 0.4000 above (0.1)"),
        (
            [(-0.5, 0.2)],
            {"hypervolume_reference": None},
            "no hypervolume, as no reference is known for val_acc__last, introspect",
        ),
    ],
)
def test_runs_of_every_kind_are_told(told, place, rows, changes, words):
    make_run(place, rows, last_sign=sign(), **changes)
    assert words in told()


def test_a_run_without_a_heartbeat_is_told_too(told, place):
    make_run(place, [(0.5, 0.2)], started=2, arguments=None)
    text = told()
    assert "State         unknown: no heartbeat is recorded" in text
    assert "Process" not in text
    assert "Carry on" not in text


def test_both_rates_are_told_where_they_differ(told, place):
    rows = [{"objective": (0.5, 0.2), "end": NOW - 900}] * 20
    make_run(place, rows, last_sign=sign(since=NOW - 1200))
    assert "Rate          1.0 a minute, 0.0 in the last ten minutes;" in told()


def test_stored_estimates_are_told_and_none_are_made(told, place):
    make_run(place, [(0.5, 0.25)] * 20)
    assert "Estimates" not in told()
    header = "id,arch_seq,val_acc__last,val_acc__last_sd,introspectability,"
    header += "introspectability_sd,replicates,front_probability,evaluations\n"
    rows = [
        '3,"[0]",0.5,0.01,0.25,0.0,1,0.625,12',
        '4,"[1]",0.4,0.01,0.2,0.1,1,0.25,12',
    ]
    (place / "estimates.csv").write_text(header + "\n".join(rows))
    text = told()
    assert (
        "Estimates     from 12 of 20 evaluation(s): 1 network(s) on the front, "
        "1 with a probability of 0.5 or more\n"
        "              val_acc__last 0.5000 (0.4804 to 0.5196), evaluation 3\n"
        "              introspectability 0.2500 (all trainings alike), evaluation 3\n"
    ) in text


def test_json_says_the_same_under_documented_keys(capsys, place, clock):
    busy = [{"id": 2, "worker": 0, "host": "n1", "since": NOW - 5}]
    make_run(place, [(0.5, -inf), "F_nan"], last_sign=sign(running=busy))
    assert main(["status", "--json", str(place)]) == 0
    text = capsys.readouterr().out
    content = json.loads(text, parse_constant=pytest.fail)
    assert content["folder"] == str(place)
    assert content["state"] == "running"
    assert content["failures"] == {"F_nan": 1}
    assert content["running"] == busy
    assert content["resume"] is None
    section = PAGE.split("## Looking at a run")[1].split("\n## ")[0]
    missing = [key for key in content if f"`{key}`" not in section]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "there is no folder .*/nowhere"),
        ("empty", "empty holds no run: no init_infos.json"),
        ("file", "there is no folder .*/file"),
        ("latest", "there is no run in results"),
        ("results/digits/latest", "there is no run in results/digits"),
    ],
)
def test_a_folder_without_a_run_is_told_in_one_sentence(
    capsys, tmp_path, monkeypatch, name, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    assert main(["status", name]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"deephyper_xnas: .*{words}.*\n", err)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "file"]


def test_a_look_loads_neither_frameworks_nor_pandas(place):
    make_run(place, [(0.5, 0.2)], last_sign=sign())
    code = (
        "import sys; from xnas.cli import main; "
        f"assert main(['status', {str(place)!r}]) == 0; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert not {"tensorflow", "keras", "deephyper", "ray", "pandas"} & loaded


def xnas(*arguments):
    return [sys.executable, str(ROOT / "deephyper_xnas"), *map(str, arguments)]


def status(folder):
    done = subprocess.run(
        xnas("status", "--json", folder), capture_output=True, text=True, cwd=ROOT
    )
    return json.loads(done.stdout) if done.returncode == 0 else None


def test_a_search_is_followed_from_its_start_over_a_stop_to_its_end(tmp_path):
    folder = tmp_path / "run"
    environment = {**os.environ, "PYTHONPATH": str(HELPERS)}
    process = subprocess.Popen(
        xnas(
            "nas", "nsga2", "--problem", "experiments.digits.problem.Problem",
            "--run", "searching.slow", "--evaluator", "serial", "--log-dir", folder,
            "--max-evals", 500, "--seed", 1,
        ),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 300
    seen = status(folder)
    while not (seen and seen["done"] > 1 and seen["running"]):
        assert time.monotonic() < deadline
        seen = status(folder)
    assert seen["state"] == "running"
    assert seen["max_evals"] == 500
    assert seen["rate_per_minute"] > 0
    assert seen["sign_of_life"]["pid"] == process.pid
    assert len(seen["running"]) == 1

    process.send_signal(signal.SIGUSR1)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 75, err
    seen = status(folder)
    assert seen["state"] == "stopped"
    assert seen["running"] == []

    words = shlex.split(seen["resume"])
    assert shlex.join(words[:1]) == program()
    more = seen["done"] + 2
    done = subprocess.run(
        xnas(*words[1:], "--max-evals", more), cwd=ROOT, env=environment,
        capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = status(folder)
    assert seen["state"] == "finished"
    assert seen["done"] == seen["succeeded"] == seen["max_evals"] == more
    rows = pd.read_csv(RunFolder(folder).results)
    assert seen["front_size"] == rows["pareto_efficient"].sum()
    assert seen["best"][0]["value"] == rows["objective_0"].max()


def test_a_folder_of_runs_lists_them(told, place, capsys):
    make_run(place, [(0.5, 0.2)], last_sign=sign("finished"))
    make_run(place.parent / "first", [(0.25, 0.5), "F_nan"])
    found = lines(told("results/digits"))
    assert len(found) == 3
    assert found[1].startswith("results/digits/first")
    assert "2 of 64 evaluation(s)" in found[1]
    assert found[2].startswith("results/digits/2026-01-02T030405")
    assert "finished" in found[2]
    assert "val_acc__last 0.5" in found[2]
    assert main(["status", "results/digits", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["runs"]) == 2
