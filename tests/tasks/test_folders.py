"""Laws of listing the pictures of a folder: all of them, each once, or a sentence."""

import os

import numpy as np
import pytest
from PIL import Image

from xnas.errors import TaskError
from xnas.tasks.folders import SYSTEM_FOLDERS, alike_names, find_pictures


def save(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((5, 5), value, np.uint8)).save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    """Three pictures in each of two classes."""
    for name in "ab":
        for i in range(3):
            save(tmp_path / "data" / name / f"{i}.png")
    return tmp_path / "data"


def count(folder):
    return np.bincount(find_pictures(folder).labels).tolist()


def refusal(folder):
    with pytest.raises(TaskError) as caught:
        find_pictures(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_links_to_folders_of_pictures_are_followed(folder, tmp_path):
    for i in range(60):
        save(tmp_path / "elsewhere" / "deep" / f"{i}.png")
    (folder / "a" / "more").symlink_to(tmp_path / "elsewhere")
    assert count(folder) == [63, 3]


def test_a_class_may_be_a_link(folder, tmp_path):
    for i in range(4):
        save(tmp_path / "elsewhere" / f"{i}.png")
    (folder / "c").symlink_to(tmp_path / "elsewhere")
    assert count(folder) == [3, 3, 4]


def test_what_several_links_lead_to_is_read_once(folder, tmp_path):
    save(tmp_path / "elsewhere" / "x.png")
    for name in ("one", "two"):
        (folder / "a" / name).symlink_to(tmp_path / "elsewhere")
    assert count(folder) == [4, 3]


@pytest.mark.parametrize("target", [".", "..", "../..", "loop"])
def test_loops_end(folder, target):
    (folder / "a" / "loop").symlink_to(target)
    assert count(folder) == [3, 3]


def test_a_link_to_another_class_is_named(folder):
    (folder / "a" / "also").symlink_to(folder / "b")
    assert "link to pictures of a found in the class b" in refusal(folder)


def test_a_link_to_nothing_is_no_picture_that_vanishes(folder):
    (folder / "a" / "gone.png").symlink_to("nowhere.png")
    assert count(folder) == [4, 3]  # and reading it names it


def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "a" / "pipe.png")
    assert count(folder) == [3, 3]


def test_folders_that_cannot_be_read_are_named_and_counted(folder, monkeypatch):
    scan = os.scandir
    for name in ("x", "y"):
        save(folder / "b" / name / "0.png")

    def scandir(path):
        if os.path.basename(path) in ("x", "y"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr("os.scandir", scandir)
    told = refusal(folder)
    assert "the folder cannot be read (nor can 1 more): Permission denied" in told
    assert str(folder / "b") in told


@pytest.mark.parametrize(
    "name", [*sorted(SYSTEM_FOLDERS), "@eaDir", "__MACOSX", ".AppleDouble", ".git"]
)
def test_folders_of_the_system_are_neither_classes_nor_pictures(folder, name):
    for parent in (folder, folder / "a"):
        for i in range(2):
            save(parent / name / "0.png" / f"{i}.png")
    found = find_pictures(folder)
    assert (found.classes, len(found.files)) == (["a", "b"], 6)


@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", "._0.png", ".DS_Store"])
def test_files_of_the_system_are_no_pictures(folder, name):
    (folder / "a" / name).write_text("")
    assert count(folder) == [3, 3]


@pytest.mark.parametrize(
    ("rename", "words"),
    [
        ("{}.HEIC", [".heic: 3", "HEIC is to be converted"]),
        ("{}", ["no ending: 3", "0 is PNG: 0.png"]),
        ("{}.dcm", [".dcm: 3", "read are", ".jpg"]),
    ],
)
def test_where_no_picture_is_found_it_is_said_what_is(folder, rename, words):
    for file in (folder / "b").iterdir():
        file.rename(file.with_name(rename.format(file.stem)))
    told = refusal(folder)
    assert "no picture found among 3 other files" in told
    for word in words:
        assert word in told


def test_an_empty_folder_of_a_class_is_said_to_hold_no_picture(folder):
    (folder / "c").mkdir()
    assert "no picture found, expected two or more" in refusal(folder)


def test_names_that_look_alike_are_found():
    assert alike_names(["Cat", "cat", "dog", "e\u0301", "\xe9"]) == [
        ("Cat", "cat"),
        ("e\u0301", "\xe9"),
    ]
