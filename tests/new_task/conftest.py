"""Folders of pictures and files of arrays that tasks are made of."""

import argparse
import importlib
import sys

import numpy as np
import pytest
from PIL import Image

from xnas.cli import new_task
from xnas.cli.flags import add_command


@pytest.fixture(scope="session")
def new():
    """Run ``new-task`` in the current folder."""
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers(), new_task)

    def run(*words):
        arguments = parser.parse_args(["new-task", *map(str, words)])
        return arguments.run_command(arguments)

    return run


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Import the Problem of a task below the current folder, and forget it again."""
    kept = {name: module for name, module in sys.modules.items() if _is_task(name)}
    for name in kept:
        del sys.modules[name]
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(name):
        importlib.invalidate_caches()
        return importlib.import_module(f"experiments.{name}.problem").Problem

    yield run
    for name in [name for name in sys.modules if _is_task(name)]:
        del sys.modules[name]
    sys.modules.update(kept)


def _is_task(name):
    return name.partition(".")[0] == "experiments"


@pytest.fixture(scope="session")
def draw():
    """Make a folder of colourful or gray pictures of mixed sizes and formats."""

    def run(root, names, count=6, gray=False):
        rng = np.random.default_rng(0)
        for name in names:
            folder = root / name / "below"
            folder.mkdir(parents=True)
            for i in range(count):
                height, width = rng.integers(12, 40, 2)
                shape = (height, width, 1 if gray else 3)
                pixels = rng.integers(0, 256, shape, np.uint8)
                pixels = np.repeat(pixels, 3 // shape[2], axis=2)
                ending = ("png", "JPG", "bmp", "tiff")[i % 4]
                Image.fromarray(pixels).save(folder / f"{i}.{ending}")
        return root

    return run


@pytest.fixture
def pictures(tmp_path, draw):
    """Two classes, one with a space in its name, and files that are no pictures."""
    root = draw(tmp_path / "data", ["red cats", "Hunde äöü"])
    (root / "Thumbs.db").write_text("")
    (root / "red cats" / "README.txt").write_text("")
    (root / "red cats" / ".DS_Store").write_text("")
    (root / ".hidden").mkdir()
    return root


@pytest.fixture
def arrays(tmp_path):
    """Save arrays in an npz file."""

    def save(**named):
        path = tmp_path / "arrays.npz"
        np.savez(path, **named)
        return path

    return save
