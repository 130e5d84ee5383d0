"""``deephyper_xnas nas`` as its user meets it, in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from xnas.results import RunFolder

ROOT = Path(__file__).parents[2]
HELPERS = ROOT / "tests" / "nas_deephyper"
DIGITS = "experiments.digits.problem.Problem"


def command(*arguments):
    return [sys.executable, str(ROOT / "deephyper_xnas"), *map(str, arguments)]


def environment():
    return {**os.environ, "PYTHONPATH": str(HELPERS), "PYTHONWARNINGS": "default"}


def xnas(*arguments, cwd=ROOT, timeout=300):
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def nas(folder, *arguments, search="nsga2", problem=DIGITS, **options):
    return xnas(
        "nas", search, "--problem", problem, "--log-dir", folder, *arguments, **options
    )


def read(folder):
    return pd.read_csv(RunFolder(folder).results)


@pytest.mark.parametrize("search", ["nsga2", "nsgaii", "regevo_xnas", "regevo-xnas"])
def test_a_search_of_any_name_ends_with_exactly_its_rows(tmp_path, search):
    folder = tmp_path / "run"
    done = nas(
        folder, "--run", "searching.slow", "--evaluator", "process",
        "--num-workers", 2, "--max-evals", 12, "--population-size", 8,
        "--seed", 1, search=search,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = read(folder)
    assert len(rows) == rows["m:arch_seq"].nunique() == 12
    assert rows["m:host"].notna().all()
    assert "Finished: 12 evaluation(s)" in done.stdout
    assert str(folder / "results.csv") in done.stdout
    front = rows[rows["pareto_efficient"]]
    assert all(arch in done.stdout for arch in front["m:arch_seq"])
    assert "12/12 evaluations" in done.stderr
    assert "evaluated" in (folder / "logs" / "0.log").read_text()
    infos = RunFolder(folder).infos()
    assert infos["search"]["seed"] == 1
    assert infos["run"] == "searching.slow"


def test_the_task_alone_is_searched_if_asked(tmp_path):
    for flags in (
        ["--record-mo-xai-only", "true"],
        ["--multiobjective-explainability", "false"],
    ):
        folder = tmp_path / flags[0]
        done = nas(
            folder, "--run", "searching.slow_single", "--evaluator", "serial",
            "--max-evals", 3, *flags,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        rows = read(folder)
        assert "objective" in rows
        assert "objective_1" not in rows
        assert rows["pareto_efficient"].any()


def test_a_failed_first_row_costs_only_itself(tmp_path):
    folder = tmp_path / "run"
    done = nas(
        folder, "--run", "searching.first_fails", "--evaluator", "serial",
        "--max-evals", 6,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = read(folder)
    assert (rows["objective_0"] == "F_exception").tolist() == [True] + [False] * 5
    assert rows["pareto_efficient"].any()
    assert "1 failed (1 F_exception)" in done.stdout
    log = (folder / "logs" / "0.log").read_text()
    assert "RuntimeError: this network cannot be built" in log


def test_a_search_of_failures_fails_and_says_where_the_reasons_are(tmp_path):
    folder = tmp_path / "run"
    done = nas(
        folder, "--run", "searching.failing", "--evaluator", "serial",
        "--max-evals", 4,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert (read(folder)["objective_1"] == "F_exception").all()
    assert "4 failed (4 F_exception)" in done.stdout
    assert str(folder / "logs") in done.stdout


def test_a_timeout_ends_in_good_order_and_keeps_what_finished(tmp_path):
    folder = tmp_path / "run"
    started = time.monotonic()
    done = nas(
        folder, "--run", "searching.slow", "--evaluator", "process",
        "--num-workers", 2, "--timeout", 10,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 200
    rows = read(folder)
    assert len(rows) > 0
    assert (rows["job_status"] == "DONE").all()
    assert f"Finished: {len(rows)} evaluation(s)" in done.stdout


def test_a_timeout_before_the_first_result_ends_in_good_order(tmp_path):
    folder = tmp_path / "run"
    done = nas(
        folder, "--run", "searching.hangs", "--evaluator", "serial", "--timeout", 2
    )
    assert done.returncode == 0, done.stderr
    assert len(read(folder)) == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_finished_and_leaves_no_process(tmp_path, sign):
    folder = tmp_path / "run"
    process = subprocess.Popen(
        command(
            "nas", "nsga2", "--problem", DIGITS, "--run", "searching.slow",
            "--evaluator", "process", "--num-workers", 2, "--log-dir", folder,
        ),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )  # fmt: skip
    results = RunFolder(folder).results
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        if results.exists() and results.read_text().count("\n") > 4:
            break
        time.sleep(0.05)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    # As a terminal does it: the whole group gets the signal.
    os.killpg(process.pid, sign) if sign == signal.SIGINT else process.send_signal(sign)
    interrupted = time.monotonic()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert time.monotonic() - interrupted < 60
    rows = read(folder)
    assert len(rows) >= 4
    assert f"Interrupted: kept {len(rows)} evaluation(s)" in out
    assert "Traceback" not in out + err
    assert rows["pareto_efficient"].notna().all()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive


def test_a_search_goes_on_when_what_reads_its_messages_has_left(tmp_path):
    process = subprocess.Popen(
        command(
            "nas", "nsga2", "--problem", DIGITS, "--run", "searching.instant",
            "--evaluator", "serial", "--log-dir", tmp_path / "run", "--max-evals", 4,
            "--no-report",
        ),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    process.stderr.close()
    with process.stdout:
        out = process.stdout.read()
    assert process.wait(timeout=120) == 0
    assert "The front" in out


def test_a_terminal_shows_a_bar(tmp_path):
    import pty
    import termios

    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 140))
    process = subprocess.Popen(
        command(
            "nas", "nsga2", "--problem", DIGITS, "--run", "searching.slow",
            "--evaluator", "serial", "--log-dir", tmp_path / "run", "--max-evals", 4,
        ),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=follower,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(leader)
    process.communicate(timeout=120)
    text = shown.decode()
    assert "4/4" in text
    assert "best val_acc__last" in text
    assert "front" in text
    assert "network/s" in text or "s/network" in text


def test_a_two_objective_search_over_ray_leaves_a_whole_run_folder(tmp_path):
    folder = tmp_path / "run"
    done = nas(
        folder, "--evaluator", "ray", "--num-workers", 2, "--max-evals", 64,
        "--population-size", 16, "--set", "num_epochs=1", "--seed", 5,
        timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = RunFolder(folder)
    rows = read(folder)
    assert len(rows) == rows["m:arch_seq"].nunique() == 64
    counts = rows["m:generation"].value_counts().to_dict()
    assert counts == dict.fromkeys(range(4), 16)
    generation = rows.set_index("m:id")["m:generation"]
    for own, text in zip(rows["m:generation"], rows["m:parent_ids"], strict=True):
        assert all(generation[parent] < own for parent in json.loads(text))
    for number in rows["m:id"]:
        for path in (run.config(number), run.history(number), run.gram(number)):
            assert path.exists()
    assert {int(p.stem) for p in (folder / "activations").iterdir()}
    assert run.log.stat().st_size
    assert len(run.started.read_text().splitlines()) == 64
    assert run.infos()["run_settings"]["hyperparameters"] == {"num_epochs": 1}
    assert rows["m:n_parameters"].min() > 1000
    assert rows["m:worker"].nunique() == 2


def test_equal_seeds_give_equal_rows_with_real_training(tmp_path):
    tables = []
    for name in "ab":
        done = nas(
            tmp_path / name, "--evaluator", "serial", "--max-evals", 3, "--seed", 2,
            problem="experiments.lines.problem.Problem",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        table = read(tmp_path / name)
        clocks = table.filter(regex="time").columns
        tables.append(table.drop(columns=[*clocks, "m:host"]))
    pd.testing.assert_frame_equal(*tables)


def test_help_is_there_for_every_command():
    for arguments in ([], ["nas"], ["nas", "nsga2"], ["nas", "regevo-xnas"]):
        done = xnas(*arguments, "--help")
        assert done.returncode == 0
        assert "usage: deephyper_xnas" in done.stdout


def test_missing_packages_are_told_with_the_line_that_activates_them():
    # -S hides site-packages, as a Python outside the environment would.
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-s", str(ROOT / "deephyper_xnas"), "--help"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert re.fullmatch(
        r"deephyper_xnas: the Python package \w+ is not installed here; .*"
        r"source \.venv/bin/activate\n",
        done.stderr,
    )


def test_what_is_wrong_is_all_that_is_said(tmp_path):
    # In a process of its own: TensorFlow has lines of its own when it loads.
    told = nas(tmp_path / "run", problem="experiments.digits.problem.Problm")
    assert told.returncode == 2
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 1
    assert told.stderr.startswith("deephyper_xnas: ")
