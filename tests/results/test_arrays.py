"""Gram matrices and mean activations on disk."""

import numpy as np
import pytest

from xnas.results import read_gram, write_activations, write_gram


def stored(tmp_path, n_classes, n_layers=3):
    rng = np.random.default_rng(0)
    sums = rng.random((n_layers, n_classes, 7))
    gram = np.einsum("lif,ljf->lij", sums, sums)
    before = gram.copy()
    path = tmp_path / "0.npz"
    write_gram(
        path,
        gram=gram,
        classes=np.arange(n_classes),
        counts=np.full(n_classes, 5),
        layer_names=[f"layer_{i}" for i in range(n_layers)],
        layer_sizes=[7] * n_layers,
    )
    np.testing.assert_array_equal(gram, before)
    return gram, read_gram(path)


def test_few_classes_keep_every_layer(tmp_path):
    gram, read = stored(tmp_path, 10)
    np.testing.assert_array_equal(read.gram, gram)
    assert list(read.layer_names) == ["layer_0", "layer_1", "layer_2"]


def test_many_classes_keep_the_sum_over_layers(tmp_path):
    gram, read = stored(tmp_path, 33)
    np.testing.assert_allclose(read.gram, gram.sum(axis=0, keepdims=True))


@pytest.mark.parametrize("n_classes", [0, 1, 10, 33])
def test_shares_of_the_layers_add_up_to_one(tmp_path, n_classes):
    gram, read = stored(tmp_path, n_classes)
    if n_classes:
        expected = [np.trace(layer) for layer in gram] / np.trace(gram.sum(axis=0))
        np.testing.assert_allclose(read.layer_share, expected)


def test_activations_are_plain_npz(tmp_path):
    means = np.ones((2, 5), dtype=np.float32)
    path = tmp_path / "3.npz"
    write_activations(
        path,
        means=means,
        classes=np.array([1, 4]),
        layer_names=["a", "b"],
        layer_sizes=[2, 3],
    )
    with np.load(path) as read:
        np.testing.assert_array_equal(read["means"], means)
        assert read["means"].dtype == np.float32
        assert read["layer_sizes"].tolist() == [2, 3]
    assert list(tmp_path.iterdir()) == [path]
