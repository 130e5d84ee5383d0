"""``xnas.search`` does what the command does."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing

import pytest
from rows_of_runs import ROOT, rows
from searching import instant, trade_off

import xnas
from experiments.digits.problem import Problem as Digits
from experiments.lines.problem import Problem as Lines
from xnas.cli import main
from xnas.errors import MissingObjectiveError, UsageError
from xnas.evaluation.settings import RunSettings
from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.nsga_ii import NSGAII
from xnas.results import RunFolder, read_table
from xnas.searches import Option, Search
from xnas.workers.output import MISSING

TABLE = "xnas.nas_deephyper.tabular.run"

DIGITS = "experiments.digits.problem.Problem"

THREE = ("-n_parameters", "val_acc__last", "introspectability")


def command(folder, *flags, search="nsga2", problem=DIGITS):
    words = ["nas", search, "--problem", problem, "--evaluator", "serial"]
    return main([*words, "--log-dir", str(folder), *map(str, flags)])


def recorded(folder):
    """What says how rows came about; not when, where and who asked."""
    infos = RunFolder(folder).infos()
    for name in ("started", "command"):
        del infos[name]
    del infos["run_settings"]["log_dir"]
    return infos


def searched(folder, problem=Digits, **settings):
    defaults = {"run": TABLE, "evaluator": "serial", "progress": False, "seed": 1}
    settings = {**defaults, "max_evals": 24, "report": False, **settings}
    return xnas.search(problem, log_dir=str(folder), **settings)


def test_the_command_and_python_give_equal_tables_and_record_the_same(tmp_path):
    flags = [
        "--run", TABLE, "--objectives", ",".join(THREE), "--max-evals", 24,
        "--population-size", 8, "--seed", 1, "--reference", "n_parameters=300000",
        "--record", "training_time", "--no-report",
    ]  # fmt: skip
    assert command(tmp_path / "command", *flags) == 0
    run = searched(
        tmp_path / "python",
        objectives=THREE,
        population_size=8,
        references={"n_parameters": 300_000},
        record=["training_time"],
    )
    assert rows(tmp_path / "python") == rows(tmp_path / "command")
    assert recorded(tmp_path / "python") == recorded(tmp_path / "command")
    assert [one.text for one in run.objectives] == list(THREE)
    assert run.hypervolume() > 0
    assert {path.name for path in (tmp_path / "python").iterdir()} == {
        path.name for path in (tmp_path / "command").iterdir()
    }


def test_trained_networks_are_the_same_too(tmp_path):
    flags = ["--max-evals", 2, "--seed", 3, "--trainer", "plain", "--no-report"]
    lines = "experiments.lines.problem.Problem"
    assert command(tmp_path / "command", *flags, problem=lines) == 0
    searched(
        tmp_path / "python",
        Lines,
        run="xnas.nas_deephyper.nas_run.run",
        max_evals=2,
        seed=3,
        trainer="plain",
    )
    assert rows(tmp_path / "python") == rows(tmp_path / "command")
    assert recorded(tmp_path / "python") == recorded(tmp_path / "command")


@pytest.mark.parametrize("n_objectives", [1, 2, 5])
def test_one_to_five_objectives_are_searched_and_shown(tmp_path, capsys, n_objectives):
    names = [*THREE[1:], THREE[0], "-training_time", "-xai_time"][:n_objectives]
    flags = ["--max-evals", 16, "--population-size", 8, "--seed", 1, "--no-report"]
    assert command(
        tmp_path / "run", "--run", TABLE, "--objectives", ",".join(names), *flags
    ) == 0  # fmt: skip
    captured = capsys.readouterr()
    header = next(
        line.split() for line in captured.out.splitlines() if "arch_seq" in line
    )
    assert header[: 1 + n_objectives] == ["id", *(n.removeprefix("-") for n in names)]
    assert f"for {', '.join(names)}: " in captured.err
    assert ("no longer give equal rows" in captured.err) == (n_objectives == 5)
    run = xnas.load(tmp_path / "run")
    columns = rows(tmp_path / "run")[0]
    wanted = ["objective"] if n_objectives == 1 else ["objective_0", "objective_1"]
    assert set(wanted) <= set(columns)
    assert (run.evaluations["n_parameters"] > 0).all()


@pytest.fixture
def killed_when(tmp_path):
    def run(n_rows, *words):
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "deephyper_xnas"), *map(str, words)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "tests" / "nas_deephyper")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        results = tmp_path / "cut" / "results.csv"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            if results.exists() and results.read_text().count("\n") > n_rows:
                break
            time.sleep(0.02)
        process.kill()
        process.wait()

    return run


def test_a_killed_search_for_three_objectives_goes_on_as_if_it_had_not(
    tmp_path, killed_when
):
    flags = [
        "--run", "searching.measured", "--objectives", "val_acc__last,-watts,-metres",
        "--max-evals", 20, "--population-size", 6, "--seed", 2, "--no-report",
        "--variation", "one-edit",
    ]  # fmt: skip
    assert command(tmp_path / "whole", *flags) == 0
    problem = ["--problem", DIGITS, "--evaluator", "serial"]
    killed_when(7, "nas", "nsga2", *problem, "--log-dir", tmp_path / "cut", *flags)
    assert 7 <= len(rows(tmp_path / "cut")) < 20
    assert main(["nas", "nsga2", "--resume", str(tmp_path / "cut"), "--no-report"]) == 0
    assert rows(tmp_path / "cut") == rows(tmp_path / "whole")
    assert recorded(tmp_path / "cut")["search"]["variation"] == "one-edit"


def test_python_carries_on_what_the_command_began(tmp_path):
    folder = tmp_path / "run"
    flags = ["--run", TABLE, "--max-evals", 6, "--population-size", 4, "--no-report"]
    assert command(folder, *flags) == 0
    run = xnas.search(resume=folder, max_evals=9, report=False, progress=False)
    assert len(run.records) == 9
    with pytest.raises(UsageError, match="--population-size is 5"):
        xnas.search(resume=folder, max_evals=10, population_size=5, progress=False)


def test_a_missing_objective_ends_the_search_and_leaves_no_run(tmp_path, capsys):
    flags = ["--run", TABLE, "--max-evals", 6]
    # A folder of one's own stays, and so does what else is in it.
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "notes.txt").touch()
    for name in ("command", "kept"):
        objectives = ["--objectives", "val_acc__last,watts"]
        assert command(tmp_path / name, *flags, *objectives) == 2
        sentence = "the objective watts is missing: the run function gives val_acc__"
        said = capsys.readouterr()
        assert sentence in said.err
        assert "Run folder" not in said.out or name == "kept"
    with pytest.raises(MissingObjectiveError, match="watts is missing"):
        searched(tmp_path / "python", objectives=["val_acc__last", "watts"])
    assert [path.name for path in tmp_path.rglob("*")] == ["kept", "notes.txt"]
    assert command(tmp_path / "kept", *flags, "--no-report") == 0


def test_a_missing_objective_keeps_the_rows_that_others_gave(tmp_path):
    flags = ["--run", "searching.later_without", "--max-evals", 6, "--no-report"]
    folder = tmp_path / "run"
    assert command(folder, *flags, "--objectives", "val_acc__last,watts") == 2
    assert len(rows(folder)) == 2
    assert MISSING not in (folder / "results.csv").read_text()


def test_what_is_to_be_recorded_and_never_given_ends_the_search(tmp_path, capsys):
    flags = ["--run", "searching.measured", "--max-evals", 2, "--no-report"]
    objectives = ["--objectives", "val_acc__last,watts"]
    record = ["--record", "metres,litres"]
    assert command(tmp_path / "run", *flags, *objectives, *record) == 2
    said = capsys.readouterr().err
    assert "--record: litres is missing: the run function gives watts, metres" in said
    assert not (tmp_path / "run").exists()


def test_what_is_to_be_recorded_may_be_missing_now_and_then(tmp_path):
    flags = ["--run", "searching.later_without", "--max-evals", 4, "--no-report"]
    objectives = ["--objectives", "val_acc__last"]
    folder = tmp_path / "run"
    assert command(folder, *flags, *objectives, "--record", "watts") == 0
    assert [row["m:watts"] for row in rows(folder)] == ["1", "1", "", ""]


def test_a_search_of_failures_only_is_a_run_all_the_same(tmp_path):
    run = searched(tmp_path / "run", run="searching.failing", max_evals=3)
    assert [one.failure for one in run.records] == ["F_exception"] * 3


def test_a_search_in_which_nothing_succeeds_stops_with_the_reason(tmp_path, capsys):
    folder = tmp_path / "run"
    flags = ["--run", "searching.failing", "--max-evals", 30, "--no-report"]
    assert command(folder, *flags, "--population-size", 8) == 1
    said = capsys.readouterr().err
    for words in ("none of 10 evaluations succeeded", "RuntimeError", "--max-failures"):
        assert words in said
    assert len(rows(folder)) == 10
    # Failures of an earlier session do not count again: the task may be mended.
    resume = ["nas", "nsga2", "--resume", str(folder), "--no-report"]
    assert main([*resume, "--max-failures", "3"]) == 1
    assert len(rows(folder)) == 13
    with pytest.raises(RuntimeError, match="none of 3 evaluations succeeded"):
        xnas.search(resume=folder, report=False, progress=False)
    assert len(rows(folder)) == 16, "the number is on record"
    assert main([*resume, "--max-failures", "none", "--max-evals", "30"]) == 1
    assert len(rows(folder)) == 30


def test_one_success_lets_any_number_fail(tmp_path):
    limit = {"max_failures": 1, "run": "searching.only_first", "max_evals": 4}
    assert len(searched(tmp_path / "run", **limit).records) == 4
    with pytest.raises(UsageError, match="--max-failures is 0, expected above 0"):
        searched(tmp_path / "no", max_failures=0)


class InOrder(Search):
    """Takes the first networks, in order."""

    options = (Option("step", 1, "how far to go", int),)

    def __init__(self, *args, step=1, **kwargs):
        super().__init__(*args, **kwargs)
        if step < 1:
            raise ValueError(f"step is {step}, expected 1 or more")
        self.step = step

    def ask(self, n):
        base = 5
        digits = [self.step * (self.next_id + i) % base for i in range(n)]
        return [self.new_candidate((0, 0, 0, 0, 0, digit)) for digit in digits]


class Repeating(InOrder):
    """Gives all candidates one number."""

    def ask(self, n):
        """Take the next ones, and forget how many there were."""
        self.next_id = 0
        return super().ask(n)


def test_a_search_that_gives_a_number_twice_spoils_no_table(tmp_path):
    with pytest.raises(RuntimeError, match=r"Repeating\.ask gave evaluation 0 twice"):
        searched(tmp_path / "run", search=Repeating, max_evals=3)
    assert len(read_table(tmp_path / "run" / "results.csv").evaluations) == 1


def test_a_search_of_ones_own_works_by_import_path_and_as_a_class(tmp_path, capsys):
    path = "own_search.InOrder"
    sys.modules["own_search"] = sys.modules[__name__]
    InOrder.__module__ = "own_search"
    flags = ["--run", "searching.instant", "--max-evals", 4, "--seed", 1]
    by_two = [*flags, "--step", 2, "--no-report"]
    try:
        assert command(tmp_path / "command", *by_two, search=path) == 0
        assert "InOrder for val_acc__last, introspectability" in capsys.readouterr().err
        searched(tmp_path / "python", search=InOrder, step=2, run=instant, max_evals=4)
        assert command(tmp_path / "no", *flags, "--step", 0, search=path) == 2
    finally:
        del sys.modules["own_search"]
    assert "--step is 0, expected 1 or more" in capsys.readouterr().err
    assert rows(tmp_path / "python") == rows(tmp_path / "command")
    assert recorded(tmp_path / "python") == recorded(tmp_path / "command")
    assert recorded(tmp_path / "python")["search"]["type"] == "InOrder"
    choices = [json.loads(row["m:arch_seq"])[-1] for row in rows(tmp_path / "python")]
    assert choices == [0, 2, 4, 1]


def test_weights_of_evolution_are_one_an_objective(tmp_path, capsys):
    flags = ["--run", TABLE, "--max-evals", 12, "--objectives", ",".join(THREE)]
    assert command(tmp_path / "a", *flags, search="regevo_xnas") == 2
    assert "--weights are none, expected 3" in capsys.readouterr().err
    flags += ["--weights", "0,1,5", "--no-report"]
    assert command(tmp_path / "b", *flags, search="regevo_xnas") == 0
    assert recorded(tmp_path / "b")["search"]["weights"] == [0, 1, 5]


def test_a_weighted_search_records_the_similarity_however_it_was_started(tmp_path):
    similarity = [[0.5] * 10] * 10

    weighted = Digits.with_hyperparameters()
    weighted.similarity(similarity)
    run = searched(
        tmp_path / "run",
        weighted,
        run=measured_with_settings,
        explainability_type="activations-weighted",
        max_evals=2,
    )
    assert run.infos["similarity"] == similarity


def test_so_does_a_search_of_deephypers_kind(tmp_path):
    weighted = Digits.with_hyperparameters()
    weighted.similarity([[0.5] * 10] * 10)
    settings = RunSettings(DIGITS, seed=1, explainability_type="activations-weighted")
    evaluator = create_evaluator(
        "serial", measured_with_settings, run_function_kwargs={"settings": settings}
    )
    with closing(evaluator):
        NSGAII(weighted, random_state=1, log_dir=tmp_path).search(evaluator, 2)
    infos = RunFolder(tmp_path).infos()
    assert infos["similarity"] == [[0.5] * 10] * 10
    assert infos["run_settings"]["problem"] == DIGITS


def measured_with_settings(job, settings):
    return trade_off(job["arch_seq"])


def test_a_search_that_draws_at_random_only_says_so_and_records_it(tmp_path, capsys):
    random = "all 4 networks of this search are drawn at random, as the first 4 of "
    for i, (flags, is_told) in enumerate(
        [
            (["--max-evals", 4, "--population-size", 4], True),
            (["--max-evals", 5, "--population-size", 4], False),
        ]
    ):
        folder = tmp_path / str(i)
        assert command(folder, "--run", TABLE, "--no-report", *flags) == 0
        assert (f"warning: {random}" in capsys.readouterr().err) is is_told
        assert (f"WARNING xnas: {random}" in RunFolder(folder).log.read_text()) is (
            is_told
        )
    more = ["nas", "nsga2", "--resume", str(tmp_path / "0"), "--max-evals", "6"]
    assert main([*more, "--no-report"]) == 0
    assert random not in capsys.readouterr().err
