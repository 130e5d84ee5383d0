"""Looking networks up in a table, and searching on one."""

import gzip
import json
import subprocess
import sys
import time
from itertools import product
from math import inf

import numpy as np
import pytest
from searching import trade_off

from benchmarks.tabular.cells import distinct_cells
from benchmarks.tabular.finish import compressed
from experiments.digits.problem import Problem
from xnas.cli import main
from xnas.errors import EvaluationError, UsageError
from xnas.evaluation.settings import RunSettings
from xnas.nas_deephyper import tabular
from xnas.nas_deephyper.cell_table import (
    COLUMNS,
    ROWS,
    SETTINGS,
    CellTable,
    TableRow,
    rows_of_text,
    text_of_rows,
)
from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.nsga_ii import NSGAII
from xnas.objectives import Objective
from xnas.records import Candidate
from xnas.space import SpaceError
from xnas.workers.worker import Task, Work, evaluate

TASK = "experiments.digits.problem.Problem"
EXPECTED_SETTINGS = {
    "problem": TASK,
    "task": Problem.to_json(),
    "scoring": {
        "explainability_type": "activations",
        "group_by": "prediction",
        "max_scored_examples": 25_000,
    },
}


@pytest.fixture(scope="module")
def space():
    return Problem.build_space()


@pytest.fixture(scope="module")
def cells(space):
    return distinct_cells(space)


def write_table(folder, rows):
    (folder / ROWS).write_bytes(compressed(rows))
    (folder / SETTINGS).write_text(json.dumps(EXPECTED_SETTINGS))


def made_up_row(cell, seed=0, shift=0.0):
    accuracy, score = trade_off(cell)
    name = "".join(map(str, cell))
    return TableRow(name, seed, accuracy + shift, score - shift, sum(cell), 2.0, 0.5)


@pytest.fixture(scope="module")
def folder(cells, tmp_path_factory):
    """A table of all cells with made-up numbers, the first of them with two seeds."""
    folder = tmp_path_factory.mktemp("table")
    rows = [made_up_row(cell) for cell in cells]
    write_table(folder, [*rows, made_up_row(cells[0], seed=1, shift=0.5)])
    return str(folder)


def look_up(genotype, folder, settings=None):
    return tabular.run({"arch_seq": genotype}, settings, folder=folder)


def test_cells_are_the_first_of_their_equals(space, cells):
    first = {}
    for genotype in product(range(5), repeat=6):
        if space.is_connected(genotype):
            first.setdefault(space.canonical_form(genotype), genotype)
    assert cells == sorted(first.values())
    assert len(cells) == 5259


def test_equal_networks_get_equal_rows_and_others_their_own(space, cells, folder):
    cell_of_form = {space.canonical_form(cell): cell for cell in cells}
    rng = np.random.default_rng(0)
    for genotype in map(tuple, rng.integers(0, 5, (500, 6)).tolist()):
        if space.is_connected(genotype):
            cell = cell_of_form[space.canonical_form(genotype)]
            found = look_up(list(genotype), folder)
            assert found == look_up(list(cell), folder)
            if cell != cells[0]:
                assert found["objective"] == trade_off(cell)
                assert found["metadata"]["n_parameters"] == sum(cell)


def test_a_cell_of_several_seeds_gets_their_mean(cells, folder):
    found = look_up(cells[0], folder)
    accuracy, score = trade_off(cells[0])
    assert found["objective"] == pytest.approx((accuracy + 0.25, score - 0.25))
    assert found["metadata"]["n_seeds"] == 2


def test_settings_decide_what_is_returned(cells, folder):
    accuracy, score = trade_off(cells[7])
    same = {"num_epochs": Problem.hyperparameter_values["num_epochs"]}
    both = RunSettings(TASK, seed=3, hyperparameters=same)
    assert look_up(cells[7], folder, both)["objective"] == (accuracy, score)
    recorded = RunSettings(
        TASK, 3, objectives=("val_acc__last",), record=("introspectability",)
    )
    found = look_up(cells[7], folder, recorded)
    assert found["objective"] == accuracy
    assert found["metadata"]["introspectability"] == score
    alone = RunSettings(TASK, 3, objectives=("val_acc__last",))
    found = look_up(cells[7], folder, alone)
    assert found["objective"] == accuracy
    assert "introspectability" not in found["metadata"]


