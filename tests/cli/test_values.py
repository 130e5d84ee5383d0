"""Values of flags."""

import argparse

import pytest

from xnas.cli import values


@pytest.mark.parametrize("text", ["0", "-3", "1.5", "ten", "", "1e3", "nan", "٣"])
def test_a_count_is_a_positive_whole_number(text):
    with pytest.raises(argparse.ArgumentTypeError, match="whole number"):
        values.whole_number(1)(text)


def test_a_count_within_its_limits_is_taken():
    assert values.whole_number(0, 7)("7") == 7
    with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 7"):
        values.whole_number(0, 7)("8")


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "0", "x"])
def test_a_duration_is_finite_and_above_zero(text):
    with pytest.raises(argparse.ArgumentTypeError, match="above 0"):
        values.number(positive=True)(text)


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("False", False), ("TRUE", True)]
)
def test_booleans_are_words_in_any_case(text, value):
    assert values.boolean(text) is value


@pytest.mark.parametrize("text", ["yes", "1", "", "truee"])
def test_other_words_are_no_booleans(text):
    with pytest.raises(argparse.ArgumentTypeError, match="true or false"):
        values.boolean(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("2K", 2048),
        ("512MB", 512 * 2**20),
        ("1.5GiB", 3 * 2**29),
        ("4g", 2**32),
    ],
)
def test_memory_sizes_count_by_1024(text, size):
    assert values.memory_size(text) == size


@pytest.mark.parametrize("text", ["0", "-1G", "G", "4X", "much"])
def test_other_texts_are_no_memory_sizes(text):
    with pytest.raises(argparse.ArgumentTypeError, match="such as 4G"):
        values.memory_size(text)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("num_epochs=1", ("num_epochs", 1)),
        ("learning_rate=0.1", ("learning_rate", 0.1)),
        ("optimizer=adam", ("optimizer", "adam")),
        ("verbose=true", ("verbose", True)),
        ("name=a=b", ("name", "a=b")),
    ],
)
def test_settings_are_json_where_they_can_be(text, pair):
    assert values.setting(text) == pair


@pytest.mark.parametrize("text", ["num_epochs", "=1", "a b=1", ""])
def test_a_setting_needs_a_name_and_a_value(text):
    with pytest.raises(argparse.ArgumentTypeError, match="NAME=VALUE"):
        values.setting(text)


@pytest.mark.parametrize("flag", ["--objectives", "--record", "--reference", "--pick"])
def test_a_name_with_a_minus_may_come_first(flag):
    assert values.joined([flag, "-a=1", "-v"]) == [f"{flag}=-a=1", "-v"]
