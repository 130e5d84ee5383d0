"""``xnas.search`` in scripts: what is sent to workers, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from rows_of_runs import ROOT, rows

import xnas
from xnas.cli import main
from xnas.errors import UsageError
from xnas.face.training import prepare
from xnas.results import RunFolder

SCRIPT = """
    import sys
    import threading
    import numpy as np
    import xnas
    from xnas.search_space_common import nas_bench_201_search_space

    def create_search_space(input_shape, output_shape):
        return nas_bench_201_search_space(input_shape, output_shape, stack_size=1)

    def load_data():
        X = np.random.default_rng(0).random((60, 6, 6, 1), dtype=np.float32)
        y = np.tile(np.arange(3), 20)
        return (X[:45], y[:45]), (X[45:], y[45:])

    Problem = xnas.NaProblem()
    Problem.load_data(load_data)
    Problem.search_space(create_search_space)
    Problem.hyperparameters(batch_size=15, learning_rate=0.1, num_epochs=1)
    Problem.loss("sparse_categorical_crossentropy")
    Problem.metrics(["acc"])
    Problem.objective("val_acc__last")
    if len(sys.argv) > 2:
        Problem.lock = threading.Lock()
    run = xnas.search(
        Problem, max_evals=2, log_dir=sys.argv[1], seed=1, evaluator="process",
        num_workers=1, trainer="plain", report=False,
    )
    print(len(run.records), [one.failure for one in run.records])
"""


def script(tmp_path, *words):
    path = tmp_path / "own_script.py"
    path.write_text(textwrap.dedent(SCRIPT))
    return subprocess.run(
        [sys.executable, str(path), *map(str, words)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_problem_of_a_script_is_sent_to_the_workers(tmp_path, capsys):
    folder = tmp_path / "run"
    done = script(tmp_path, folder)
    assert done.stdout.strip() == "2 [None, None]", done.stderr
    assert RunFolder(folder).infos()["run_settings"]["problem"] is None
    with pytest.raises(UsageError, match="was defined in a notebook or a script"):
        prepare(xnas.load(folder), None, {}, print)
    assert main(["nas", "nsga2", "--resume", str(folder)]) == 2
    assert "xnas.search(Problem, resume=...)" in capsys.readouterr().err


def test_a_problem_that_cannot_be_sent_is_refused_in_one_sentence(tmp_path):
    done = script(tmp_path, tmp_path / "run", "with a lock")
    last = done.stderr.strip().splitlines()[-1]
    assert "UsageError: the Problem cannot be sent to workers" in last
    assert not (tmp_path / "run").exists()


INTERRUPTED = """
    import sys
    import xnas

    try:
        xnas.search(
            "experiments.digits.problem.Problem", run="searching.slow", seed=1,
            evaluator="serial", log_dir=sys.argv[1],
        )
    except KeyboardInterrupt:
        print("interrupted", len(xnas.load(sys.argv[1]).records))
"""


def test_an_interrupt_in_python_keeps_rows_and_is_raised_at_the_end(tmp_path):
    folder = tmp_path / "run"
    helpers = ROOT / "tests" / "nas_deephyper"
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), str(folder)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{helpers}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    results = folder / "results.csv"
    while time.monotonic() < deadline:
        if results.exists() and results.read_text().count("\n") > 3:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert out.startswith("interrupted ")
    assert int(out.split()[1]) >= 3
    assert all(row["pareto_efficient"] for row in rows(folder))
    last = json.loads((folder / "sign_of_life.json").read_text())
    assert last["state"] == "interrupted"
