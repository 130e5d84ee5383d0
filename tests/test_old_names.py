"""Tests of modules under the names that earlier versions gave them."""

import importlib

import pytest

from xnas.old_names import MOVED


@pytest.mark.parametrize(("old", "new"), MOVED.items())
def test_an_old_name_is_the_module_of_the_new_one(old, new):
    module = importlib.import_module(old)
    assert module is importlib.import_module(new)
    assert module.__name__ == new
    assert module.__spec__.name == new


def test_names_that_never_were_are_still_unknown():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("xnas.training.nothing")
