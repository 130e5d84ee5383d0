"""Laws of preprocessing and augmentation."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnas.training.images import Compose, Cutout, Normalize, RandomCrop, RandomFlip

SIDE = st.integers(1, 9)


def draw(n_pictures, n_draws, seed):
    return np.random.default_rng(seed).random((n_pictures, n_draws), np.float32)


def pictures(n, height, width, channels=2):
    """No pixel is zero and no two are equal."""
    size = n * height * width * channels
    values = 1 + np.arange(size, dtype=np.float32)
    return values.reshape(n, height, width, channels)


@settings(deadline=None, max_examples=30)
@given(height=SIDE, width=SIDE, padding=st.integers(0, 4), seed=st.integers(0, 99))
def test_a_crop_is_a_shift_of_the_zero_padded_picture(height, width, padding, seed):
    before = pictures(5, height, width)
    after = RandomCrop(padding)(before, draw(5, 2, seed)).numpy()
    side = (padding, padding)
    padded = np.pad(before, ((0, 0), side, side, (0, 0)))
    for picture, found in zip(padded, after, strict=True):
        assert any(
            np.array_equal(picture[y : y + height, x : x + width], found)
            for y in range(2 * padding + 1)
            for x in range(2 * padding + 1)
        )


def test_every_shift_of_a_crop_occurs_and_pictures_move_apart():
    before = np.repeat(pictures(1, 4, 4), 400, axis=0)
    after = RandomCrop(1)(before, draw(400, 2, 0)).numpy()
    counts = np.unique(after.reshape(400, -1), axis=0, return_counts=True)[1]
    assert len(counts) == 9
    assert counts.min() > 400 / 9 / 2


@given(seed=st.integers(0, 99))
@settings(deadline=None, max_examples=20)
def test_flipping_twice_gives_the_picture_back(seed):
    before, draws = pictures(6, 3, 4), draw(6, 1, seed)
    once = RandomFlip()(before, draws)
    np.testing.assert_array_equal(RandomFlip()(once, draws), before)


def test_a_flip_mirrors_left_to_right_or_does_nothing():
    before = pictures(2, 3, 4)
    after = RandomFlip()(before, np.float32([[0.1], [0.9]])).numpy()
    np.testing.assert_array_equal(after[0], before[0, :, ::-1])
    np.testing.assert_array_equal(after[1], before[1])


@settings(deadline=None, max_examples=30)
@given(height=SIDE, width=SIDE, size=st.integers(1, 6), seed=st.integers(0, 99))
def test_cutout_zeroes_a_square_clipped_at_the_border(height, width, size, seed):
    before, draws = pictures(5, height, width), draw(5, 2, seed)
    after = Cutout(size)(before, draws).numpy()
    for picture, found, (down, right) in zip(before, after, draws, strict=True):
        expected = picture.copy()
        top = int(np.float32(down) * np.float32(height)) - size // 2
        left = int(np.float32(right) * np.float32(width)) - size // 2
        for y in range(top, top + size):
            for x in range(left, left + size):
                if 0 <= y < height and 0 <= x < width:
                    expected[y, x] = 0
        np.testing.assert_array_equal(found, expected)


def test_the_centre_of_a_cutout_is_uniform_over_the_whole_picture():
    before = np.ones((3600, 6, 6, 1), np.float32)
    after = Cutout(1)(before, draw(3600, 2, 0)).numpy()
    counts = (after == 0).sum(axis=(0, 3))
    assert counts.sum() == 3600
    assert counts.min() > 60
    assert counts.max() < 140


def test_normalizing_gives_zero_mean_and_unit_deviation():
    rng = np.random.default_rng(0)
    before = rng.integers(0, 256, (50, 4, 4, 2)).astype(np.float32)
    scaled = before / 255
    mean, std = scaled.mean(axis=(0, 1, 2)), scaled.std(axis=(0, 1, 2))
    after = Normalize(tuple(mean.tolist()), tuple(std.tolist()), scale=255)(before)
    np.testing.assert_allclose(np.mean(after, axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(np.std(after, axis=(0, 1, 2)), 1, atol=1e-5)


def test_composing_is_applying_one_after_the_other_with_draws_of_their_own():
    before, steps = pictures(4, 5, 5), (RandomCrop(1), RandomFlip(), Cutout(2))
    together = Compose(*steps)
    assert together.n_draws == 5
    draws = draw(4, 5, 0)
    expected = before
    for step, part in zip(
        steps, (draws[:, :2], draws[:, 2:3], draws[:, 3:]), strict=True
    ):
        expected = step(expected, part)
    np.testing.assert_array_equal(together(before, draws), expected)


@pytest.mark.parametrize(
    "step", [RandomCrop(2), RandomFlip(), Cutout(3), Compose(RandomCrop(1), Cutout(2))]
)
def test_a_picture_does_not_depend_on_its_neighbours_nor_changes_in_place(step):
    before, draws = pictures(6, 5, 5), draw(6, step.n_draws, 0)
    kept = before.copy()
    whole = step(before, draws).numpy()
    np.testing.assert_array_equal(step(before[2:3], draws[2:3]).numpy(), whole[2:3])
    np.testing.assert_array_equal(before, kept)


@pytest.mark.parametrize(
    "step", [Normalize((0.5,), (0.2,)), Compose(RandomCrop(2), RandomFlip())]
)
def test_steps_travel_between_processes(step):
    assert repr(pickle.loads(pickle.dumps(step))) == repr(step)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Normalize((0.5,), (0.0,)),
        lambda: Normalize((0.5, 0.5), (0.1,)),
        lambda: RandomCrop(-1),
        lambda: Cutout(0),
    ],
)
def test_numbers_that_make_no_sense_are_refused(make):
    with pytest.raises(ValueError, match="expected"):
        make()
