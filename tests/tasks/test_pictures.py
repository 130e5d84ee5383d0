"""Laws of reading pictures in one folder a class."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from xnas.errors import TaskError
from xnas.tasks.pictures import (
    deep_levels,
    find_pictures,
    load_pictures,
    picture_sizes,
    read_picture,
)
from xnas.tasks.reading import read_splits

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


def save_deep_png(path, pixels):
    """Write 16 bits a channel, which Pillow writes for gray alone."""
    rows = np.asarray(pixels, ">u2")
    height, width, channels = rows.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]

    def chunk(name, data):
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )
    return path


def ramp(top, channels):
    """Every value from 0 to ``top`` in steps, opaque where there is transparency."""
    values = np.linspace(0, top, 256).round().astype(np.uint16).reshape(16, 16, 1)
    if channels in (2, 4):
        opaque = np.full_like(values, 65535)
        return np.concatenate([np.repeat(values, channels - 1, 2), opaque], axis=2)
    return np.repeat(values, channels, axis=2)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("top", [255, 1023, 4095, 65535])
def test_values_of_few_bits_in_16_keep_all_their_levels(tmp_path, top, channels):
    path = save_deep_png(tmp_path / "deep.png", ramp(top, channels))
    n_deep, levels = deep_levels([path])
    assert (n_deep, levels) == (1, (0, top))
    found = read_picture(path, (16, 16), 1, levels)
    np.testing.assert_array_equal(found.ravel(), np.arange(256))


def test_levels_are_those_of_all_pictures(tmp_path):
    dark = save_deep_png(tmp_path / "0.png", np.full((4, 4, 1), 300))
    light = save_deep_png(tmp_path / "1.png", np.full((4, 4, 1), 700))
    plain = save(tmp_path / "2.png", np.full((4, 4), 9))
    n_deep, levels = deep_levels([dark, light, plain])
    assert (n_deep, levels) == (2, (300, 700))
    found = [read_picture(p, (4, 4), 1, levels).max() for p in (dark, light, plain)]
    assert found == [0, 255, 9]


@pytest.mark.parametrize(
    "pixels",
    [
        np.linspace(-3, 5, 256, dtype=np.float32),
        np.linspace(0, 65535, 256, dtype=np.float32),
        np.arange(256, dtype=np.int32) - 90,
    ],
)
def test_real_and_negative_values_are_scaled_by_their_range(tmp_path, pixels):
    path = tmp_path / "measured.tif"
    Image.fromarray(pixels.reshape(16, 16)).save(path)
    _, levels = deep_levels([path])
    found = read_picture(path, (16, 16), 1, levels).ravel()
    assert (found[0], found[-1]) == (0, 255)
    assert (np.diff(found.astype(int)) >= 0).all()
    assert len(set(found)) > 250


def test_pictures_of_one_value_and_unknown_numbers_are_no_traceback(tmp_path):
    black = save_deep_png(tmp_path / "black.png", np.zeros((4, 4, 1)))
    assert (read_picture(black, (4, 4), 1, deep_levels([black])[1]) == 0).all()
    path = tmp_path / "unknown.tif"
    Image.fromarray(np.full((4, 4), np.nan, np.float32)).save(path)
    with pytest.raises(TaskError, match="NaN"):
        deep_levels([path])


def test_without_levels_pictures_are_read_as_before(tmp_path):
    for channels in (1, 3):
        path = save_deep_png(tmp_path / "deep.png", ramp(65535, channels))
        found = read_picture(path, (16, 16), channels)
        np.testing.assert_array_equal(found, ramp(65535, channels) >> 8)


@pytest.mark.parametrize(
    ("size", "channels", "words"),
    [
        ((32, 32, 3), 3, ["(32, 32, 3)", "height and width", "channels is stated"]),
        (32, 3, ["32", "height and width"]),
        ((32, 0), 3, ["(32, 0)"]),
        ((32.0, 32), 3, ["(32.0, 32)"]),
        ((32, 32), 4, ["channels is 4", "1 (gray) or 3"]),
    ],
)
def test_a_size_that_is_none_is_told_as_what_it_is(folder, size, channels, words):
    with pytest.raises(TaskError) as caught:
        load_pictures(folder, size, channels)
    assert "cannot be read" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_part_to_test_is_of_every_class_and_apart_from_the_others(tmp_path):
    for label, name in enumerate("ab"):
        for i in range(20):
            save(tmp_path / name / f"{i}.png", np.full((4, 4), 100 * label + i))
    parts = load_pictures(tmp_path, (4, 4), 1, test_fraction=0.15)
    assert [len(y) for _, y in parts] == [28, 6, 6]
    assert [set(y) for _, y in parts] == [{0, 1}] * 3
    seen = np.concatenate([X[:, 0, 0, 0] for X, _ in parts])
    assert len(set(seen)) == 40


def test_every_example_knows_the_file_that_it_was_read_from(tmp_path):
    for label, name in enumerate(("a b", "\u00e9, c/below")):
        for i in range(20):
            save(tmp_path / name / f"{i}.png", np.full((4, 4), 100 * label + i))
    read = read_splits(
        lambda: load_pictures(tmp_path, (4, 4), 1, test_fraction=0.15), "load_data.py"
    )
    for split in (read.train, read.valid, read.read_test()):
        assert len(split.files) == len(split.labels)
        for file, picture in zip(split.files, split.inputs[0], strict=True):
            np.testing.assert_array_equal(
                read_picture(tmp_path / file, (4, 4), 1), picture
            )


def test_examples_that_a_loader_changed_name_no_files(folder):
    read = read_splits(lambda: load_pictures(folder, SIZE)[::-1], "load_data.py")
    assert read.train.files is None