def test_a_third_objective_is_taken_from_the_metadata(cells, folder):
    names = ("val_acc__last", "introspectability", "-n_parameters")
    directions = [Objective(n.removeprefix("-"), not n.startswith("-")) for n in names]
    kwargs = {"settings": RunSettings(TASK, 0, objectives=names), "folder": folder}
    work = Work(tabular.run, kwargs, objectives=directions)
    task = Task(Candidate(0, cells[7]), {"arch_seq": list(cells[7])})
    found = evaluate(work, task).objectives
    assert found == (*trade_off(cells[7]), -sum(cells[7]))


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({"problem": "experiments.lines.problem.Problem"}, "--problem"),
        ({"hyperparameters": {"num_epochs": 7}}, "--set num_epochs"),
        ({"explainability_type": "activations-weighted"}, "--explainability-type"),
        ({"group_by": "label"}, "--group-by"),
        ({"max_scored_examples": 100}, "--max-scored-examples"),
    ],
)
def test_settings_other_than_the_tables_are_refused(setting, name, cells, folder):
    settings = RunSettings(**{"problem": TASK, "seed": 0, **setting})
    with pytest.raises(UsageError, match=rf"^{name} is .* table was made with"):
        look_up(cells[0], folder, settings)


def test_what_no_table_holds_is_refused(cells, folder, tmp_path):
    with pytest.raises(EvaluationError, match="no path from input to output"):
        look_up((3, 3, 3, 3, 3, 3), folder)
    with pytest.raises(SpaceError):
        look_up((0, 0, 0), folder)
    failed = TableRow("000000", 0, failure="nan")
    write_table(tmp_path, [failed])
    with pytest.raises(EvaluationError, match="failed when") as caught:
        look_up((0, 0, 0, 0, 0, 0), str(tmp_path))
    assert caught.value.reason == "nan"
    with pytest.raises(EvaluationError, match="not among the 1 cells"):
        look_up(cells[1], str(tmp_path))


def test_rows_come_back_as_they_were_written(tmp_path):
    rows = [
        TableRow("012340", 4, 0.1 + 0.2, -inf, 12, 1.5, 0.25),
        TableRow("444444", 0, failure="out_of_memory"),
    ]
    read = rows_of_text(",".join(COLUMNS) + "\n" + text_of_rows(rows), tmp_path)
    assert read[0] == rows[0]
    assert text_of_rows(read) == text_of_rows(rows)


@pytest.mark.parametrize("text", ["", "cell\n", ",".join(COLUMNS) + "\n000000,0\n"])
def test_a_damaged_table_is_named(text, tmp_path):
    write_table(tmp_path, [])
    (tmp_path / ROWS).write_bytes(gzip.compress(text.encode()))
    with pytest.raises(UsageError, match=ROWS):
        CellTable.read(tmp_path)


def test_without_a_table_the_commands_that_make_it_are_named(tmp_path):
    with pytest.raises(UsageError, match=r"python -m benchmarks\.tabular\.make"):
        look_up((0, 0, 0, 0, 0, 0), str(tmp_path))


def test_a_worker_loads_no_framework_to_look_up(folder):
    code = (
        "import sys; from xnas.nas_deephyper.tabular import run; "
        f"run({{'arch_seq': [4, 4, 4, 4, 4, 0]}}, folder={folder!r}); "
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"tensorflow", "keras", "deephyper", "ray"} & set(done.stdout.split())


def test_a_search_of_200_evaluations_takes_seconds(problem, folder, tmp_path):
    settings = RunSettings(TASK, seed=1)
    evaluator = create_evaluator(
        "serial",
        tabular.run,
        run_function_kwargs={"settings": settings, "folder": folder},
        objectives=2,
    )
    started = time.process_time()  # which other processes do not lengthen
    try:
        search = NSGAII(
            problem, random_state=1, log_dir=str(tmp_path), population_size=32
        )
        table = search.search(evaluator, max_evals=200)
    finally:
        evaluator.close()
    assert time.process_time() - started < 20
    assert len(table) == 200
    assert not table["objective_0"].astype(str).str.startswith("F").any()


class TestShippedTable:
    def test_it_is_complete_and_small(self, cells):
        table = CellTable.read(tabular.SHIPPED)
        assert sorted(table.rows_by_cell) == cells
        assert [row.cell for row in table.rows if row.failure] == []
        assert (tabular.SHIPPED / ROWS).stat().st_size < 2_000_000

    def test_it_is_of_the_task_as_it_is_now(self):
        settings = CellTable.read(tabular.SHIPPED).settings
        short = Problem.with_hyperparameters(**settings["hyperparameters"])
        assert settings["task"] == json.loads(json.dumps(short.to_json()))

    def test_both_objectives_lie_where_they_can(self):
        rows = CellTable.read(tabular.SHIPPED).rows
        assert all(0 <= row.accuracy <= 1 for row in rows)
        assert all(0 <= r.introspectability <= 2 for r in rows if r.accuracy > 0.5)
        assert all(row.training_time > 0 for row in rows)


def test_without_a_table_no_search_begins(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tabular, "SHIPPED", tmp_path / "nowhere")
    flags = [
        "--run",
        "xnas.nas_deephyper.tabular.run",
        "--log-dir",
        str(tmp_path / "r"),
    ]
    flags += ["--problem", "experiments.digits.problem.Problem", "--max-evals", "5"]
    assert main(["nas", "nsga2", "--evaluator", "serial", *flags]) == 2
    assert "benchmarks.tabular.make" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()
