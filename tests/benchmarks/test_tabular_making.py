"""A table of three cells, made for real: killed, carried on, finished, verified."""

import gzip
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.tabular import finish, make, verify
from benchmarks.tabular.card import card
from benchmarks.tabular.finish import CARD
from xnas.nas_deephyper import tabular
from xnas.nas_deephyper.cell_table import ROWS, CellTable, text_of_rows
from xnas.nas_deephyper.noise import NoisyCells

ROOT = Path(__file__).parents[2]
FLAGS = "--trainer plain --workers 1 --cells 3 --epochs 1 --seeds 2 --repeated 1"


def arguments(folder, flags=FLAGS):
    return ["--folder", str(folder), *flags.split()]


def kill_after_a_row(folder):
    """Kill the command once a row is on the disk; return the file as it was left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.tabular.make", *arguments(folder)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    rows = folder / "rows.csv"
    deadline = time.monotonic() + 120
    while not rows.exists() or rows.read_bytes().count(b"\n") < 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.kill()
    process.wait()
    return rows.read_bytes()


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    left = kill_after_a_row(folder)
    # As if the kill had come in the middle of a row.
    (folder / "rows.csv").write_bytes(left + b"444444,0,0.9")
    assert finish.main(["--folder", str(folder), "--output", str(folder / "no")]) == 2
    assert not (folder / "no").exists()
    assert (folder / "rows.csv").read_bytes() == left + b"444444,0,0.9"
    return folder, left


@pytest.fixture(scope="module")
def made(killed):
    folder, left = killed
    assert make.main(arguments(folder)) == 0
    return folder, left


@pytest.fixture(scope="module")
def finished(made):
    folder, _ = made
    output = folder / "finished"
    flags = ["--folder", str(folder), "--output", str(output)]
    assert finish.main([*flags, "--card", str(folder / "card.md")]) == 0
    return output


def test_a_killed_table_is_carried_on_where_it_stopped(made):
    folder, left = made
    rows = (folder / "rows.csv").read_bytes()
    assert rows.startswith(left)
    table = pd.read_csv(folder / "rows.csv", dtype={"cell": str})
    assert not table.duplicated(["cell", "run_seed"]).any()
    assert set(table["run_seed"]) == {0, 1}
    assert sorted(table[table["run_seed"] == 0]["cell"]) == [
        "000000",
        "121012",
        "444444",
    ]
    assert table["failure"].isna().all()
    assert table["accuracy"].between(0.05, 1).all()
    assert (table["n_parameters"] > 70_000).all()


def test_a_complete_table_is_left_as_it_is(made):
    folder, _ = made
    rows = (folder / "rows.csv").read_bytes()
    assert make.main(arguments(folder)) == 0
    assert (folder / "rows.csv").read_bytes() == rows


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (FLAGS.replace("--epochs 1", "--epochs 2"), '"num_epochs": 2'),
        (FLAGS.replace("--seeds 2", "--seeds 3"), "run_seeds"),
        (FLAGS.replace("--cells 3", "--cells 4"), "n_cells"),
        (FLAGS.replace("plain", "compiled"), "trainer"),
    ],
)
def test_other_settings_are_refused_by_name(flags, named, made, capsys):
    folder, _ = made
    rows = (folder / "rows.csv").read_bytes()
    assert make.main(arguments(folder, flags)) == 2
    error = capsys.readouterr().err
    assert named in error
    assert error.count("\n") == 1
    assert (folder / "rows.csv").read_bytes() == rows


def test_a_table_has_the_same_bytes_whenever_it_is_written(made, finished, tmp_path):
    folder, _ = made
    output = str(tmp_path / "again")
    flags = ["--folder", str(folder), "--output", output]
    assert finish.main([*flags, "--card", str(tmp_path / "card.md")]) == 0
    for name in (ROWS, "settings.json"):
        again = (tmp_path / "again" / name).read_bytes()
        assert again == (finished / name).read_bytes()
    assert (tmp_path / "card.md").read_text() == (folder / "card.md").read_text()
    table = pd.read_csv(finished / ROWS, dtype={"cell": str})
    assert table[["cell", "run_seed"]].apply(tuple, axis=1).is_monotonic_increasing


def test_the_finished_table_answers(finished):
    found = tabular.run({"arch_seq": [4, 4, 4, 4, 4, 4]}, folder=str(finished))
    accuracy, score = found["objective"]
    assert 0 <= accuracy <= 1
    assert 0 <= score <= 2
    assert found["metadata"]["n_parameters"] == 73_610


def test_cells_trained_anew_by_the_same_route_are_the_same(finished, capsys):
    assert verify.main(["--table", str(finished), "--cells", "1"]) == 0
    assert "0 of 2 beyond" in capsys.readouterr().out


def test_the_shipped_card_is_that_of_the_shipped_table():
    table = CellTable.read(tabular.SHIPPED)
    content = (tabular.SHIPPED / ROWS).read_bytes()
    noisy = NoisyCells.read(tabular.SHIPPED)
    assert CARD.read_text() == card(table, len(content), noisy)
    assert gzip.decompress(content).decode().endswith(text_of_rows(table.rows))
