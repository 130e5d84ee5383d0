"""Laws of reading pictures in one folder a class."""

import numpy as np
import pytest
from PIL import Image

from xnas.errors import TaskError
from xnas.tasks.pictures import (
    find_pictures,
    load_pictures,
    picture_sizes,
    read_picture,
)

SIZE = (4, 6)


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path):
    """30 pictures of one class and 2 of another, each of one brightness."""
    for name, count in (("many", 30), ("few of them", 2)):
        for i in range(count):
            side = 5 + i
            save(tmp_path / name / f"{i}.png", np.full((side, side + 1, 3), 8 * i))
    return tmp_path


def test_every_class_is_in_both_parts(folder):
    for seed in range(5):
        for _, labels in load_pictures(folder, SIZE, seed=seed):
            assert set(labels) == {0, 1}


def test_classes_are_sorted_by_name(folder):
    assert find_pictures(folder).classes == ["few of them", "many"]


def test_each_class_gives_its_share_to_validate(folder):
    for fraction, count in ((0.1, 3), (0.2, 6), (0.5, 15)):
        (_, train), (_, valid) = load_pictures(folder, SIZE, valid_fraction=fraction)
        assert (valid == 1).sum() == count
        assert len(train) + len(valid) == 32


def test_pictures_are_bytes_of_one_size_and_labels_integers(folder):
    for channels in (1, 3):
        for X, y in load_pictures(folder, SIZE, channels):
            assert X.shape == (len(y), *SIZE, channels)
            assert (X.dtype, y.dtype) == (np.uint8, np.int64)


def test_the_same_seed_gives_the_same_split_and_another_one_another(folder):
    first, again = (load_pictures(folder, SIZE, seed=1) for _ in range(2))
    other = load_pictures(folder, SIZE, seed=2)
    np.testing.assert_array_equal(first[1][0], again[1][0])
    assert not np.array_equal(first[1][0], other[1][0])


def test_a_picture_keeps_its_class(tmp_path):
    for label, name in enumerate(("dark", "light")):
        for i in range(10):
            save(tmp_path / name / f"{i}.png", np.full((5, 5, 3), 200 * label))
    for X, y in load_pictures(tmp_path, SIZE):
        np.testing.assert_array_equal(X.max(axis=(1, 2, 3)), 200 * y)


def test_gray_levels_are_kept_in_one_channel_and_in_three(tmp_path):
    path = save(tmp_path / "gray.png", np.full((8, 8), 77))
    assert (read_picture(path, SIZE, 1) == 77).all()
    assert (read_picture(path, SIZE, 3) == 77).all()


def test_palettes_are_looked_up(tmp_path):
    path = tmp_path / "palette.gif"
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 250, 10, 20])
    picture.save(path)
    assert read_picture(path, SIZE, 3)[0, 0].tolist() == [250, 10, 20]


def test_transparent_pixels_are_white(tmp_path):
    pixels = np.zeros((8, 8, 4))
    pixels[..., 0] = 200
    path = save(tmp_path / "alpha.png", pixels)
    assert (read_picture(path, SIZE, 3) == 255).all()
    pixels[..., 3] = 255
    path = save(tmp_path / "opaque.png", pixels)
    assert read_picture(path, SIZE, 3)[0, 0].tolist() == [200, 0, 0]


def test_sixteen_bits_keep_their_upper_eight(tmp_path):
    path = tmp_path / "deep.png"
    Image.fromarray(np.full((8, 8), 0x4D12, np.uint16)).save(path)
    for channels in (1, 3):
        assert (read_picture(path, SIZE, channels) == 0x4D).all()


@pytest.mark.parametrize("mode", ["1", "LA", "CMYK", "YCbCr"])
def test_other_modes_are_read(tmp_path, mode):
    ending = {"1": "png", "LA": "png"}.get(mode, "jpg")
    path = tmp_path / f"picture.{ending}"
    Image.new("RGB", (8, 8), "white").convert(mode).save(path)
    assert read_picture(path, SIZE, 3).min() > 250


def test_pictures_are_turned_as_their_exif_data_say(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    pixels = np.zeros((20, 40, 3))
    pixels[:, :20] = 255  # left half white: the upper half after turning
    path = save(tmp_path / "turned.jpg", pixels, exif=exif, quality=95)
    assert picture_sizes([path]).tolist() == [[40, 20]]
    upright = read_picture(path, (8, 4), 1)
    assert upright[:3].min() > 240
    assert upright[-3:].max() < 15


def test_of_several_frames_the_first_is_read(tmp_path):
    frames = [Image.new("RGB", (8, 8), color) for color in ("white", "black")]
    path = tmp_path / "film.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert (read_picture(path, SIZE, 1) == 255).all()


def test_large_photographs_are_averaged_not_sampled(tmp_path):
    pixels = np.zeros((800, 800, 3))
    pixels[::2] = 255
    path = save(tmp_path / "large.jpg", pixels, quality=95)
    found = read_picture(path, (8, 8), 1).astype(int)
    assert np.abs(found - 127).max() < 12


def test_deeper_folders_belong_to_their_class_and_other_files_are_skipped(folder):
    save(folder / "many" / "2024" / "may" / "x.BMP", np.zeros((5, 5)))
    hidden = [folder / "many" / ".y.png", folder / "many" / ".cache" / "z.png"]
    for path in hidden:
        save(path, np.zeros((5, 5)))
    others = [folder / "Thumbs.db", folder / "many" / "README.txt", folder / "a.png"]
    for path in others:
        path.write_text("")
    (folder / ".hidden").mkdir()
    found = find_pictures(folder)
    assert len(found.files) == 33
    assert found.labels.sum() == 31
    assert set(found.skipped) == set(others)


def test_pictures_that_cannot_be_read_are_named_and_counted(folder):
    good = (folder / "many" / "20.png").read_bytes()
    (folder / "many" / "0.png").write_bytes(good[:-30])
    (folder / "many" / "1.png").write_text("no picture")
    with pytest.raises(TaskError) as caught:
        load_pictures(folder, SIZE)
    assert str(folder / "many" / "0.png") in str(caught.value)
    assert "nor can 1 more" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_parts_are_not_taken_for_classes(folder, tmp_path):
    for part in ("train", "Val"):
        save(tmp_path / "parted" / part / "a" / "0.png", np.zeros((5, 5)))
    with pytest.raises(TaskError, match="parts of the data"):
        find_pictures(tmp_path / "parted")
