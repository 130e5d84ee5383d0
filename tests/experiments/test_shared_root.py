"""Tasks of several folders named experiments are found side by side."""

import subprocess
import sys
from pathlib import Path

import pytest

import experiments
from xnas.new_task.writing import ROOT_FILE_BEFORE, write_task

ROOT = Path(experiments.__file__).parents[1]


def origin(module, *path):
    """Import a module in a new process, and return where it came from."""
    code = f"import sys; sys.path[:0] = {[*map(str, path)]}; import {module} as m; "
    done = subprocess.run(
        [sys.executable, "-I", "-c", code + "print(m.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


def written(tmp_path, name="mine"):
    write_task(tmp_path / "experiments" / name, {"__init__.py": "", "load_data.py": ""})
    return tmp_path


def test_a_task_written_elsewhere_hides_none_of_those_that_ship(tmp_path):
    folder = written(tmp_path)
    shipped = ROOT / "experiments" / "digits" / "load_data.py"
    assert origin("experiments.digits.load_data", folder, ROOT) == shipped
    own = folder / "experiments" / "mine" / "load_data.py"
    assert origin("experiments.mine.load_data", folder, ROOT) == own


def test_one_s_own_folder_is_found_behind_the_one_that_ships(tmp_path):
    own = written(tmp_path) / "experiments" / "mine" / "load_data.py"
    assert origin("experiments.mine.load_data", ROOT, tmp_path) == own


@pytest.mark.parametrize("text", [None, "", ROOT_FILE_BEFORE])
def test_whatever_made_one_s_own_folder_its_tasks_are_found_next_to_others(
    tmp_path, text
):
    root = tmp_path / "experiments"
    root.mkdir()
    if text is not None:
        (root / "__init__.py").write_text(text)
    own = written(tmp_path) / "experiments" / "mine" / "load_data.py"
    assert origin("experiments.mine.load_data", tmp_path, ROOT) == own
    if text != "":  # a file of the user's own is left alone
        origin("experiments.digits.load_data", tmp_path, ROOT)
    else:
        assert (root / "__init__.py").read_text() == ""


def test_a_task_of_one_s_own_comes_before_one_of_its_name_that_ships(tmp_path):
    own = written(tmp_path, "digits") / "experiments" / "digits" / "load_data.py"
    assert origin("experiments.digits.load_data", tmp_path, ROOT) == own
