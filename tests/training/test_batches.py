"""Order and augmentation are functions of (seed, epoch, index)."""

import numpy as np
import pytest
import tensorflow as tf

from xnas.training.batches import Batches
from xnas.training.images import RandomCrop
from xnas.training.split import Split

SIZE = 23
LABELS = np.arange(SIZE)
PICTURES = 1 + np.arange(SIZE * 9, dtype=np.float32).reshape(SIZE, 3, 3, 1)


def noise(pictures, draws):
    """Put the draws of a picture into its first pixels."""
    return tf.concat([draws, tf.reshape(pictures, (-1, 9))[:, 2:]], axis=1)


noise.n_draws = 2


@pytest.fixture(scope="module")
def batches():
    return Batches(Split([PICTURES], LABELS), augment=noise)


def epochs(dataset, count):
    """Labels and pictures of each epoch, in the order they come."""
    labels = np.concatenate([y for _, y in dataset]).reshape(count, SIZE)
    inputs = np.concatenate([x for x, _ in dataset]).reshape(count, SIZE, -1)
    return labels, inputs


@pytest.mark.parametrize("batch_size", [1, 5, 23, 100])
def test_every_epoch_serves_every_example_once(batches, batch_size):
    sizes = [len(y) for _, y in batches.shuffled(batch_size, epochs=2, seed=0)]
    labels, _ = epochs(batches.shuffled(batch_size, epochs=2, seed=0), 2)
    np.testing.assert_array_equal(np.sort(labels), [LABELS, LABELS])
    assert max(sizes) == min(batch_size, SIZE)
    assert len(sizes) == 2 * -(-SIZE // batch_size)


def test_order_and_draws_are_the_same_again_whatever_was_served_before(batches):
    first = epochs(batches.shuffled(5, epochs=3, seed=1), 3)
    list(batches.shuffled(5, epochs=1, seed=2))
    again = epochs(batches.shuffled(5, epochs=3, seed=1), 3)
    fresh = Batches(Split([PICTURES], LABELS), augment=noise)
    other = epochs(fresh.shuffled(5, epochs=3, seed=1), 3)
    for found in (again, other):
        np.testing.assert_array_equal(found[0], first[0])
        np.testing.assert_array_equal(found[1], first[1])


def test_an_iterator_served_twice_gives_the_same_twice(batches):
    dataset = batches.shuffled(5, epochs=1, seed=1)
    np.testing.assert_array_equal(epochs(dataset, 1)[0], epochs(dataset, 1)[0])


def test_epochs_and_seeds_differ_in_order_and_draws(batches):
    served = [epochs(batches.shuffled(5, epochs=2, seed=s), 2) for s in (0, 1)]
    orders = {tuple(labels) for part, _ in served for labels in part}
    assert len(orders) == 4
    draws = np.concatenate([inputs[:, :, :2].ravel() for _, inputs in served])
    assert len(np.unique(draws)) == draws.size


@pytest.mark.parametrize("batch_size", [1, 7, 23])
def test_what_happens_to_a_picture_does_not_depend_on_the_batch_size(
    batches, batch_size
):
    def by_index(size):
        labels, inputs = epochs(batches.shuffled(size, epochs=2, seed=3), 2)
        order = np.argsort(labels, axis=1)
        return np.take_along_axis(inputs, order[:, :, None], axis=1)

    np.testing.assert_array_equal(by_index(batch_size), by_index(4))


def test_pictures_keep_their_labels_through_a_crop():
    split = Split([PICTURES * 0 + LABELS[:, None, None, None] + 1], LABELS)
    batches = Batches(split, augment=RandomCrop(1))
    for x, y in batches.shuffled(4, epochs=3, seed=0):
        np.testing.assert_array_equal(np.max(x, axis=(1, 2, 3)), y + 1)


def test_validation_is_in_order_preprocessed_and_never_augmented():
    batches = Batches(
        Split([PICTURES], LABELS), preprocessing=lambda x: x * 2, augment=noise
    )
    for _ in range(2):
        served = list(batches.in_order(5))
        np.testing.assert_array_equal(np.concatenate([y for _, y in served]), LABELS)
        inputs = np.concatenate([x for x, _ in served])
        np.testing.assert_array_equal(inputs, PICTURES * 2)


def test_preprocessing_comes_before_augmentation():
    batches = Batches(
        Split([PICTURES], LABELS),
        preprocessing=lambda x: x * 2,
        augment=lambda x: x + 1,
    )
    for x, y in batches.shuffled(5, epochs=1, seed=0):
        np.testing.assert_array_equal(x, PICTURES[y] * 2 + 1)


def test_bytes_are_served_as_floats():
    batches = Batches(Split([PICTURES.astype(np.uint8)], LABELS))
    assert batches.in_order(5).element_spec[0].dtype == tf.float32
    assert batches.shuffled(5, epochs=1, seed=0).element_spec[0].dtype == tf.float32


def test_several_inputs_go_by_name():
    batches = Batches(Split([PICTURES, LABELS], LABELS))
    for x, y in batches.shuffled(5, epochs=1, seed=0):
        np.testing.assert_array_equal(x["input_0"], PICTURES[y])
        np.testing.assert_array_equal(x["input_1"], y)
