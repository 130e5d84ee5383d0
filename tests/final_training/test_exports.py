"""Exports give the same predictions as the Keras model."""

import importlib.util

import keras
import numpy as np
import pytest
import tensorflow as tf

from xnas.errors import UsageError
from xnas.final_training.exports import export_model, export_path
from xnas.final_training.exports_check import check_exports
from xnas.final_training.folder import OutputFolder

pytestmark = pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


def build(problem, choices):
    keras.utils.set_random_seed(0)
    space = problem.build_space()
    space.set_ops(choices)
    return space.create_model()


@pytest.fixture(params=["digits", "pairs"])
def model(request):
    if request.param == "digits":
        from experiments.digits.problem import Problem

        return build(Problem, [0, 1, 2, 4, 3, 4])
    from experiments.pairs.problem import Problem

    return build(Problem, [0, 3, 1, 0])


@pytest.fixture
def inputs(model):
    rng = np.random.default_rng(0)
    return [rng.random((5, *t.shape[1:]), dtype=np.float32) for t in model.inputs]


def test_a_saved_model_predicts_the_same(model, inputs, tmp_path):
    names = [tensor.name for tensor in model.inputs]
    X = dict(zip(names, inputs, strict=True)) if len(names) > 1 else inputs[0]
    folder = OutputFolder(tmp_path)
    export_model(model, folder, "saved-model")
    loaded = tf.saved_model.load(str(export_path(folder, "saved-model")))
    np.testing.assert_allclose(loaded.serve(X), model.predict(X, verbose=0), atol=1e-6)


def test_onnx_predicts_the_same(model, inputs, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    names = [tensor.name for tensor in model.inputs]
    X = dict(zip(names, inputs, strict=True)) if len(names) > 1 else inputs[0]
    folder = OutputFolder(tmp_path)
    export_model(model, folder, "onnx")
    session = runtime.InferenceSession(export_path(folder, "onnx"))
    assert [entry.name for entry in session.get_inputs()] == names
    feed = dict(zip(names, inputs, strict=True))
    (found,) = session.run(None, feed)
    np.testing.assert_allclose(found, model.predict(X, verbose=0), atol=1e-5)


def test_an_export_takes_the_place_of_an_older_one(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    folder = OutputFolder(tmp_path)
    stale = export_path(folder, "saved-model") / "stale"
    stale.mkdir(parents=True)
    export_model(model, folder, "saved-model")
    assert not stale.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["saved_model"]


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    check_exports([])
    check_exports(["saved-model"])
    with pytest.raises(
        UsageError, match=r"tf2onnx .* pip install -r requirements-onnx"
    ):
        check_exports(["saved-model", "onnx"])
