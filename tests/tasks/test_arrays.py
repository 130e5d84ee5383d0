"""Laws of reading arrays out of npz files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.errors import TaskError
from xnas.tasks.arrays import (
    load_arrays,
    mean_and_deviation,
    read_array_file,
    stratified_split,
)

X = np.random.default_rng(0).normal(7, 3, (30, 4))
Y = np.arange(30) % 3


@pytest.fixture
def save(tmp_path):
    def run(**arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return tmp_path / "data.npz"

    return run


@given(
    st.lists(st.integers(2, 40), min_size=1, max_size=6),
    st.floats(0.01, 0.99),
    st.integers(0, 9),
)
def test_every_class_is_in_both_parts(counts, fraction, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    train, valid = stratified_split(labels, fraction, seed)
    assert sorted([*train, *valid]) == list(range(len(labels)))
    assert set(labels[train]) == set(labels[valid]) == set(labels)
    for label, count in enumerate(counts):
        share = (labels[valid] == label).sum()
        assert abs(share - fraction * count) <= 1


def test_the_same_seed_gives_the_same_split_and_another_one_another():
    first, again, other = (stratified_split(Y, 0.2, seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    "names",
    [("X", "y"), ("x", "y"), ("x_train", "y_train"), ("X_train", "y_train"),
     ("images", "labels"), ("train_images", "train_labels")],
)  # fmt: skip
def test_usual_names_are_found(save, names):
    train, valid = load_arrays(save(**dict(zip(names, (X, Y), strict=True))))
    assert (len(train[1]), len(valid[1])) == (24, 6)
    np.testing.assert_array_equal(np.sort([*train[0][:, 0], *valid[0][:, 0]]),
                                  np.sort(X[:, 0].astype(np.float32)))  # fmt: skip


@pytest.mark.parametrize(
    "names", [("X_valid", "y_valid"), ("x_val", "y_val"), ("val_images", "val_labels")]
)
def test_a_part_to_validate_is_used_as_it_is(save, names):
    more = dict(zip(names, (X[:5], Y[:5]), strict=True))
    train, valid = load_arrays(save(x_train=X, y_train=Y, **more))
    np.testing.assert_array_equal(valid[1], Y[:5])
    assert len(train[1]) == 30


def test_a_part_to_test_never_validates(save):
    parts = load_arrays(save(x_train=X, y_train=Y, x_test=X[:4] + 100, y_test=Y[:4]))
    assert [len(y) for _, y in parts] == [24, 6, 4]
    assert parts[1][0].max() < 100 < parts[2][0].min() + 20


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((4,), (4,)), ((5, 6), (5, 6, 1)), ((5, 6, 3), (5, 6, 3))],
)
def test_gray_pictures_get_a_channel(save, shape, expected):
    ((found, _), _) = load_arrays(save(X=np.zeros((30, *shape), np.uint8), y=Y))
    assert found.shape[1:] == expected
    assert found.dtype == np.uint8


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (Y, ["0", "1", "2"]),
        (Y[:, None], ["0", "1", "2"]),
        (Y + 1.0, ["1", "2", "3"]),
        (Y * 10 - 10, ["-10", "0", "10"]),
        (Y > 0, ["False", "True"]),
        (np.array(["b", "é", "a"])[Y], ["a", "b", "é"]),
        (np.array([b"b", b"c", b"a"])[Y], ["a", "b", "c"]),
    ],
)
def test_labels_are_counted_from_zero_in_the_order_of_their_classes(
    save, labels, names
):
    path = save(X=X, y=labels, x_test=X, y_test=labels)
    found = read_array_file(path)
    assert (found.label_form, found.classes) == ("integer", names)
    assert found.train[1].dtype == np.int64
    given_names = np.char.decode(labels) if labels.dtype.kind == "S" else labels
    assert [names[label] for label in found.test[1]] == [
        str(int(name) if labels.dtype.kind == "f" else name)
        for name in given_names.ravel()
    ]


def test_one_hot_rows_are_kept_and_split_by_class(save):
    (_, train), (_, valid) = load_arrays(save(X=X, y=np.eye(3)[Y]))
    assert train.shape == (24, 3)
    assert valid.sum(axis=0).tolist() == [2, 2, 2]


@pytest.mark.parametrize("targets", [X[:, 0], X[:, :2], np.arange(30.0) * 1000])
def test_real_labels_are_kept_unless_they_are_to_be_standardized(save, targets):
    path = save(X=X, y=targets)
    found = read_array_file(path)
    assert (found.label_form, found.classes) == ("real", [])
    np.testing.assert_allclose(found.train[1], targets, rtol=1e-6)
    (_, y), _ = load_arrays(path, standardize_targets=True)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=0), 1, atol=1e-5)


def test_features_are_standardized_by_the_training_examples_alone(save):
    test = X + 3
    path = save(X=X, y=Y, x_test=test, y_test=Y)
    (raw, _), *_ = load_arrays(path)
    parts = load_arrays(path, standardize_examples=True)
    for found, before in ((parts[0][0], raw), (parts[2][0], test)):
        expected = (before - raw.mean(axis=0)) / raw.std(axis=0)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@given(st.integers(1, 9), st.floats(-1e6, 1e6, width=32))
def test_constant_features_are_left_at_their_scale(n, value):
    mean, deviation = mean_and_deviation(np.full((n, 2), value, np.float32))
    np.testing.assert_allclose(mean, value, rtol=1e-6)
    assert (deviation == 1).all()


def test_measuring_in_pieces_is_measuring_at_once(monkeypatch):
    monkeypatch.setattr("xnas.tasks.arrays.PIECE", 7)
    bytes_ = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 2)).astype(np.uint8)
    mean, deviation = mean_and_deviation(bytes_)
    np.testing.assert_allclose(mean, bytes_.mean(axis=(0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(deviation, bytes_.std(axis=(0, 1, 2)), rtol=1e-6)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, ["no array found", "expected X and y"]),
        ({"data": X}, ["data found", "expected X and y"]),
        ({"X": X}, ["expected y beside X"]),
        ({"X": X, "y": Y, "x_val": X}, ["expected y_val beside x_val"]),
        ({"X": X, "y": Y[:9]}, ["30 examples", "9 labels"]),
        ({"X": X[:0], "y": Y[:0]}, ["no example"]),
        ({"X": X * np.nan, "y": Y}, ["NaN", "training examples"]),
        ({"X": X.astype(str), "y": Y}, ["training examples", "real numbers"]),
        ({"X": X[:, 0], "y": Y}, ["(30,)"]),
        ({"X": np.zeros((30, 3, 8, 8)), "y": Y}, ["(30, 3, 8, 8)", "last axis"]),
        ({"X": X, "y": X[:, 0] * np.nan}, ["NaN", "training labels"]),
        ({"X": X, "y": Y * 0}, ["one class 0"]),
        ({"X": X, "y": np.arange(30)}, ["class 0", "2 or more", "floats"]),
        ({"X": X, "y": X.reshape(30, 2, 2)}, ["(30, 2, 2)"]),
        ({"X": X, "y": Y, "x_test": X, "y_test": Y + 1}, ["test label 3"]),
        ({"X": X, "y": np.eye(3)[Y], "x_val": X, "y_val": Y}, ["one-hot"]),
        ({"X": X, "y": Y, "x_val": X[:, :2], "y_val": Y}, ["(2,)", "(4,)"]),
        ({"X": X, "y": np.array([None] * 30)}, ["Python objects"]),
    ],
)
def test_what_does_not_fit_is_told_in_one_sentence(save, arrays, words):
    path = save(**arrays)
    with pytest.raises(TaskError) as caught:
        read_array_file(path)
    told = str(caught.value)
    assert told.startswith(str(path))
    assert "\n" not in told
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    "names",
    [("data", "labels"), ("data", "target"), ("features", "labels"), ("X", "labels"),
     ("arr_0", "arr_1"), ("train_x", "train_y"), ("X_training", "y_training"),
     ("train_data", "train_labels"), ("xtrain", "ytrain"), ("images", "label")],
)  # fmt: skip
def test_common_names_are_found_where_there_are_no_others(save, names):
    pair = dict(zip(names, (X, Y), strict=True))
    train, valid = load_arrays(save(**pair, note=np.zeros(2)))
    assert (len(train[1]), len(valid[1])) == (24, 6)


def test_common_names_never_stand_in_the_way_of_the_usual_ones(save):
    path = save(X=X, y=Y, data=X + 1, labels=Y, x_test=X, y_test=Y)
    np.testing.assert_allclose(read_array_file(path).train[0], X, rtol=1e-6)


def test_two_common_pairs_are_refused(save):
    path = save(data=X, labels=Y, features=X)
    with pytest.raises(TaskError, match="expected one of them for training"):
        read_array_file(path)


@pytest.mark.parametrize(
    ("kind", "shape", "expected"),
    [
        ("series", (64,), (64, 1)),
        ("series", (64, 1), (64, 1)),
        ("series", (1, 64), (64, 1)),
        ("series", (128, 9), (128, 9)),
        ("series", (64, 1, 3), (64, 3)),
        ("features", (5, 6), (30,)),
        ("features", (4,), (4,)),
        ("pictures", (5, 6), (5, 6, 1)),
        (None, (64, 1), (64, 1, 1)),
    ],
)
def test_examples_get_the_axes_of_their_kind(save, kind, shape, expected):
    path = save(X=np.zeros((30, *shape)), y=Y)
    assert load_arrays(path, kind=kind)[0][0].shape[1:] == expected


@pytest.mark.parametrize(
    ("kind", "shape"), [("series", (5, 6, 3)), ("pictures", (5,)), ("words", (5,))]
)
def test_examples_that_cannot_be_of_a_kind_are_refused(save, kind, shape):
    with pytest.raises(TaskError):
        read_array_file(save(X=np.zeros((30, *shape)), y=Y), kind)


def test_channels_of_series_are_standardized_over_all_steps(save):
    path = save(X=np.random.default_rng(0).normal(5, 3, (30, 8, 2)), y=Y)
    (found, _), _ = load_arrays(path, kind="series", standardize_examples=True)
    np.testing.assert_allclose(found.mean(axis=(0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=(0, 1)), 1, atol=1e-5)
    assert not np.allclose(found.mean(axis=0), 0, atol=1e-2)


@pytest.mark.parametrize("dtype", [int, float, bool])
def test_several_labels_an_example_are_named_and_refused(save, dtype):
    rows = (np.arange(90).reshape(30, 3) % 5 < 2).astype(dtype)
    with pytest.raises(TaskError, match="multi-label training labels found"):
        read_array_file(save(X=X, y=rows))


def test_examples_to_test_are_set_apart_and_the_seed_says_which(save):
    path = save(X=X, y=Y)
    parts = load_arrays(path, test_fraction=0.2)
    assert [len(y) for _, y in parts] == [18, 6, 6]
    rows = np.concatenate([x for x, _ in parts])
    assert len(np.unique(rows, axis=0)) == 30
    again, other = (load_arrays(path, test_fraction=0.2, seed=s)[2][0] for s in (0, 1))
    np.testing.assert_array_equal(parts[2][0], again)
    assert not np.array_equal(parts[2][0], other)


def test_examples_to_test_may_be_split_off_beside_those_to_validate(save):
    path = save(x_train=X, y_train=Y, x_val=X[:5] + 100, y_val=Y[:5])
    parts = load_arrays(path, test_fraction=0.2)
    assert [len(y) for _, y in parts] == [24, 5, 6]
    assert parts[1][0].min() > 50 > parts[2][0].max()


def test_too_few_examples_for_all_parts_are_told(save):
    path = save(X=X[:4], y=np.arange(4) % 2)
    with pytest.raises(TaskError, match="2 examples of a class found, expected 3"):
        load_arrays(path, test_fraction=0.2)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"X": X * 1e60, "y": Y}, ["float32"]),
        ({"X": X + 1j, "y": Y}, ["complex"]),
        ({"X": X.astype("M8[s]"), "y": Y}, ["datetime64"]),
        ({"X": X, "y": Y.astype("m8[s]")}, ["timedelta64"]),
        ({"X": np.zeros(30, [("a", "f4")]), "y": Y}, ["real numbers"]),
        ({"X": X, "y": np.array([b"caf\xe9", b"tea", b"x"])[Y]}, ["UTF-8"]),
    ],
)
def test_other_types_are_refused_in_one_sentence(save, arrays, words):
    with pytest.raises(TaskError) as caught:
        read_array_file(save(**arrays))
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("change", [np.asfortranarray, lambda a: a.astype(">f8")])
def test_order_in_memory_changes_nothing(save, change):
    expected = load_arrays(save(X=X, y=Y))
    found = load_arrays(save(X=change(X), y=Y.astype(">i4")))
    for (x, y), (x_found, y_found) in zip(expected, found, strict=True):
        np.testing.assert_array_equal(x_found, x)
        np.testing.assert_array_equal(y_found, y)
