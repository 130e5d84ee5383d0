"""``train`` as its user meets it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from xnas.cli import main
from xnas.names import installing, program

ROOT = Path(__file__).parents[2]
HELPERS = [ROOT / "tests" / name for name in ("nas_deephyper", "final_training")]
WRITTEN = {
    "MODEL_CARD.md", "cell.svg", "curves.svg", "history.csv", "metrics.json",
    "confusion.csv", "model.keras", "predictions.csv", "replicates", "training.json",
    ".lock",
}  # fmt: skip

pytestmark = pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


def search(folder, problem="small_task.Problem", run="searching.instant", *more):
    """Make a run of all six networks, in no time."""
    flags = ["--problem", problem, "--run", run, "--evaluator", "serial"]
    flags += [
        "--max-evals",
        "6",
        "--population-size",
        "4",
        "--seed",
        "1",
        "--no-report",
        *more,
    ]
    # A run of nothing but failures exits 1.
    assert main(["nas", "nsga2", "--log-dir", str(folder), *flags]) in (0, 1)
    return folder


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    return search(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def finished(run_dir, tmp_path_factory):
    """The folder of a training of one epoch, for tests that train nothing anew."""
    out = tmp_path_factory.mktemp("finished") / "out"
    flags = ["--pick", "0", "--epochs", "1", "-o", str(out)]
    assert main(["train", str(run_dir), *flags]) == 0
    return out


@pytest.fixture
def train(run_dir, capsys):
    """Run ``train`` in this process; returns its status and what it said."""

    def call(*arguments, run=run_dir):
        capsys.readouterr()  # of the search
        try:
            status = main(["train", str(run), *map(str, arguments)])
        except SystemExit as leaving:
            status = leaving.code
        heard = capsys.readouterr()
        return status, heard.out, heard.err

    return call


@pytest.fixture
def refuse(train, tmp_path):
    """Run ``train``; returns the one sentence it refuses with."""

    def call(*arguments, **keywords):
        status, out, err = train("-o", tmp_path / "out", *arguments, **keywords)
        assert (status, out) == (2, "")
        assert not (tmp_path / "out").exists()
        told = [line for line in err.splitlines() if line.startswith("deephyper_xnas")]
        assert len(told) == 1, err
        assert told[0] == err.splitlines()[-1]
        return told[0]

    return call


def read(path):
    return json.loads(path.read_text())


def test_a_network_is_trained_and_everything_is_written(train, run_dir):
    status, out, err = train(
        "--pick", "knee", "--epochs", "3", "--replicates", "2", "--num-cpus", "1",
        "--export", "saved-model",
    )  # fmt: skip
    assert status == 0, err
    (folder,) = (run_dir / "trained").iterdir()
    assert folder.name.endswith("-epochs-3-replicates-2")
    assert {path.name for path in folder.iterdir()} == WRITTEN | {"saved_model"}
    found = read(folder / "metrics.json")
    assert found["settings"]["seed"] == 1
    assert [one["epochs"] for one in found["replicates"]] == [3, 3]
    assert len({one["seed"] for one in found["replicates"]}) == 2
    for part in ("validation", "test"):
        assert list(found[part]) == ["val_acc__last", "introspectability"]
        assert len(found[part]["val_acc__last"]["values"]) == 2
    best = folder / "replicates" / str(found["best_replicate"]) / "model.keras"
    assert (folder / "model.keras").read_bytes() == best.read_bytes()
    assert len((folder / "history.csv").read_text().splitlines()) == 1 + 2 * 3
    assert str(folder / "model.keras") in out
    assert "val_acc__last" in out
    assert "no test data" not in out
    assert "6/6 epochs, replicate 2 of 2, val_acc" in err
    assert "left" in err
    assert "2 replicate(s) of 3 epoch(s), 1 thread(s)" in err
    assert f"Written: {folder / 'saved_model'}\n" in out
    number = folder.name.partition("-")[0]
    following = f"  {program()} explain {run_dir} --pick {number}"
    assert out.splitlines()[-2:] == ["Next:", following]
    assert "\\<b\\>middle\\</b\\>" in (folder / "MODEL_CARD.md").read_text()


def test_the_card_shows_how_to_load_the_model(finished):
    example = (finished / "MODEL_CARD.md").read_text().split("```python\n")[1]
    script = example.split("```")[0] + "print(labels.shape)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        cwd=finished, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.stdout.strip().endswith("(1,)"), done.stderr


def test_without_test_data_everything_says_so(train, tmp_path):
    run = search(tmp_path / "run", "small_task.WithoutTest")
    status, out, _ = train("--pick", "accuracy", "--epochs", "1", run=run)
    assert status == 0
    assert "on the data that chose the network" in out
    (folder,) = (run / "trained").iterdir()
    assert read(folder / "metrics.json")["test"] is None
    assert "on the data that chose" in (folder / "MODEL_CARD.md").read_text()


def test_the_runs_own_settings_are_kept(train, tmp_path):
    flags = ["--set", "num_epochs=2", "--set", "learning_rate=0.01"]
    flags += ["--group-by", "label", "--max-scored-examples", "9"]
    run = search(tmp_path / "run", "small_task.Problem", "searching.instant", *flags)
    status, _, err = train("--pick", "1", "--seed", "5", "--batch-size", "30", run=run)
    assert status == 0
    assert "2 epoch(s) as in the search, which trains briefly (--epochs N " in err
    found = read(run / "trained" / "1-batch-size-30-seed-5" / "metrics.json")
    assert found["settings"]["epochs"] == 2
    assert found["settings"]["batch_size"] == 30
    assert found["settings"]["task"]["hyperparameters"]["learning_rate"] == 0.01
    assert found["scoring"]["group_by"] == "label"
    assert found["scoring"]["max_scored_examples"] == 9


def test_a_wider_network_has_more_parameters(train, tmp_path):
    sizes = []
    for factor in (1, 2):
        out = tmp_path / str(factor)
        flags = ["--epochs", "1", "--filter-scale-factor", factor, "-o", out]
        assert train("--pick", "0", *flags)[0] == 0
        sizes.append(read(out / "metrics.json")["n_parameters"])
    assert sizes[0] < sizes[1]


def test_a_search_with_one_objective_has_picks_by_its_recorded_score(train, tmp_path):
    run = search(
        tmp_path / "run", "small_task.Problem", "searching.instant_single",
        "--record-mo-xai-only", "true",
    )  # fmt: skip
    status, _, err = train("--pick", "introspectability", "--epochs", "1", run=run)
    assert status == 2  # the instant function records none
    assert "records no introspectability" in err
    assert train("--pick", "accuracy", "--epochs", "1", run=run)[0] == 0
    (folder,) = (run / "trained").iterdir()
    assert "introspectability" in read(folder / "metrics.json")["validation"]


def test_a_finished_training_says_so_and_can_still_be_exported(train, finished):
    flags = ["--pick", "0", "--epochs", "1", "-o", finished]
    before = (finished / "metrics.json").stat().st_mtime_ns
    status, told, _ = train(*flags)
    assert status == 0
    assert "finished" in told
    assert "Next:" not in told  # `explain` would not find it there
    status, told, _ = train(*flags, "--export", "saved-model")
    assert status == 0
    assert f"Written: {finished / 'saved_model'}" in told
    assert (finished / "metrics.json").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--epochs", "2"], "--epochs is 2, but the training in"),
        (["--seed", "9"], "--seed is 9"),
        (["--replicates", "2"], "--replicates is 2"),
        (["--pick", "1"], "--pick is 1"),
    ],
)
def test_another_setting_in_the_same_folder_is_refused(train, finished, flags, words):
    pick = [] if "--pick" in flags else ["--pick", "0"]
    status, _, err = train(*pick, "-o", finished, *flags)
    assert status == 2
    assert words in err
    assert err.count("\n") == 1


def test_a_task_that_changed_meanwhile_is_not_trained_on(train, finished, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(finished, out)
    (out / "metrics.json").unlink()
    settings = read(out / "training.json")
    settings["task"]["hyperparameters"]["learning_rate"] = 7
    (out / "training.json").write_text(json.dumps(settings))
    status, _, err = train("--pick", "0", "--epochs", "1", "-o", out)
    assert status == 2
    assert "learning_rate is 0.02, but the training in" in err


def test_a_task_that_changed_since_the_search_is_told_of(train, run_dir, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(run_dir, run, ignore=shutil.ignore_patterns("trained"))
    infos = read(run / "init_infos.json")
    infos["problem"]["loss"] = "mse"
    (run / "init_infos.json").write_text(json.dumps(infos))
    status, _, err = train("--pick", "0", "--epochs", "1", run=run)
    assert status == 0
    assert "warning: loss of the task changed since" in err


def test_another_search_space_than_the_runs_is_refused(refuse, run_dir, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(run_dir, run, ignore=shutil.ignore_patterns("trained"))
    infos = read(run / "init_infos.json")
    infos["space"]["nodes"][1]["operations"][0] = "conv5"
    (run / "init_infos.json").write_text(json.dumps(infos))
    told = refuse("--pick", "0", run=run)
    assert "small_task.py: the search space is another one than in" in told


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--pick", "99"], "no evaluation 99"),
        (["--pick", "best"], "--pick is 'best'"),
        (["--pick", "0", "--epochs", "0"], "--epochs: '0' found, expected a whole"),
        (["--pick", "0", "--export", "tflite"], "--export"),
        (["--pick", "0", "--filter-scale-factor", "-1"], "--filter-scale-factor"),
        (["--epochs", "1"], "--pick"),
    ],
)
def test_wrong_flags_are_told_in_one_sentence(refuse, flags, words):
    assert words in refuse(*flags)


def test_a_folder_without_a_run_is_refused(refuse, tmp_path):
    assert "there is no folder" in refuse("--pick", "knee", run=tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert "holds no run" in refuse("--pick", "knee", run=tmp_path / "empty")


def test_failed_networks_cannot_be_picked(refuse, tmp_path):
    run = search(tmp_path / "run", "small_task.Problem", "searching.first_fails")
    assert "evaluation 0 failed (F_exception)" in refuse("--pick", "0", run=run)
    run = search(tmp_path / "all", "small_task.Problem", "searching.failing")
    assert "failed, expected one that did not" in refuse("--pick", "knee", run=run)


def test_a_space_that_cannot_be_widened_is_named(refuse, tmp_path):
    run = search(tmp_path / "run", "small_task.WithoutTest")
    told = refuse("--pick", "0", "--filter-scale-factor", "2", run=run)
    assert "narrow_space" in told
    assert "takes no filter_scale_factor" in told


def test_onnx_without_its_packages_is_refused_before_anything_is_trained(
    refuse, monkeypatch
):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    told = refuse("--pick", "0", "--export", "onnx")
    assert installing("onnx") in told


def test_a_loss_that_is_no_number_ends_with_a_sentence(train, tmp_path):
    run = search(tmp_path / "run", "small_task.Diverging")
    status, out, err = train("--pick", "0", run=run)
    assert (status, out) == (1, "")
    assert "replicate 1 (seed" in err
    assert "NaN" in err
    assert "Traceback" not in err


def start(run_dir, out, *flags):
    """Start ``train`` in a process group of its own."""
    path = os.pathsep.join(map(str, [ROOT, *HELPERS]))
    command = [sys.executable, str(ROOT / "deephyper_xnas"), "train", str(run_dir)]
    command += ["--pick", "0", "--num-cpus", "1", "-o", str(out), *flags]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_for_epoch(process, out, replicate="*"):
    """Wait until an epoch of a replicate, or of any, has ended since now."""

    def latest():
        found = out.glob(f"replicates/{replicate}/checkpoint.npz")
        with contextlib.suppress(FileNotFoundError):  # the replicate is finished
            return max((path.stat().st_mtime_ns for path in found), default=0)
        return 0

    before = latest()
    until = time.monotonic() + 200
    while latest() <= before:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.01)


FLAGS = ("--epochs", "40", "--replicates", "2")


@pytest.fixture(scope="module")
def whole(run_dir, tmp_path_factory):
    """A training in one go."""
    out = tmp_path_factory.mktemp("whole") / "out"
    process = start(run_dir, out, *FLAGS)
    heard = process.communicate(timeout=300)[0]
    assert process.returncode == 0, heard
    return out


def assert_equal_trainings(one, other):
    import keras

    assert (one / "history.csv").read_text() == (other / "history.csv").read_text()
    assert read(one / "metrics.json") == read(other / "metrics.json")
    models = [keras.models.load_model(path / "model.keras") for path in (one, other)]
    for a, b in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_training_that_was_killed_ends_like_one_in_one_go(run_dir, tmp_path, whole):
    out = tmp_path / "out"
    for replicate in (1, 2):
        process = start(run_dir, out, *FLAGS)
        wait_for_epoch(process, out, replicate)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        assert not (out / "metrics.json").exists()
    process = start(run_dir, out, *FLAGS)
    heard = process.communicate(timeout=300)[0]
    assert process.returncode == 0, heard
    assert_equal_trainings(whole, out)


def test_a_training_that_is_told_to_end_keeps_its_epochs_and_goes_on(
    run_dir, tmp_path, whole
):
    out = tmp_path / "out"
    for number, status, word in (
        (signal.SIGINT, 130, "Interrupted"),
        (signal.SIGTERM, 130, "Interrupted"),
        (signal.SIGUSR1, 75, "Stopped early"),
    ):
        process = start(run_dir, out, *FLAGS)
        wait_for_epoch(process, out)
        os.killpg(process.pid, number)
        heard = process.communicate(timeout=60)[0]
        assert process.returncode == status, heard
        assert f"{word}: " in heard
        assert "of 80 epochs are kept" in heard
        assert "Traceback" not in heard
    process = start(run_dir, out, *FLAGS)
    heard = process.communicate(timeout=300)[0]
    assert process.returncode == 0, heard
    assert_equal_trainings(whole, out)
