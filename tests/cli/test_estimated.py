"""What commands say of estimates."""

import pytest

from tests.results.run_folders import make_run
from tests.results.test_estimates import SPACE, search
from xnas.cli import main
from xnas.cli.nas_search import _show_estimated_front
from xnas.final_training.choice import choice_sentences, choose
from xnas.report.gaps import find_gaps
from xnas.results import load


@pytest.fixture
def run(tmp_path):
    """Make a run of so many networks."""

    def make(count, accuracy=None):
        rows = [
            {
                "objective": (accuracy or one.objectives[0], one.objectives[1]),
                "genotype": one.genotype,
            }
            for one in search(7, count)
        ]
        names = [node.name for node in SPACE.variable_nodes]
        root = tmp_path / str(count)
        folder = make_run(root, rows, space=SPACE.describe(), variables=names)
        return load(folder.root)

    return make


def test_a_search_ends_with_the_estimated_front_and_stores_estimates(run, capsys):
    found = run(64)
    _show_estimated_front(found)
    out = capsys.readouterr().out
    front = found.estimated_front
    assert "Another seed gives other numbers" in out
    assert f"The estimated front, {len(front)} network(s):" in out
    best = front.iloc[0]
    low = best["val_acc__last"] - 1.959964 * best["val_acc__last_sd"]
    assert f"{best['val_acc__last']:.4f} ({low:.4f} to " in out
    assert f"{best['front_probability']:.0%}" in out
    assert load(found.folder.root).summary().estimates.evaluations == 64


def test_a_small_search_ends_by_saying_why_there_are_no_estimates(run, capsys):
    found = run(5)
    _show_estimated_front(found)
    assert capsys.readouterr().out == (
        "\nThere are no estimates of what other seeds would give: 5 networks did not "
        "fail, expected 12 or more to estimate what they are worth.\n"
    )
    assert not found.folder.estimates.exists()
    _show_estimated_front(run(0))
    assert capsys.readouterr().out == ""


def test_trainings_that_are_all_alike_are_said_to_be_so_where_intervals_stand(
    run, capsys
):
    found = run(12, accuracy=0.9)
    told = (
        "All 12 trainings have the same val_acc__last, so that nothing tells how far "
        "another seed would change it."
    )
    _show_estimated_front(found)
    out = capsys.readouterr().out
    assert out.endswith(f"\n{told}\n")
    assert out.count("trainings have") == 1
    assert told in choice_sentences(choose(found, "knee"), "knee")
    assert told in find_gaps(found, found.summary(), {}, ())
    assert main(["status", str(found.folder.root)]) == 0
    assert "val_acc__last 0.9000 (all trainings alike)" in capsys.readouterr().out


def test_trainings_that_differ_are_not_said_to_be_alike(run):
    assert run(12).alike == run(1).alike == run(0).alike == {}
