"""Searches on noisy trainings, judged by what networks are worth."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import calibration, noisy
from benchmarks.calibration import reliability
from benchmarks.noisy_searches import confirmed, searched, share, truth_of
from xnas.nas_deephyper.noise import NoisyCells
from xnas.nas_deephyper.tabular import SHIPPED
from xnas.searches.nsga_ii import NSGAII


def test_the_calibration_carries_on_and_prints_what_it_wrote(tmp_path, capsys):
    path = tmp_path / "rows.csv"
    flags = ["--rows", str(path), "--networks", "30", "--replicates", "4"]
    assert calibration.main([*flags, "--searches", "1"]) == 0
    first = pd.read_csv(path)
    capsys.readouterr()
    assert calibration.main([*flags, "--searches", "2"]) == 0
    both = pd.read_csv(path)
    pd.testing.assert_frame_equal(both[both["seed"] == 0].reset_index(drop=True), first)
    assert both.groupby("seed").size().to_dict() == {0: 30, 1: 30}
    assert both.groupby("seed")["trainings"].sum().to_dict() == {0: 34, 1: 34}
    assert both["probability"].between(0, 1).all()
    printed = capsys.readouterr().out
    assert printed.count("intervals that hold the truth") == 2
    assert calibration.summary(both) in printed
    assert calibration.main([*flags[:3], "31"]) == 2
    assert "searches of 30 networks, expected --networks 31" in capsys.readouterr().err


def test_a_search_and_its_confirmation_are_a_function_of_the_seed():
    first, again, other = (
        searched(NSGAII, seed, 20, population_size=8) for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other
    rows = confirmed(first, 0, 5)
    assert rows == confirmed(first, 0, 5)
    assert [one.id for one in rows] == list(range(25))
    assert {one.genotype for one in rows[20:]} <= {one.genotype for one in first}
    assert len({(one.genotype, one.replicate) for one in rows}) == 25


def test_tenths_with_too_few_networks_are_merged_downwards():
    p = np.repeat([0.05, 0.32, 0.55, 0.95], [10, 5, 2, 3])
    rows = pd.DataFrame({"probability": p, "truly_on_front": p > 0.3})
    found = reliability(rows, fewest=5)
    assert [(one.low, one.high, one.networks) for one in found] == [
        (0.0, 0.3, 10),
        (0.3, 0.5, 5),
        (0.5, 1.0, 5),
    ]
    assert found[0].true == 0
    assert found[-1].stated == pytest.approx(0.79)


def test_all_cells_have_the_whole_share_and_fewer_have_less():
    worth = np.array([*NoisyCells.read(SHIPPED).truth.values()])
    assert share(worth) == 1
    assert 0 <= share(worth[::500]) < 1


def test_fronts_are_judged_by_the_truth_and_the_command_carries_on(tmp_path, capsys):
    flags = ["--rows", str(tmp_path / "rows.csv"), "--evaluations", "30"]
    assert noisy.main([*flags, "--seeds", "1"]) == 0
    assert noisy.main([*flags, "--seeds", "2"]) == 0
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert len(rows) == 4
    assert rows[list(noisy.FRONTS)].stack().between(0, 1).all()
    again = noisy.measured("NSGA-II", 0, 30)
    assert again["observed"] == pytest.approx(rows["observed"][0])
    assert noisy.summary(rows) in capsys.readouterr().out


@pytest.mark.parametrize("command", [noisy.main, calibration.main])
def test_a_file_of_something_else_is_refused_in_a_sentence(command, tmp_path, capsys):
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n")
    assert command(["--rows", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert path.read_text() == "a,b\n1,2\n"


def test_a_network_is_worth_the_same_under_all_its_genotypes():
    # A node that nothing reaches leaves the operations behind it without effect.
    assert truth_of((3, 0, 0, 0, 3, 0)) == truth_of((3, 0, 1, 0, 2, 0))
