"""Exports give the same predictions as the Keras model."""

import importlib
import importlib.util

import keras
import numpy as np
import pytest
import tensorflow as tf

from xnas.errors import UsageError
from xnas.final_training import verified
from xnas.final_training.exports import export_model, export_path
from xnas.final_training.exports_check import check_exports
from xnas.final_training.folder import OutputFolder
from xnas.final_training.plain_model import examples, plain_model, save_model
from xnas.training.data import TaskData
from xnas.training.initial import fresh_network
from xnas.training.split import Split

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


def task_of(name):
    module = importlib.import_module(f"experiments.{name}.problem")
    return module.Problem


@pytest.mark.parametrize(
    ("task", "shape", "n_classes"),
    [
        ("mnist", (28, 28, 1), 10),
        ("cifar10", (32, 32, 3), 10),
        ("imagenet", (16, 16, 3), 120),
        ("lines", (12, 12, 1), 4),
    ],
)
def test_all_files_of_a_task_take_its_raw_examples(task, shape, n_classes, tmp_path):
    """Each is run by its own runtime as it is written, or refused."""
    problem = task_of(task)
    rng = np.random.default_rng(0)
    raw = rng.integers(0, 256, (4, *shape), np.uint8)
    split = Split((raw,), np.arange(4))
    data = TaskData(split, split, n_classes, "integer", problem.preprocessing_function)
    space = problem.build_space(
        {"input_shape": shape, "output_shape": (n_classes,)},
        stack_size=1,
        filter_scale_factor=0.125,
    )
    network = fresh_network(space, [0, 4, 2, 3, 1, 4], 0)
    model, folder = plain_model(network, data), OutputFolder(tmp_path)
    inputs = examples(model, data)
    save_model(model, folder.model, inputs)
    for format_ in ("saved-model", "onnx"):
        if format_ != "onnx" or importlib.util.find_spec("onnxruntime"):
            export_model(model, folder, format_, inputs)
    batch = next(iter(data.validation_batches(4)))[0]
    np.testing.assert_allclose(
        model(raw.astype(np.float32)), network(batch, training=False), atol=1e-5
    )


@pytest.mark.parametrize("format_", ["keras", "saved-model", "onnx"])
@pytest.mark.parametrize("said", [np.ones((4, 3)), np.ones(3), ValueError("no such")])
def test_a_file_that_predicts_something_else_is_refused(
    format_, said, tmp_path, monkeypatch
):
    def run(path, model, inputs):
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setitem(verified._RUNTIMES, format_, run)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
    path = tmp_path / "model.onnx"
    path.touch()
    with pytest.raises(UsageError, match=r"model\.onnx was not written, as it "):
        verified.check_file(path, format_, model, verified.made_up(model))


def test_a_refused_export_leaves_nothing_and_the_older_file(tmp_path, monkeypatch):
    wrong = {"saved-model": lambda *_: np.zeros((4, 3))}
    monkeypatch.setattr(verified, "_RUNTIMES", wrong)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
    folder = OutputFolder(tmp_path)
    older = export_path(folder, "saved-model") / "older"
    older.mkdir(parents=True)
    with pytest.raises(UsageError, match="without --export saved-model"):
        export_model(model, folder, "saved-model")
    assert [p.relative_to(tmp_path).name for p in tmp_path.rglob("*")] == [
        "saved_model",
        "older",
    ]


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
    with pytest.raises(UsageError, match=r"tf2onnx .* pip install .*onnx"):
        check_exports(["saved-model", "onnx"])
