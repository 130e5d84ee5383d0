"""Makes tasks, and checks them."""

import itertools
import textwrap

import pytest
from sound_task import FILES

from xnas.cli import check_task, main

fresh = itertools.count()


@pytest.fixture
def make_task(tmp_path, monkeypatch):
    """Write a task, sound but for what is appended to or replaced in its files."""

    def make(appended=None, replaced=None, task=None):
        task = task or f"checked_task_{next(fresh)}"
        folder = tmp_path / task
        folder.mkdir()
        for name, text in FILES.items():
            text = textwrap.dedent(text).format(task=task) if "problem" in name else (
                textwrap.dedent(text)
            )  # fmt: skip
            text += textwrap.dedent((appended or {}).get(name, ""))
            for old, new in (replaced or {}).get(name, {}).items():
                assert old in text
                text = text.replace(old, new)
            (folder / name).write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        return f"{task}.problem.Problem"

    return make


@pytest.fixture
def check(capsys, monkeypatch):
    monkeypatch.setattr(check_task, "BUILD_SECONDS", 1)

    def run(problem, *flags):
        try:
            status = main(["check", "--problem", problem, *flags])
        except SystemExit as leaving:
            status = leaving.code
        return status, *capsys.readouterr()

    return run
