"""What commands say of estimates."""

import pytest

from tests.results.run_folders import make_run
from tests.results.test_estimates import SPACE, search
from xnas.cli.nas_search import _show_estimated_front
from xnas.results import load


@pytest.fixture
def run(tmp_path):
    """Make a run of so many networks."""

    def make(count):
        rows = [
            {"objective": one.objectives, "genotype": one.genotype}
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
