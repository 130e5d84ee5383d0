"""Paths are compared by what they name, not by how they are written."""

import sys
from types import ModuleType

import pytest
from run_folders import make_run

from xnas.cli import main
from xnas.errors import UsageError
from xnas.face.request import Request
from xnas.face.searching import _with_recorded_path
from xnas.final_training.settings import refuse_differences
from xnas.results.differences import names_same


@pytest.fixture
def run_dir(tmp_path, monkeypatch):
    make_run(tmp_path / "results" / "digits" / "one", [(0.5, 0.2)])
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "results")
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "results" / "digits" / "one"


def spellings(run_dir):
    root = run_dir.parents[2]
    return [
        str(root / "elsewhere" / ".." / "results" / "digits" / "one"),
        str(root / "linked" / "digits" / "one"),
        "../results/digits/one",
    ]


def test_one_run_spelt_in_two_ways_is_the_same(run_dir):
    for spelt in spellings(run_dir):
        assert names_same(str(run_dir), spelt)
        refuse_differences({"run": str(run_dir)}, {"run": spelt}, "out")
    assert not names_same(str(run_dir), str(run_dir.parent))
    with pytest.raises(UsageError, match="expected the same"):
        refuse_differences({"run": str(run_dir)}, {"run": "../results/x"}, "out")


@pytest.mark.parametrize("values", [("a", "b"), (1, True + 1), (None, "a/b"), (1, "1")])
def test_what_is_no_path_is_compared_as_it_is(values):
    assert names_same(*values) == (values[0] == values[1])


def test_one_run_spelt_in_two_ways_is_not_compared_with_itself(run_dir, capsys):
    assert main(["report", str(run_dir), spellings(run_dir)[1]]) == 2
    assert "named twice" in capsys.readouterr().err


def test_one_task_by_two_import_paths_is_the_same(monkeypatch):
    recorded = "experiments.digits.problem.Problem"
    from experiments.digits.problem import Problem

    other = ModuleType("other_name")
    other.Problem = Problem
    monkeypatch.setitem(sys.modules, "other_name", other)
    request = Request(problem="other_name.Problem")
    assert _with_recorded_path(request, recorded).problem == recorded
    for path in ("experiments.lines.problem.Problem", "experiments.none.Problem"):
        assert _with_recorded_path(Request(problem=path), recorded).problem == path
