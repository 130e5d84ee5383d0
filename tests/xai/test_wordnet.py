"""Similarity of labels in WordNet, as a search reads it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from xnas.xai.wordnet import similarity


@pytest.mark.parametrize("n_labels", [1, 2, 120, 1000])
def test_similarity_is_symmetric_with_ones_on_its_diagonal(n_labels):
    table = similarity(n_labels)
    assert table.shape == (n_labels, n_labels)
    assert table.dtype == np.float64
    assert_array_equal(table, table.T)
    assert_array_equal(np.diag(table), 1.0)
    assert table.min() > 0
    assert table.max() == 1


def test_fewer_labels_have_the_same_similarities():
    assert_array_equal(similarity(15), similarity(120)[:15, :15])


def test_a_changed_similarity_leaves_the_next_one_alone():
    similarity(3)[:] = 7
    assert similarity(3).max() == 1


@pytest.mark.parametrize("n_labels", [0, -1, 1001])
def test_labels_that_do_not_exist_are_refused(n_labels):
    with pytest.raises(ValueError, match=f"1 to 1000, but is {n_labels}"):
        similarity(n_labels)


def test_similarity_loads_numpy_and_no_package_of_wordnet():
    code = (
        "import sys; from xnas.xai.wordnet import similarity; similarity(120);"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    heavy = {"tensorflow", "keras", "ray", "deephyper", "nltk", "networkx", "pandas"}
    assert not heavy & set(done.stdout.split())
