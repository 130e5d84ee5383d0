"""Tables that say how alike classes are."""

import numpy as np
import pytest

from xnas.similarity import checked_similarity


def test_a_table_is_copied_as_float64():
    table = [[1, 2], [2, 1]]
    found = checked_similarity(table)
    assert found.dtype == np.float64
    found[0, 0] = 7
    assert table[0][0] == 1


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("alike", "no array of numbers"),
        ([[1, 2], [3]], "no array of numbers"),
        (np.ones(4), r"shape \(4,\)"),
        (np.ones((2, 3)), r"shape \(2, 3\)"),
        ([[1, -1], [-1, 1]], "negative"),
        ([[1, np.nan], [np.nan, 1]], "NaN"),
        ([[1, np.inf], [np.inf, 1]], "infinite"),
        ([[1, 0.5], [0.4, 1]], "not symmetric"),
    ],
)
def test_what_is_no_table_is_refused(table, words):
    with pytest.raises(ValueError, match=words):
        checked_similarity(table)
