"""Introspectability as a function of vectors, in the figures of the 2021 code."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal

from xnas.scores import (
    checked_similarity,
    distances_from_gram,
    gram_of_unit_scale,
    introspectability,
    introspectability_from_gram,
    layer_mean_from_gram,
    rescaled_scores_from_gram,
)

CASES = json.loads(
    (Path(__file__).parents[0] / "data" / "introspectability.json").read_text()
)["cases"]

# WordNet 3.0's path distances (1 / path similarity) between the labels of each of the
# weighted figures: pairs (0,1) (0,2) (0,3) (0,4) (1,2) (1,3) (1,4) (2,3) (2,4) (3,4).
# Kit fox, English setter, Siberian husky, Australian terrier, English springer.
# Grey whale, Walker hound, Staffordshire bullterrier, ram, warthog.
PATH_DISTANCES = {
    31: [8, 7, 7, 9, 8, 6, 6, 7, 9, 7],
    32: [13, 13, 12, 10, 7, 14, 12, 14, 12, 7],
}

POSITIVE = st.floats(0.01, 100.0)


def classes_and_features(min_classes=2):
    return array_shapes(min_dims=2, max_dims=2, min_side=min_classes, max_side=8)


def vectors(min_classes=2):
    return arrays(np.float64, classes_and_features(min_classes), elements=POSITIVE)


def draw(case):
    rng = np.random.default_rng(case["seed"])
    n_classes = case.get("classes", len(case.get("labels", [])))
    rows = getattr(rng, case["draw"])((n_classes, case["features"]))
    if "zero_row" in case:
        rows[case["zero_row"]] = 0.0
    return rows


def path_similarity(case):
    labels = case["labels"]
    table = np.ones((max(labels) + 1, max(labels) + 1))
    upper = np.triu_indices(len(labels), k=1)
    for i, j, steps in zip(*upper, PATH_DISTANCES[case["seed"]], strict=True):
        table[labels[i], labels[j]] = table[labels[j], labels[i]] = 1 / steps
    return table


def naive_score(rows, weights=None):
    """Average over the pairs, one at a time."""
    distances = []
    for i in range(len(rows)):
        for j in range(i):
            lengths = np.linalg.norm(rows[i]) * np.linalg.norm(rows[j])
            distance = 1 - rows[i] @ rows[j] / lengths
            distances.append(distance * (1 if weights is None else weights[i, j]))
    return np.mean(distances)


@pytest.mark.parametrize("case", [c for c in CASES if "draw" in c and "score" in c])
@pytest.mark.filterwarnings("ignore:.*left out of introspectability:RuntimeWarning")
def test_figures_of_the_2021_code(case):
    assert introspectability(draw(case)) == pytest.approx(case["score"], rel=1e-9)


@pytest.mark.parametrize("case", [c for c in CASES if "labels" in c])
def test_weighted_figures_of_the_2021_code(case):
    sums = dict(zip(case["labels"], draw(case), strict=True))
    assert introspectability(sums) == pytest.approx(case["unweighted"], rel=1e-9)
    weighted = introspectability(sums, path_similarity(case))
    assert weighted == pytest.approx(case["path_sim_weighted"], rel=1e-9)


def test_figure_of_the_2021_code_from_single_examples():
    case = next(case for case in CASES if case.get("route") == "per-sample")
    rng = np.random.default_rng(case["seed"])
    predicted = rng.standard_normal((200, 5)).argmax(axis=1)
    activations = rng.random((200, 30)).astype(np.float32)
    sums = {
        label: activations[predicted == label].sum(axis=0, dtype=np.float64)
        for label in np.unique(predicted)
    }
    # The 2021 code averaged in float32: its figure is 1.6e-7 off the float64 one, and
    # orders of float32 summation differ by as much among themselves.
    assert introspectability(sums) == pytest.approx(case["score"], rel=5e-7)


@given(vectors())
def test_the_score_is_the_mean_over_all_pairs(rows):
    assert introspectability(rows) == pytest.approx(naive_score(rows), abs=1e-12)


@given(vectors(), st.data())
def test_scaling_a_class_vector_leaves_the_score(rows, data):
    scales = data.draw(
        arrays(np.float64, len(rows), elements=st.sampled_from([1e-250, 0.3, 1e200]))
    )
    scaled = introspectability(rows * scales[:, None])
    assert scaled == pytest.approx(introspectability(rows), abs=1e-12)


@given(vectors(), st.randoms(use_true_random=False))
def test_the_order_of_classes_and_features_is_irrelevant(rows, random):
    classes, features = list(range(len(rows))), list(range(rows.shape[1]))
    random.shuffle(classes)
    random.shuffle(features)
    shuffled = introspectability(rows[classes][:, features])
    assert shuffled == pytest.approx(introspectability(rows), abs=1e-12)


@given(vectors())
def test_the_score_lies_between_0_and_2(rows):
    assert 0 <= introspectability(rows) <= 1 + 1e-12
    opposed = np.stack([rows[0], -rows[0]])
    assert introspectability(opposed) == pytest.approx(2)
    assert introspectability(np.stack([rows[0], rows[0]])) == pytest.approx(0, abs=1e-9)


@given(vectors())
def test_gram_matrices_hold_all_that_the_score_needs(rows):
    gram = rows @ rows.T
    score = introspectability(rows)
    labels = range(len(rows))
    assert introspectability_from_gram(gram, labels) == pytest.approx(score, abs=1e-12)
    layers = np.stack([one @ one.T for one in np.split(rows, [1], axis=1)])
    assert introspectability_from_gram(layers, labels) == pytest.approx(
        score, abs=1e-12
    )


@given(vectors(), st.data())
def test_a_similarity_is_looked_up_by_class_label(rows, data):
    size = len(rows)
    labels = data.draw(
        st.lists(st.integers(0, 20), min_size=size, max_size=size, unique=True)
    )
    table = np.random.default_rng(0).random((21, 21))
    table = table + table.T
    weighted = introspectability(dict(zip(labels, rows, strict=True)), table)
    weights = table[np.ix_(labels, labels)]
    assert weighted == pytest.approx(naive_score(rows, weights), abs=1e-12)


@given(vectors(), st.floats(0.01, 100.0))
def test_dividing_by_the_mean_similarity_makes_its_scale_irrelevant(rows, scale):
    table = np.random.default_rng(0).random((len(rows), len(rows))) * scale
    pairs = np.triu_indices(len(rows), k=1)
    divided = introspectability(rows, table, divide_by_mean_similarity=True)
    assert divided == pytest.approx(
        introspectability(rows, table) / table[pairs].mean(), abs=1e-12
    )
    plain = introspectability(rows, divide_by_mean_similarity=True)
    assert plain == pytest.approx(introspectability(rows), abs=1e-12)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, -np.inf])
def test_classes_without_a_direction_drop_out_with_a_warning(value):
    rows = np.random.default_rng(0).random((4, 7))
    expected = introspectability(np.delete(rows, 2, axis=0))
    table = np.random.default_rng(1).random((4, 4))
    kept = [0, 1, 3]
    divided = introspectability(
        rows[kept], table[np.ix_(kept, kept)], divide_by_mean_similarity=True
    )
    rows[2] = value
    with pytest.warns(RuntimeWarning, match=r"3 of 6 pairs .* classes \[2\]"):
        assert introspectability(rows) == pytest.approx(expected, rel=1e-12)
    with pytest.warns(RuntimeWarning, match="left out"):
        score = introspectability(rows, table, divide_by_mean_similarity=True)
    assert score == pytest.approx(divided, rel=1e-12)


@pytest.mark.parametrize("sums", [{}, {3: [1.0, 2.0]}, [[1.0]], np.empty((0, 5))])
def test_fewer_than_two_classes_score_minus_infinity(sums):
    assert introspectability(sums) == -np.inf


def test_zero_vectors_only_score_minus_infinity_with_a_warning():
    with pytest.warns(RuntimeWarning, match="3 of 3 pairs"):
        assert introspectability(np.zeros((3, 4))) == -np.inf


def test_float32_vectors_are_compared_in_float64():
    rows = np.ones((2, 1000), np.float32)
    rows[0, 0] += 1e-4
    exact = rows.astype(np.float64)
    assert introspectability(rows) == introspectability(exact) > 0


def test_many_features_are_worked_through_in_pieces(monkeypatch):
    rows = np.random.default_rng(0).random((3, 1000))
    expected = introspectability(rows)
    monkeypatch.setattr("xnas.scores._CHUNK_BYTES", 8 * 3 * 7)
    assert introspectability(rows) == pytest.approx(expected, rel=1e-12)


def test_distances_are_symmetric_and_zero_on_the_diagonal():
    rows = np.random.default_rng(0).standard_normal((5, 9))
    distances = distances_from_gram(gram_of_unit_scale(rows))
    assert_array_equal(distances, distances.T)
    assert_allclose(np.diag(distances), 0, atol=1e-15)
    assert_allclose(distances, distances_from_gram(rows @ rows.T), atol=1e-12)


@pytest.mark.parametrize(
    ("sums", "similarity", "message"),
    [
        ({0: [1.0], 1: [1.0, 2.0]}, None, "all of one length"),
        (np.ones(3), None, "one activation vector a class"),
        (np.ones((2, 2, 2)), None, "one activation vector a class"),
        ({0: [1.0], 7: [2.0]}, np.ones((7, 7)), "each of the 8 class labels"),
        (np.ones((2, 2)), np.ones((2, 3)), "square array"),
        (np.ones((2, 2)), np.full((2, 2), np.nan), "finite"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(sums, similarity, message):
    with pytest.raises(ValueError, match=message):
        introspectability(sums, similarity)


def test_negative_labels_are_no_index_from_the_end():
    with pytest.raises(ValueError, match="labels"):
        introspectability({-1: [1.0, 0.0], 0: [0.0, 1.0]}, np.ones((2, 2)))


def test_to_divide_by_a_mean_similarity_of_zero_gives_the_worst_score():
    kwargs = {"divide_by_mean_similarity": True}
    assert introspectability(np.eye(2), np.eye(2), **kwargs) == -np.inf
    assert introspectability(np.eye(3), np.eye(3)) == 0.0


def test_gram_matrices_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="gram must have shape"):
        introspectability_from_gram(np.ones((2, 3)), [0, 1])
    with pytest.raises(ValueError, match="one label a row of gram, 2"):
        introspectability_from_gram(np.eye(2), [0, 1, 2])


def test_inputs_are_left_as_they_were():
    rows, table = np.random.default_rng(0).random((2, 4, 4))
    kept = rows.copy(), table.copy()
    introspectability(rows, table, divide_by_mean_similarity=True)
    introspectability_from_gram(rows, range(4), table)
    assert_array_equal(rows, kept[0])
    assert_array_equal(table, kept[1])


def _naive_layer_mean(gram: np.ndarray) -> float:
    scores = []
    for layer in gram:
        distances = [
            1 - layer[i, j] / np.sqrt(layer[i, i] * layer[j, j])
            for i in range(len(layer))
            for j in range(i)
            if layer[i, i] > 0 and layer[j, j] > 0
        ]
        if distances:
            scores.append(sum(distances) / len(distances))
    return sum(scores) / len(scores) if scores else -np.inf


def _grams(rng: np.random.Generator, n_layers: int, n_classes: int) -> np.ndarray:
    vectors = rng.normal(size=(n_layers, n_classes, 7))
    return vectors @ vectors.transpose(0, 2, 1)


@pytest.mark.parametrize("dead", [(), [(0, 1)], [(1, 0), (1, 2), (1, 3)]])
def test_layer_mean_equals_its_definition(dead):
    gram = _grams(np.random.default_rng(3), 3, 4)
    for layer, of_class in dead:
        gram[layer, of_class] = gram[layer, :, of_class] = 0.0
    assert layer_mean_from_gram(gram) == pytest.approx(
        _naive_layer_mean(gram), abs=1e-12
    )


def test_layer_mean_stays_when_a_layer_is_scaled():
    gram = _grams(np.random.default_rng(4), 3, 5)
    scaled = gram * np.array([1.0, 1e4, 1e-4])[:, None, None]
    assert layer_mean_from_gram(scaled) == pytest.approx(layer_mean_from_gram(gram))
    assert introspectability_from_gram(scaled, range(5)) != pytest.approx(
        introspectability_from_gram(gram, range(5)), rel=1e-3
    )


@pytest.mark.parametrize("shape", [(0, 3, 3), (2, 0, 0), (2, 1, 1), (2, 3, 3)])
def test_layer_mean_without_any_pair_is_minus_infinity(shape):
    assert layer_mean_from_gram(np.zeros(shape)) == -np.inf


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 4), (3,)])
def test_layer_mean_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="layers, classes, classes"):
        layer_mean_from_gram(np.ones(shape))


# Tables that say how alike classes are


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


def test_rescaled_scores_are_those_of_layers_that_give_100_times_as_much():
    rng = np.random.default_rng(5)
    layers = [rng.random((4, size)) for size in (3, 7, 2)]
    grams = np.stack([one @ one.T for one in layers])
    weights = rng.random((4, 4))
    weights += weights.T
    found = rescaled_scores_from_gram(grams, range(4), weights)
    for i, score in enumerate(found):
        scaled = [one * (100 if k == i else 1) for k, one in enumerate(layers)]
        expected = introspectability(np.concatenate(scaled, axis=1), weights)
        assert_allclose(score, expected, rtol=1e-9)


def test_a_single_layers_scale_moves_no_score():
    one = np.random.default_rng(6).random((4, 5))
    gram = (one @ one.T)[None]
    score = introspectability_from_gram(gram, range(4))
    assert_allclose(rescaled_scores_from_gram(gram, range(4)), [score])
