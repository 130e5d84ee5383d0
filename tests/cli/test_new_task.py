"""new-task refuses in one sentence, and then nothing is written."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xnas.cli import new_task
from xnas.cli.flags import add_command
from xnas.errors import TaskError, UsageError, XNASError

REPOSITORY = Path(new_task.__file__).parents[2]
SHAPE = ("--input-shape", "8", "--classes", "2")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*words):
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers(), new_task)
    arguments = parser.parse_args(["new-task", *words])
    return arguments.run_command(arguments)


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


@pytest.fixture
def refuse(tmp_path, capsys):
    """Run new-task and return the one sentence it refuses with."""

    def check(*words, error=XNASError):
        capsys.readouterr()
        before = files(tmp_path)
        with pytest.raises(error) as caught:
            run(*words)
        assert files(tmp_path) == before
        assert capsys.readouterr().out == ""
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return check


@pytest.fixture
def pictures(tmp_path):
    """Two classes of two pictures."""
    for name in ("a", "b"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(2):
            picture = Image.new("RGB", (9, 9), (i, 5, 7))
            picture.save(tmp_path / "data" / name / f"{i}.png")
    return tmp_path / "data"


@pytest.mark.parametrize(
    "name",
    ["Flowers", "my-task", "1st", "", "a b", "_x", "class", "test", "load_data",
     "problem", "search_space", "../up", "a.b", "é", "x" * 31, "x\n"],
)  # fmt: skip
def test_a_name_that_is_no_folder_of_a_task_is_refused(refuse, name):
    assert repr(name) in refuse(name, *SHAPE, error=UsageError)


def test_a_task_is_never_overwritten(refuse):
    assert run("mine", *SHAPE) == 0
    told = refuse("mine", *SHAPE, error=UsageError)
    assert "experiments/mine exists already" in told


def test_a_file_in_the_place_of_experiments_is_refused(refuse, tmp_path):
    (tmp_path / "experiments").write_text("")
    assert "experiments is a file" in refuse("mine", *SHAPE, error=UsageError)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(refuse, tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be written" in refuse("mine", *SHAPE, error=UsageError)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([], ["no data found", "exactly one of"]),
        (["--from-folder", "d", "--from-npz", "f"], ["--from-folder and --from-npz"]),
        ([*SHAPE, "--from-npz", "f"], ["--from-npz and --input-shape"]),
        (["--input-shape", "8"], ["--classes"]),
        (["--from-folder", "d", "--classes", "3"], ["--classes", "--input-shape"]),
        (["--from-npz", "f", "--size", "3,3"], ["--size", "--from-folder"]),
        ([*SHAPE, "--size", "3,3"], ["--size", "--from-folder"]),
        (["--from-folder", "d", "--kind", "series"], ["--kind", "--from-npz"]),
        (
            [*SHAPE, "--test-share", "0"],
            ["--test-share", "--from-folder or --from-npz"],
        ),
        (["--from-folder", "d", "--size", "3"], ["--size", "two"]),
        (["--input-shape", "8,8", "--classes", "2"], ["2 numbers", "one", "three"]),
        (["--input-shape", "8,8,8,1", "--classes", "2"], ["4 numbers"]),
    ],
)
def test_flags_that_do_not_go_together_are_refused(refuse, flags, words):
    told = refuse("mine", *flags, error=UsageError)
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--classes", "1"), ("--classes", "x"), ("--input-shape", "8,,1"),
     ("--input-shape", "0"), ("--input-shape", "8x8"), ("--size", "0,4"),
     ("--test-share", "1"), ("--test-share", "-1"), ("--test-share", "nan"),
     ("--size", "9999,4"), ("--input-shape", "-3"), ("--size", "٣,٣")],
)  # fmt: skip
def test_a_bad_number_is_named(flag, value, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        run("mine", f"{flag}={value}")
    assert f"{flag}: '{value}' found, expected" in capsys.readouterr().err
    assert files(tmp_path) == []


def test_a_folder_that_is_missing_or_a_file_is_refused(refuse, tmp_path):
    (tmp_path / "file").write_text("")
    for name, word in (("nowhere", "nothing found"), ("file", "a file found")):
        told = refuse("mine", "--from-folder", name, error=TaskError)
        assert told.startswith(f"{name}: {word}")


@pytest.mark.parametrize(
    ("removed", "words"),
    [
        (["a", "b"], ["no subfolder"]),
        (["b"], ["one subfolder (a)"]),
        (["b/0.png", "b/1.png"], ["data/b: no picture"]),
        (["b/0.png"], ["data/b: one picture"]),
    ],
)
def test_too_few_classes_or_pictures_are_refused(refuse, pictures, removed, words):
    for name in removed:
        path = pictures / name
        for file in path.glob("*") if path.is_dir() else [path]:
            file.unlink()
        if path.is_dir():
            path.rmdir()
    told = refuse("mine", "--from-folder", "data", error=TaskError)
    for word in words:
        assert word in told


def test_a_damaged_picture_is_named(refuse, pictures):
    good = (pictures / "a" / "0.png").read_bytes()
    for damaged in (good[: len(good) // 2], b"", b"text"):
        (pictures / "a" / "0.png").write_bytes(damaged)
        told = refuse("mine", "--from-folder", "data", error=TaskError)
        assert told.startswith("data/a/0.png: the picture cannot be read")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 half a zip"])
def test_a_file_that_is_no_npz_is_refused(refuse, tmp_path, content):
    (tmp_path / "data.npz").write_bytes(content)
    told = refuse("mine", "--from-npz", "data.npz", error=TaskError)
    assert "expected an npz file" in told


def test_a_damaged_npz_is_refused(refuse, tmp_path):
    np.savez(tmp_path / "data.npz", X=np.zeros((100, 4)), y=np.arange(100) % 2)
    content = bytearray((tmp_path / "data.npz").read_bytes())
    content[900:1400] = b"x" * 500
    (tmp_path / "data.npz").write_bytes(content)
    refuse("mine", "--from-npz", "data.npz", error=TaskError)


def test_an_npz_that_is_missing_or_lacks_arrays_is_refused(refuse, tmp_path):
    assert "nothing found" in refuse("mine", "--from-npz", "nowhere.npz")
    assert "a folder found" in refuse("mine", "--from-npz", ".")
    np.savez(tmp_path / "data.npz", a=np.zeros(3), b=np.zeros(3))
    assert "a, b found" in refuse("mine", "--from-npz", "data.npz")


def test_a_share_to_test_beside_examples_to_test_is_refused(refuse, tmp_path):
    X, y = np.zeros((20, 2)), np.arange(20) % 2
    np.savez(tmp_path / "data.npz", X=X, y=y, x_test=X, y_test=y)
    told = refuse("mine", "--from-npz", "data.npz", "--test-share", "0.2")
    assert "has examples to test already" in told


def test_objects_are_never_unpickled(refuse, tmp_path):
    np.savez(tmp_path / "data.npz", X=np.array([{}, {}]), y=np.arange(2))
    assert "Python objects" in refuse("mine", "--from-npz", "data.npz")


def test_a_kill_while_writing_leaves_no_half_written_task(tmp_path, monkeypatch):
    def killed(*paths):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.rename", killed)
    with pytest.raises(KeyboardInterrupt):
        run("mine", *SHAPE)
    assert files(tmp_path) == ["experiments", "experiments/__init__.py"]


def test_the_command_is_described_without_loading_any_framework():
    code = "import sys, xnas.cli.new_task; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"tensorflow", "keras", "numpy", "PIL", "sklearn"}
    assert not heavy & set(done.stdout.split())


def test_writing_a_task_of_pictures_loads_no_framework(pictures):
    code = (
        "import sys\nfrom xnas.new_task import inspect_folder, task_files\n"
        "task_files('x', inspect_folder('data'))\nprint(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"tensorflow", "keras"} & set(done.stdout.split())
