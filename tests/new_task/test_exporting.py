"""What is trained on a folder of pictures is written in every format."""

import importlib.util

import keras
import numpy as np
import pytest

from xnas.final_training.exports import export_model, export_path
from xnas.final_training.folder import OutputFolder
from xnas.final_training.plain_model import examples, plain_model, save_model
from xnas.tasks import load_task_data, space_of
from xnas.training.initial import fresh_network

pytestmark = pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_all_files_of_a_folder_of_pictures_take_its_pictures(
    new, load, pictures, tmp_path
):
    assert new("flowers", "--from-folder", pictures) == 0
    problem = load("flowers")
    data = load_task_data(problem)
    space = space_of(problem, data)
    network = fresh_network(space, [0, 4, 2, 3, 1, 4], 0)
    model, folder = plain_model(network, data), OutputFolder(tmp_path / "trained")
    folder.root.mkdir()
    inputs = examples(model, data)
    # Each is loaded by its own runtime, and refused if that predicts anything else.
    save_model(model, folder.model, inputs)
    export_model(model, folder, "saved-model", inputs)
    if importlib.util.find_spec("onnxruntime"):
        export_model(model, folder, "onnx", inputs)
        assert export_path(folder, "onnx").stat().st_size
    raw = data.valid.inputs[0][:2].astype(np.float32)
    expected = model.predict(raw, verbose=0)
    loaded = keras.models.load_model(folder.model)
    np.testing.assert_allclose(loaded.predict(raw, verbose=0), expected, atol=1e-5)
