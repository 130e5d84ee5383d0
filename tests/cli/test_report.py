"""The command ``report``, and the report at the end of a search."""

import json
import subprocess
import sys

import pytest
from random_runs import make_random_run
from run_folders import make_run

from xnas.cli import main
from xnas.names import program


@pytest.fixture
def run(tmp_path):
    return make_random_run(tmp_path / "run", 30)


def refused(capsys, *arguments):
    assert main(["report", *map(str, arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_the_page_is_in_the_run_folder_and_its_path_is_printed(run, capsys):
    assert main(["report", str(run.root)]) == 0
    page = run.root / "report.html"
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert (run.root / "report_files" / "tradeoffs.svg").exists()


def test_tables_and_figures_are_named_after_the_page(run, tmp_path, capsys):
    page = tmp_path / "mine.html"
    assert main(["report", str(run.root), "-o", str(page)]) == 0
    assert page.exists()
    assert (tmp_path / "mine_files" / "evaluations.csv").exists()
    assert not (run.root / "report.html").exists()


def test_several_runs_are_one_page_here(run, tmp_path, capsys, monkeypatch):
    other = make_random_run(tmp_path / "other", 30, seed=5)
    monkeypatch.chdir(tmp_path)
    assert main(["report", "run", "other"]) == 0
    assert (tmp_path / "report.html").exists()
    names = {path.name for path in (tmp_path / "report_files").iterdir()}
    assert {"comparison.csv", "comparison.svg", "run-1-evaluations.csv"} <= names
    assert not (other.root / "report.html").exists()


def test_commands_name_the_run_as_it_is_reached_from_here(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["report", "run"]) == 0
    text = (run.root / "report.html").read_text()
    assert f"{program()} train run --pick accuracy" in text


def test_a_report_replaces_the_earlier_one(run, capsys):
    beside = run.root / "report_files"
    beside.mkdir()
    (beside / "distances-99.csv").write_text("of an earlier report")
    (beside / "notes.txt").write_text("mine")
    assert main(["report", str(run.root)]) == 0
    assert not (beside / "distances-99.csv").exists()
    assert (beside / "notes.txt").exists()
    leftovers = [p for p in run.root.rglob(".*part*")]
    assert leftovers == []


def test_reports_of_one_run_are_equal_but_for_the_time(run):
    pages = []
    for _ in range(2):
        assert main(["report", str(run.root)]) == 0
        files = sorted((run.root / "report_files").iterdir())
        pages.append([(path.name, path.read_bytes()) for path in files])
    assert pages[0] == pages[1]


def test_nothing_but_the_report_is_written(run):
    before = {p: p.stat().st_mtime_ns for p in run.root.rglob("*") if p.is_file()}
    assert main(["report", str(run.root)]) == 0
    after = {p: p.stat().st_mtime_ns for p in run.root.rglob("*") if p.is_file()}
    new = {p.relative_to(run.root).parts[0] for p in set(after) - set(before)}
    assert {p: after[p] for p in before} == before
    assert new == {"report.html", "report_files", "estimates.csv"}


def test_folders_that_cannot_be_shown_are_refused(run, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert "holds no run" in refused(capsys, tmp_path / "empty")
    assert "there is no folder" in refused(capsys, tmp_path / "nowhere")
    assert "named twice" in refused(capsys, run.root, run.root)
    assert "is a folder" in refused(capsys, run.root, "-o", tmp_path)
    missing = tmp_path / "nowhere" / "page.html"
    assert "there is no folder" in refused(capsys, run.root, "-o", missing)
    (tmp_path / "page_files").write_text("a file in the way")
    text = refused(capsys, run.root, "-o", tmp_path / "page.html")
    assert "cannot be written" in text
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("init_infos.json", "{"),
        ("init_infos.json", '{"objectives": ["a"]}'),
        ("init_infos.json", "[]"),
        ("results.csv", b"\xff\xfe\x00\n"),
        ("results.csv", "some,other\ntable,here\n"),
    ],
)
def test_damaged_runs_are_refused_in_one_sentence(tmp_path, capsys, name, content):
    folder = make_run(tmp_path, [(0.5, 0.2)])
    content = content if isinstance(content, bytes) else content.encode()
    (folder.root / name).write_bytes(content)
    refused(capsys, folder.root)
    assert not (folder.root / "report.html").exists()


def test_tensorflow_is_not_loaded(run):
    code = (
        "import sys; from xnas.cli import main\n"
        f"assert main(['report', {str(run.root)!r}]) == 0\n"
        "heavy = {'tensorflow', 'keras', 'deephyper', 'ray', 'pymoo'}\n"
        "assert not heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


# -- at the end of a search ------------------------------------------------------------


def search(folder, *more, run="searching.slow"):
    return main(
        [
            *("nas", "nsga2", "--problem", "experiments.lines.problem.Problem"),
            *("--run", run, "--evaluator", "serial", "--population-size", "4"),
            *("--max-evals", "6", "--seed", "1", *map(str, more)),
            *("--log-dir", str(folder)),
        ]
    )


def test_a_search_ends_by_naming_its_report_and_what_comes_next(tmp_path, capsys):
    assert search(tmp_path / "run") == 0
    page = tmp_path / "run" / "report.html"
    said, _, following = capsys.readouterr().out.partition("Next:\n")
    assert said.splitlines()[-1] == f"Report: {page}"
    assert " report " not in following
    text = page.read_text()
    assert "State: <strong>finished</strong>" in text
    assert (tmp_path / "run" / "report_files" / "tradeoffs.svg").exists()


def test_a_search_writes_no_report_if_told_so(tmp_path, capsys):
    assert search(tmp_path / "run", "--no-report") == 0
    assert "Report" not in capsys.readouterr().out
    assert not (tmp_path / "run" / "report.html").exists()
    recorded = json.loads((tmp_path / "run" / "init_infos.json").read_text())
    assert "no_report" not in recorded["arguments"]


def test_a_report_that_fails_changes_nothing_else(tmp_path, capsys, monkeypatch):
    def broken(*_):
        raise RuntimeError("no page\ntoday")

    monkeypatch.setattr("xnas.report.write_report", broken)
    assert search(tmp_path / "run") == 0
    captured = capsys.readouterr()
    warnings = [line for line in captured.err.splitlines() if "warning" in line]
    assert warnings == [
        "deephyper_xnas: warning: the report could not be written: no page today"
    ]
    assert "Report" not in captured.out


def test_a_search_of_failures_has_a_report_too(tmp_path, capsys):
    assert search(tmp_path / "run", run="searching.failing") == 1
    assert (
        "All evaluations failed (6)" in (tmp_path / "run" / "report.html").read_text()
    )


def test_resuming_what_is_complete_renews_the_report(tmp_path, capsys):
    search(tmp_path / "run", "--no-report")
    assert main(["nas", "nsga2", "--resume", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run" / "report.html").exists()
