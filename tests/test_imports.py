"""Objects named by import paths."""

import pytest

from xnas.errors import TaskError, UsageError, XNASError
from xnas.imports import load_object, path_of_task


@pytest.fixture
def module(tmp_path, monkeypatch, request):
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(text):
        name = f"written_{abs(hash((request.node.name, text)))}"
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return write


def test_an_object_is_found(module):
    assert load_object(f"{module('answer = 42')}.answer", "--problem") == 42


def test_the_line_that_fails_is_named(module):
    name = module("x = 1\ny = x / 0\n")
    with pytest.raises(TaskError, match=rf"{name}\.py, line 2: ZeroDivisionError"):
        load_object(f"{name}.y", "--problem")


def test_a_syntax_error_is_named_with_its_line(module):
    name = module("x = 1\ndef (:\n")
    with pytest.raises(TaskError, match=rf"{name}\.py, line 2: SyntaxError"):
        load_object(f"{name}.x", "--problem")


def test_a_package_missing_inside_the_module_is_named(module):
    name = module("import a_package_nobody_has\n")
    with pytest.raises(TaskError, match="a_package_nobody_has"):
        load_object(f"{name}.x", "--problem")


def test_a_missing_package_is_not_taken_for_one_that_begins_alike(module):
    name = module("import writt\n")
    with pytest.raises(TaskError, match="No module named 'writt'"):
        load_object(f"{name}.x", "--problem")


def test_our_own_errors_pass_through(module):
    name = module("from xnas.errors import TaskError\nraise TaskError('as it is')\n")
    with pytest.raises(XNASError, match=r"^as it is$"):
        load_object(f"{name}.x", "--problem")


@pytest.mark.parametrize("path", ["", "x", "a..b", "a/b.c", "a.b c"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(UsageError, match="expected a dotted path"):
        load_object(path, "--run")


def test_a_short_name_stands_for_the_problem_of_a_task():
    path = "experiments.digits.problem.Problem"
    assert path_of_task("digits") == path_of_task(path) == path
    assert path_of_task("no such-name") == "no such-name"
