"""Results hang neither on keras.json nor on what code tells Keras by the way."""

import json

import keras
import pytest

from xnas.errors import TaskError
from xnas.training import numerics
from xnas.training.numerics import PINNED, pin_numerics

OTHER = {"floatx": "float64", "image_data_format": "channels_first", "epsilon": 1e-3}


@pytest.fixture(autouse=True)
def as_before():
    yield
    for name, pinned in PINNED.items():
        getattr(keras.config, f"set_{name}")(pinned)
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("name", OTHER)
def test_what_keras_json_says_is_overruled(name, tmp_path, monkeypatch):
    (tmp_path / "keras.json").write_text(json.dumps(OTHER))
    monkeypatch.setattr(numerics, "keras_home", lambda: str(tmp_path))
    getattr(keras.config, f"set_{name}")(OTHER[name])
    keras.utils.clear_session()  # the policy follows from the type until it is set
    pin_numerics()
    assert {one: getattr(keras.config, one)() for one in PINNED} == PINNED
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("file", [None, "", "[]", json.dumps(PINNED)])
@pytest.mark.parametrize("name", OTHER)
def test_what_code_says_is_refused(name, file, tmp_path, monkeypatch):
    if file is not None:
        (tmp_path / "keras.json").write_text(file)
    monkeypatch.setattr(numerics, "keras_home", lambda: str(tmp_path))
    getattr(keras.config, f"set_{name}")(OTHER[name])
    with pytest.raises(TaskError, match=rf"keras\.config\.set_{name}\(.* was called"):
        pin_numerics()


def test_a_policy_that_code_sets_is_refused_with_the_setting_that_does_it():
    keras.config.set_dtype_policy("mixed_float16")
    with pytest.raises(TaskError, match=r'hyperparameters\(precision="mixed_bf'):
        pin_numerics()
