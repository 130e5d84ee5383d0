"""``confirm`` as its user meets it, on the table of all cells."""

from searching import rows_of

import xnas
from xnas.cli import main
from xnas.results import RunFolder

TASK = ["--problem", "experiments.digits.problem.Problem"]
TABLE = [*TASK, "--run", "xnas.nas_deephyper.tabular.run", "--population-size", "8"]


def search(folder, *more, count=14):
    flags = [*TABLE, "--evaluator", "serial", "--seed", "1", "--max-evals", str(count)]
    words = ["nas", "nsga2", *flags, "--no-report", "--log-dir", str(folder), *more]
    assert main(words) == 0


def confirm(folder, *more):
    return main(["confirm", str(folder), "--no-report", *more])


def test_a_run_is_confirmed_by_both_commands_and_from_python(tmp_path, capsys):
    search(tmp_path, "--confirm", "3")
    assert "Trained again" in capsys.readouterr().out
    assert confirm(tmp_path, "--replicates", "2", "--evaluator", "process") == 0
    assert "5 of all are further trainings" in capsys.readouterr().out
    found = xnas.confirm(tmp_path, replicates=1, report=False, progress=False)
    assert len(found.records) == 20
    assert len(found.networks) == 14
    numbers = [int(row["m:replicate"]) for row in rows_of(tmp_path)]
    assert [number > 0 for number in numbers] == [False] * 14 + [True] * 6
    # Nothing is left to do, and more networks are followed by further trainings.
    resume = ["nas", "nsga2", "--no-report", "--resume", str(tmp_path)]
    assert main(resume) == 0
    assert len(rows_of(tmp_path)) == 20
    assert main([*resume, "--max-evals", "15"]) == 0
    assert len(rows_of(tmp_path)) == 24


def refusal(capsys, *words):
    try:
        status = main([*words])
    except SystemExit as leaving:
        status = leaving.code
    assert status == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_what_cannot_be_confirmed_is_said_in_one_sentence(tmp_path, capsys):
    few, empty = tmp_path / "few", tmp_path / "empty"
    empty.mkdir()
    search(few, count=11)
    capsys.readouterr()
    for words, sentence in (
        (["confirm", str(tmp_path / "none")], "there is no folder"),
        (["confirm", str(empty)], "no run"),
        (["confirm", str(few)], "11 network(s) that did not fail, expected 12"),
        (["confirm", str(few), "--replicates", "0"], "1 or more"),
        (["nas", "nsga2", *TABLE, "--max-evals", "9", "--confirm", "2"], "--max-evals"),
    ):
        assert sentence in refusal(capsys, *words)
    assert len(rows_of(few)) == 11


def test_a_run_under_way_is_left_alone(tmp_path, capsys):
    search(tmp_path)
    folder = RunFolder(tmp_path)
    folder.claim()
    try:
        assert "another search" in refusal(capsys, "confirm", str(tmp_path))
    finally:
        folder.release()
