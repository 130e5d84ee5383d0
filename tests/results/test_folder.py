"""Who may write into a run folder, and how."""

import json
import os
import socket
import stat

import pytest

from xnas.errors import UsageError
from xnas.results import RunFolder, write_json
from xnas.results.folder import draft_of, replace_file


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


def test_a_rename_is_on_the_disk_and_not_its_content_alone(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda d: synced.append(os.fstat(d).st_mode))
    replace_file(tmp_path / "a.json", b"{}")
    assert [stat.S_ISDIR(mode) for mode in synced] == [False, True]
    assert (tmp_path / "a.json").exists()
    synced.clear()
    replace_file(tmp_path / "a.json", b"{}", durable=False)
    assert synced == []


def test_drafts_of_two_hosts_or_processes_differ(tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    drafts = set()
    for host, pid in (("n1", 1), ("n2", 1), ("n1", 2)):
        monkeypatch.setattr(socket, "gethostname", lambda host=host: host)
        monkeypatch.setattr(os, "getpid", lambda pid=pid: pid)
        drafts.add(draft_of(path))
    assert len(drafts) == 3
    assert {one.suffix for one in drafts} == {".keras"}
    assert all(one.match(".*.part*") for one in drafts)  # what a resumed run clears


def test_what_a_power_cut_left_of_the_record_is_read(tmp_path):
    folder = RunFolder(tmp_path)
    folder.append_started([{"id": 0}, {"id": 1}])
    whole = folder.started.read_bytes()
    for torn in (b"\0" * 40, b"\0" * 40 + b"\n", b'{"id": 2', b'\0\0{"id": 2}\n'):
        folder.started.write_bytes(whole + torn)
        extra = [2] if torn.endswith(b"}\n") else []
        assert folder.started_ids() == {0, 1, *extra}
        assert [one["id"] for one in folder.mended_started()] == [0, 1, *extra]
        assert folder.started.read_bytes().endswith(b"\n")


def test_a_record_that_something_else_changed_is_refused_by_its_line(tmp_path):
    folder = RunFolder(tmp_path)
    folder.started.write_text('{"id": 0}\nnonsense\n{"id": 2}\n')
    with pytest.raises(UsageError, match=r"started.jsonl: line 2 cannot be read"):
        folder.mended_started()
