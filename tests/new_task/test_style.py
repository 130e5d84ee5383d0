"""What new-task writes passes this project's own checks, whatever the names."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import xnas
from xnas.new_task.literals import assignment, text_literal

REPOSITORY = Path(xnas.__file__).parents[1]
BIN = Path(sys.executable).parent

NAMES = [
    'say "hi"',
    "o'clock",
    "both ' and \"",
    "back\\slash",
    "{braces} $HOME %s",
    '"""',
    "кот",
    "αβγ \N{CYRILLIC SMALL LETTER A}",
    "猫と犬",
    "l\N{RIGHT SINGLE QUOTATION MARK}eau",
    "🐈‍⬛",
    "x" * 100,
    '"]); import os; os.abort() #',
]


@pytest.fixture(scope="module")
def written(tmp_path_factory, new, draw):
    """Every kind of task, in a project with this one's settings."""
    root = tmp_path_factory.mktemp("project")
    (root / "pyproject.toml").write_bytes((REPOSITORY / "pyproject.toml").read_bytes())
    (root / "xnas").symlink_to(REPOSITORY / "xnas")
    draw(root / "odd", NAMES, count=2)
    draw(root / "short", ["a", "b"], count=2)
    deep = root / ("deep é" * 3) / ("y" * 80)
    draw(deep, ["a", "b"], count=2, gray=True)
    # A path whose assignment is a bit too long, where formatters like to break lines.
    near = root / ("z" * max(1, 76 - len(str(root))))
    draw(near, ["a", "b"], count=2)
    rng = np.random.default_rng(0)
    X, y = rng.random((40, 5)), np.arange(40) % 2
    np.savez(root / "table.npz", X=X, y=y)
    np.savez(root / "wide.npz", X=rng.random((40, 6, 6, 30)), y=X[:, 0])
    np.savez(root / "amounts.npz", X=X, y=X[:, 0], X_test=X, y_test=X[:, 0])
    np.savez(root / "waves.npz", X=rng.random((40, 64, 1)), y=y)
    for name in "ab":
        (root / "levels" / name).mkdir(parents=True)
        for i in range(20):
            pixels = rng.integers(0, 4096, (9, 9), np.uint16)
            Image.fromarray(pixels).save(root / "levels" / name / f"{i}.png")
    np.savez(root / "rows.npz", X=rng.random((40, 6, 6)), y=np.eye(2)[y])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name, folder in (
            ("odd", "odd"), ("short", "short"), ("deep", deep), ("near", near),
            ("a" * 30, "short"), ("levels", "levels"),
        ):  # fmt: skip
            new(name, "--from-folder", folder)
        for name in ("table", "wide", "amounts", "rows", "waves"):
            new(f"of_{name}", "--from-npz", f"{name}.npz")
        new("blank", "--input-shape", "28,28,1", "--classes", "200")
        new("flat", "--input-shape", "9", "--classes", "2")
    return root


def check(root, *command):
    done = subprocess.run(
        [BIN / command[0], *command[1:], "experiments"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing(written):
    check(written, "ruff", "check", "--no-cache")


def test_ruff_would_format_nothing(written):
    check(written, "ruff", "format", "--no-cache", "--diff")


def test_mypy_finds_nothing(written):
    check(written, "mypy")


def test_files_are_short_but_for_lists_of_classes(written):
    for path in written.glob("experiments/*/*.py"):
        if path.parent.name not in ("odd", "blank", "of_wide"):
            assert len(path.read_text().splitlines()) < 65, path


def test_names_arrive_as_they_were(written):
    text = (written / "experiments/odd/problem.py").read_text()
    assigned = [n for n in ast.parse(text).body if isinstance(n, ast.Assign)]
    classes = next(n for n in assigned if n.targets[0].id == "CLASSES")
    assert ast.literal_eval(classes.value) == sorted(NAMES)


@given(st.text())
def test_a_literal_is_one_line_that_evaluates_to_its_text(text):
    literal = text_literal(text)
    assert ast.literal_eval(literal) == text
    assert literal.isprintable()


@given(st.lists(st.text(max_size=20), min_size=1))
def test_a_list_keeps_its_values(names):
    line = assignment("NAMES", [text_literal(name) for name in names])
    assert ast.literal_eval(line.removeprefix("NAMES = ")) == names
