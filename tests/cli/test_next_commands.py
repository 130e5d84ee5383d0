"""The commands that are printed as the next ones."""

import shlex

import pytest

from tests.results.run_folders import make_run
from tests.results.test_estimates import SPACE, search
from xnas.cli import make_parser
from xnas.cli.next_commands import after_search, show_next
from xnas.names import program
from xnas.results import load


@pytest.fixture
def told(tmp_path, capsys, monkeypatch):
    """What is printed after a search of so many networks, as commands' arguments."""
    monkeypatch.chdir(tmp_path)

    def call(count, n_objectives=2, *, reported=True, confirmed=False):
        times = range(1 + confirmed)
        rows = [
            {
                "objective": one.objectives[:n_objectives],
                "genotype": one.genotype,
                "replicate": replicate,
            }
            for one in search(7, count)
            for replicate in times
        ]
        more = {
            "space": SPACE.describe(),
            "variables": [node.name for node in SPACE.variable_nodes],
            "n_objectives": n_objectives,
            "arguments": {},
        }
        folder = make_run(tmp_path / "it's a run", rows, **more)
        show_next(after_search(load(folder.root), reported=reported))
        head, *lines = capsys.readouterr().out.splitlines() or [""]
        assert head == ("Next:" if lines else "")
        found = []
        for line in lines:
            n_words = len(shlex.split(program()))
            words = shlex.split(line)[n_words:]
            arguments = make_parser(words).parse_args(words)
            named = vars(arguments).get("run_dir") or arguments.run_dirs[0]
            assert named == str(folder.root)
            found.append((words[0], *words[2:]))
        return found

    return call


def test_after_a_search_come_confirming_and_training(told):
    assert told(12) == [("confirm",), ("train", "--pick", "knee")]


def test_a_report_that_was_not_written_comes_first(told):
    assert told(12, reported=False)[0] == ("report",)


def test_what_was_confirmed_is_trained_next(told):
    assert told(12, confirmed=True) == [("train", "--pick", "knee")]


def test_a_search_too_small_to_confirm_is_not_to_be_confirmed(told):
    assert told(3) == [("train", "--pick", "knee")]


def test_the_pick_of_one_objective_is_its_best(told):
    assert told(3, 1) == [("train", "--pick", "val_acc__last")]


def test_nothing_comes_after_nothing(told):
    assert told(0, reported=False) == []
