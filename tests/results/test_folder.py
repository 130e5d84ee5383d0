"""Who may write into a run folder, and how."""

import json

import pytest

from xnas.errors import UsageError
from xnas.results import RunFolder, write_json


def test_asking_about_a_folder_does_not_make_it(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.refuse_if_taken()
    assert not folder.holds_run
    assert not folder.root.exists()


def test_claiming_makes_every_subfolder(tmp_path):
    folder = RunFolder(tmp_path / "deep" / "run")
    folder.claim()
    made = {
        str(p.relative_to(folder.root)) for p in folder.root.rglob("*") if p.is_dir()
    }
    assert made == {
        "activations",
        "gram",
        "logs",
        "save",
        "save/config",
        "save/history",
        "save/model",
    }
    folder.release()


def test_a_folder_that_holds_a_run_is_refused(tmp_path):
    folder = RunFolder(tmp_path)
    write_json(folder.init_infos, {})
    with pytest.raises(UsageError, match="already holds a run"):
        folder.refuse_if_taken()


def test_rows_without_their_run_are_refused(tmp_path):
    (tmp_path / "results.csv").write_text("objective\n1\n")
    with pytest.raises(UsageError, match=r"results\.csv but no init_infos\.json"):
        RunFolder(tmp_path).refuse_if_taken()


def test_an_empty_leftover_is_taken_over(tmp_path):
    (tmp_path / "results.csv").touch()
    RunFolder(tmp_path).refuse_if_taken()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(UsageError, match="is a file, expected a folder"):
        RunFolder(tmp_path / "run").refuse_if_taken()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be made"):
        RunFolder(tmp_path / "file" / "run").claim()


def test_two_searches_cannot_write_one_folder(tmp_path):
    first, second = RunFolder(tmp_path), RunFolder(tmp_path)
    first.claim()
    with pytest.raises(UsageError, match="being written by another search"):
        second.claim()
    first.release()
    second.claim()
    second.release()


def test_json_appears_whole_and_leaves_no_draft(tmp_path):
    path = tmp_path / "infos.json"
    write_json(path, {"a": 1})
    write_json(path, {"a": float("-inf")})
    assert json.loads(path.read_text()) == {"a": float("-inf")}
    assert list(tmp_path.iterdir()) == [path]


def test_a_value_that_is_not_json_leaves_the_old_file(tmp_path):
    path = tmp_path / "infos.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}


def test_reading_a_folder_without_a_run_says_so(tmp_path):
    with pytest.raises(UsageError, match="holds no run"):
        RunFolder(tmp_path).infos()


def test_started_evaluations_are_one_line_each(tmp_path):
    folder = RunFolder(tmp_path)
    folder.append_started([{"id": 0}, {"id": 1}])
    folder.append_started([{"id": 2}])
    lines = folder.started.read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [0, 1, 2]
