"""Terminals, working folders and signals as users have them."""

import os
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

from xnas.errors import UsageError
from xnas.face.quiet import load_tensorflow

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "deephyper_xnas"

CLOSING = """
import threading, xnas.cli.signals as signals
signals.SECONDS_TO_CLOSE = 0.4
signals.ignore_further_signals()
print("closing", flush=True)
lock = threading.Lock()
lock.acquire()
lock.acquire()
"""


def call(*words, cwd=ROOT, **variables):
    return subprocess.run(
        [sys.executable, PROGRAM, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_drawing_is_right_in_any_encoding(encoding):
    words = ("cell", "[0, 1, 2, 4, 0, 1]", "--title", "größe 😀")
    expected = call(*words, PYTHONIOENCODING="utf-8").stdout.decode()
    done = call(*words, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode(encoding)
    for character in {*expected} - {*map(chr, range(128))}:
        text = text.replace(f"&#{ord(character)};", character)
    assert text == expected


def test_words_that_the_terminal_lacks_are_escaped():
    done = call("cell", "größe", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert b"'gr\\xf6\\xdfe' found" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["statistics.py", "keras.py", "numpy/__init__.py"])
def test_a_file_that_hides_a_library_is_named(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("raise SystemExit('run instead')")
    done = call("--version", cwd=tmp_path)
    assert done.returncode == 2
    hidden = path.parent if path.name == "__init__.py" else path
    assert done.stderr.decode() == (
        f"deephyper_xnas: {hidden} has the name of a module that XNAS needs, and would "
        "be run in its place; rename it\n"
    )


def test_other_files_beside_hide_nothing(tmp_path):
    for name in ("problem.py", "results.py", "keras.json", "ray/data.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert call("--version", cwd=tmp_path).returncode == 0


def test_another_backend_of_keras_is_replaced_or_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    loaded = types.ModuleType("keras")
    loaded.config = types.SimpleNamespace(backend=lambda: "jax")
    monkeypatch.setitem(sys.modules, "keras", loaded)
    with pytest.raises(UsageError, match=r"backend 'jax' .*expected 'tensorflow'"):
        load_tensorflow()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"


LEAVING = """
import atexit, sys, types
from xnas.__main__ import leave
lost = types.SimpleNamespace(LOST_HEADS=set(sys.argv[1:]))
sys.modules["xnas.nas_deephyper.evaluator.ray_cluster"] = lost
atexit.register(print, "ended by Python", file=sys.stderr)
leave(3)
"""


@pytest.mark.parametrize("heads", [[], ["10.0.0.1:6379"]])
def test_a_process_that_lost_its_ray_ends_without_it(heads):
    done = subprocess.run(
        [sys.executable, "-c", LEAVING, *heads],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert (b"ended by Python" in done.stderr) == (not heads)


def test_closing_cannot_be_cut_short_but_what_hangs_can_be_ended():
    process = subprocess.Popen(
        [sys.executable, "-c", CLOSING], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout.readline() == b"closing\n"
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.6)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130
    process.stdout.close()


def test_a_python_without_docstrings_is_refused_in_a_sentence():
    done = call("--help", PYTHONOPTIMIZE="2")
    assert done.returncode == 2
    assert done.stderr.startswith(b"deephyper_xnas: Python leaves out docstrings")


def test_a_backend_of_matplotlib_that_is_not_here_is_of_no_account():
    words = "import os, runpy, sys; sys.argv = [{0!r}, '--version']\n"
    words += "try: runpy.run_path({0!r}, run_name='__main__')\n"
    words += "except SystemExit: import matplotlib.pyplot\n"
    done = subprocess.run(
        [sys.executable, "-c", words.format(str(PROGRAM))],
        env={**os.environ, "MPLBACKEND": "nonsense", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
