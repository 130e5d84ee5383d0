"""What new-task writes works at once."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from xnas.errors import TaskError
from xnas.names import program
from xnas.new_task.pictures import common_size
from xnas.new_task.problems import LARGEST_BATCH, SMALLEST_BATCH, batch_size
from xnas.tasks import load_task_data
from xnas.tasks.suspicions import suspicions


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def blobs(size=60, features=4, classes=3):
    rng = np.random.default_rng(0)
    y = np.arange(size) % classes
    X = rng.normal(size=(size, features))
    X[np.arange(size), y] += 3
    return X * 50 + 20, y


def gray(size=40, side=6):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (size, side, side)).astype(np.uint8)


def load_and_build(load, name):
    problem = load(name)
    data = load_task_data(problem)
    space = problem.build_space()
    assert space.input_shape == data.input_shapes
    assert space.output_shape == (data.n_outputs,)
    for choice in (0, -1):
        space.set_ops([range(len(n.ops))[choice] for n in space.variable_nodes])
        assert space.create_model().output_shape == (None, data.n_outputs)
    return problem, data


def test_a_folder_becomes_a_task(new, load, pictures, capsys):
    assert new("flowers", "--from-folder", pictures) == 0
    problem, data = load_and_build(load, "flowers")
    assert problem.class_names == ["Hunde äöü", "red cats"]
    assert data.label_form == "integer"
    assert data.input_shapes[0][2] == 3
    assert (data.train_size, data.valid_size) == (10, 2)
    assert set(data.valid.labels) == {0, 1}
    out = capsys.readouterr().out
    assert "12 colour pictures: 10 to train, 2 to validate" in out
    assert "red cats: 6" in out
    assert "2 other files skipped" in out
    assert out.endswith(
        f"  {program()} check --problem experiments.flowers.problem.Problem "
        "--max-evals 64\n"
        f"  {program()} nas nsga2 --problem experiments.flowers.problem.Problem "
        "--evaluator process --max-evals 64 --population-size 16\n"
    )


def test_training_pictures_are_normalized_with_what_was_measured(new, load, pictures):
    new("flowers", "--from-folder", pictures)
    problem, data = load_and_build(load, "flowers")
    X = np.asarray(problem.preprocessing_function(np.float32(data.train.inputs[0])))
    np.testing.assert_allclose(X.mean(axis=(0, 1, 2)), 0, atol=1e-3)
    np.testing.assert_allclose(X.std(axis=(0, 1, 2)), 1, atol=1e-3)


def test_gray_pictures_have_one_channel(new, load, draw, tmp_path, capsys):
    draw(tmp_path / "data", ["a", "b"], gray=True)
    new("shades", "--from-folder", "data")
    assert load_and_build(load, "shades")[1].input_shapes[0][2] == 1
    assert "12 gray pictures" in capsys.readouterr().out


def test_one_coloured_picture_makes_all_coloured(new, load, draw, tmp_path):
    draw(tmp_path / "data", ["a", "b"], gray=True)
    draw(tmp_path / "data", ["c"], count=2)
    new("shades", "--from-folder", "data")
    assert load_and_build(load, "shades")[1].input_shapes[0][2] == 3


def test_a_size_that_is_asked_for_is_used(new, load, pictures):
    new("flowers", "--from-folder", pictures, "--size", "10,14")
    assert load_and_build(load, "flowers")[1].input_shapes == [(10, 14, 3)]


@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 5000)), min_size=1))
def test_the_common_size_is_what_a_laptop_can_search(sizes):
    assert all(8 <= side <= 64 for side in common_size(np.array(sizes)))


def test_the_common_size_is_the_median_where_that_is_small():
    assert common_size(np.array([[20, 30], [24, 10], [400, 31]])) == (24, 30)
    assert common_size(np.array([[3000, 4000]])) == (48, 64)


@given(st.integers(1, 10**7))
@settings(max_examples=200)
def test_batches_are_powers_of_two_that_leave_enough_steps(n_train):
    size = batch_size(n_train)
    assert size & (size - 1) == 0
    assert SMALLEST_BATCH <= size <= LARGEST_BATCH
    if SMALLEST_BATCH < size < LARGEST_BATCH:
        assert 40 <= n_train / size < 80


@pytest.mark.parametrize("shape", ["8", "12,10,1", "8,8,3"])
def test_a_shape_alone_becomes_a_task_to_fill_in(new, load, shape, tmp_path):
    assert new("blank", "--input-shape", shape, "--classes", "3") == 0
    _, data = load_and_build(load, "blank")
    assert data.input_shapes == [tuple(int(word) for word in shape.split(","))]
    assert set(data.train.labels) == set(data.valid.labels) == {0, 1, 2}
    assert "REPLACE" in (tmp_path / "experiments/blank/load_data.py").read_text()


def test_placeholder_data_can_be_learned(new, load):
    from xnas.training.loop import fresh_session, train

    new("blank", "--input-shape", "6,6,1", "--classes", "2")
    problem, data = load_and_build(load, "blank")
    fresh_session(0)
    space = problem.build_space()
    space.set_ops([1] * 6)
    result = train(space.create_model(), problem.training_settings(), data, seed=0)
    assert result.history["val_acc"][-1] > 0.8


def test_keras_files_keep_their_test_pair_for_tests(new, load, arrays, capsys):
    X, y = gray(), np.arange(40, dtype=np.uint8) % 4
    path = arrays(x_train=X, y_train=y, x_test=X[:9], y_test=y[:9])
    new("mnist_like", "--from-npz", path)
    problem, data = load_and_build(load, "mnist_like")
    assert data.input_shapes == [(6, 6, 1)]
    assert (data.train_size, data.valid_size) == (32, 8)
    assert len(data.read_test().labels) == 9
    assert problem.class_names == ["0", "1", "2", "3"]
    assert "32 to train, 8 to validate, 9 to test" in capsys.readouterr().out


def test_one_hot_labels_get_the_loss_that_wants_them(new, load, arrays):
    X, y = gray(), np.arange(40) % 4
    new("rows", "--from-npz", arrays(X=X / 255, y=np.eye(4)[y]))
    problem, data = load_and_build(load, "rows")
    assert problem.loss_function == "categorical_crossentropy"
    assert data.label_form == "one-hot"


def test_features_are_standardized_and_get_dense_layers(new, load, arrays):
    X, y = blobs()
    new("table", "--from-npz", arrays(X=X, y=y.astype(float)))
    problem, data = load_and_build(load, "table")
    np.testing.assert_allclose(data.train.inputs[0].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.train.inputs[0].std(axis=0), 1, atol=1e-5)
    assert data.train.labels.dtype == np.int64
    names = [node.name for node in problem.build_space().variable_nodes]
    assert {"layer_0", "layer_1", "skip_1"} <= set(names)


def test_names_as_labels_become_the_classes(new, load, arrays):
    X, y = blobs()
    new("table", "--from-npz", arrays(X=X, y=np.array(["b", 'a "c"', "d"])[y]))
    assert load_and_build(load, "table")[0].class_names == ['a "c"', "b", "d"]


@pytest.mark.parametrize("pictures", [False, True])
def test_real_labels_make_a_regression(new, load, arrays, capsys, pictures):
    X = gray(60) if pictures else blobs()[0]
    new("amounts", "--from-npz", arrays(X=X, y=blobs()[0][:, 0]))
    problem, data = load_and_build(load, "amounts")
    assert problem.objective_name == "-val_loss__last"
    assert problem.loss_function == "mean_squared_error"
    assert (data.label_form, data.n_outputs) == ("real", 1)
    np.testing.assert_allclose(data.train.labels.std(), 1, rtol=1e-5)
    out = capsys.readouterr().out
    assert re.search(r"nas nsga2 .* --multiobjective-explainability false\n$", out)


def test_several_targets_are_predicted_together(new, load, arrays):
    X, _ = blobs()
    new("amounts", "--from-npz", arrays(X=X, y=X[:, :2]))
    assert load_and_build(load, "amounts")[1].n_outputs == 2


def test_experiments_is_made_once_and_shared(new, tmp_path):
    for name in ("one", "two"):
        new(name, "--input-shape", "4", "--classes", "2")
    root = tmp_path / "experiments"
    assert sorted(path.name for path in root.iterdir()) == ["__init__.py", "one", "two"]


def waves(shape=(64, 1), size=60):
    rng = np.random.default_rng(0)
    return rng.normal(5, 3, (size, *shape)), np.arange(size) % 3


@pytest.mark.parametrize("shape", [(64, 1), (1, 64), (64, 1, 1), (64, 1, 3)])
def test_one_sided_examples_are_series(new, load, arrays, capsys, shape):
    X, y = waves(shape)
    new("waves", "--from-npz", arrays(X=X, y=y))
    problem, data = load_and_build(load, "waves")
    assert data.input_shapes == [(64, 3 if 3 in shape else 1)]
    assert problem.augmentation is None
    assert suspicions(data, problem) == []
    space = problem.build_space()
    space.set_ops([0] * space.num_nodes)
    convolutions = [
        layer for layer in space.create_model().layers if "conv1d" in layer.name
    ]
    assert len(convolutions) == 4
    assert "taken for series of 64 steps" in capsys.readouterr().out


def test_what_may_be_pictures_or_series_is_asked_for(new, load, arrays):
    X, y = waves((36, 9))
    path = arrays(X=X, y=y)
    with pytest.raises(TaskError, match="--kind pictures or --kind series"):
        new("unsure", "--from-npz", path)
    for kind, shape in (
        ("series", (36, 9)),
        ("pictures", (36, 9, 1)),
        ("features", (324,)),
    ):
        new(f"of_{kind}", "--from-npz", path, "--kind", kind)
        assert load_and_build(load, f"of_{kind}")[1].input_shapes == [shape]


def test_pictures_of_one_row_are_never_cropped_away(new, load, arrays):
    X, y = waves()
    new("rows", "--from-npz", arrays(X=X, y=y), "--kind", "pictures")
    problem, data = load_and_build(load, "rows")
    assert problem.augmentation is None
    assert data.input_shapes == [(64, 1, 1)]


@pytest.mark.parametrize("source", ["folder", "npz"])
def test_there_is_a_part_to_test_where_there_are_enough(
    new, load, draw, arrays, tmp_path, capsys, source
):
    X, y = blobs(40, classes=2)
    where = draw(tmp_path / "data", ["a", "b"], 20) if source == "folder" else None
    new("tested", f"--from-{source}", where or arrays(X=X, y=y))
    _, data = load_and_build(load, "tested")
    sizes = data.train_size, data.valid_size, len(data.read_test().labels)
    assert sizes == (28, 6, 6)
    assert set(data.read_test().labels) == {0, 1}
    assert "28 to train, 6 to validate, 6 to test" in capsys.readouterr().out


def test_no_example_is_in_two_parts(new, load, arrays):
    X, y = blobs(90)
    new("apart", "--from-npz", arrays(X=X, y=y))
    _, data = load_and_build(load, "apart")
    parts = (data.train, data.valid, data.read_test())
    rows = np.concatenate([part.inputs[0] for part in parts])
    assert len(np.unique(rows, axis=0)) == 90


def test_the_share_to_test_can_be_asked_for_and_declined(new, load, arrays, pictures):
    X, y = blobs(90)
    path = arrays(X=X, y=y)
    for name, share, count in (("none", "0", None), ("half", "0.5", 45)):
        new(name, "--from-npz", path, "--test-share", share)
        read = load_and_build(load, name)[1].read_test
        assert (read and len(read().labels)) == count
    new("few", "--from-folder", pictures, "--test-share", "0.15")
    assert len(load_and_build(load, "few")[1].read_test().labels) == 2


def test_too_few_to_test_are_told(new, load, pictures, capsys):
    new("flowers", "--from-folder", pictures)
    assert load_and_build(load, "flowers")[1].read_test is None
    out = capsys.readouterr().out
    assert "None to test: of the smallest class there are 6 examples" in out
    assert "One of 2 validation examples is 0.5 of accuracy" in out


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_values_in_16_bit_files_are_scaled_by_their_range(
    new, load, tmp_path, capsys, bits
):
    top = 2**bits - 1
    values = np.linspace(0, top, 256).round().astype(np.uint16).reshape(16, 16)
    for name in "ab":
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(2):
            Image.fromarray(values).save(tmp_path / "data" / name / f"{i}.png")
    new("deep", "--from-folder", "data")
    _, data = load_and_build(load, "deep")
    assert len(np.unique(data.train.inputs[0])) == 256
    told = f"4 of them have more than 8 bits a channel: their values go from 0 to {top}"
    assert told in capsys.readouterr().out


def test_pictures_of_several_frames_are_counted(new, load, draw, tmp_path, capsys):
    draw(tmp_path / "data", ["a", "b"])
    frames = [Image.new("RGB", (6, 6), colour) for colour in ("red", "blue", "green")]
    new("still", "--from-folder", "data")
    assert "frames" not in capsys.readouterr().out
    for name in ("1.gif", "2.png", "3.webp", "4.tiff"):
        file = tmp_path / "data" / "a" / f"moving{name}"
        frames[0].save(file, save_all=True, append_images=frames[1:])
    new("moving", "--from-folder", "data")
    told = "4 of them have several frames or pages, of which the first one is the"
    assert told in capsys.readouterr().out


def test_classes_of_nearly_one_name_are_told_and_kept(
    new, load, draw, tmp_path, capsys
):
    draw(tmp_path / "data", ["Cat", "cat"])
    new("cats", "--from-folder", "data")
    assert load_and_build(load, "cats")[0].class_names == ["Cat", "cat"]
    assert "nearly the same name" in capsys.readouterr().out
