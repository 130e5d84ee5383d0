"""What a loader of one's own returns is taken as it is, refused, or remarked upon."""

import re

import numpy as np
import pytest

from xnas.errors import TaskError
from xnas.problem import NaProblem
from xnas.search_space_common import ConstantNode, Dense, Flatten, KSearchSpace
from xnas.tasks import load_task_data
from xnas.tasks.suspicions import coarse_validation, remarks, suspicions
from xnas.training.images import RandomCrop

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype(np.float32)
Y = np.arange(60) % 3
SPARSE = "sparse_categorical_crossentropy"


def load(examples, labels, loss=SPARSE, augment=None):
    """Load two thirds to train and one third to validate."""
    return load_all(
        lambda: ((examples[:40], labels[:40]), (examples[40:], labels[40:])),
        np.shape(examples)[1:],
        loss,
        augment,
    )


def load_all(load_data, shape, loss=SPARSE, augment=None):
    def create_search_space(input_shape=shape, output_shape=(3,)):
        space = KSearchSpace(input_shape, output_shape)
        flat = ConstantNode(Flatten(), name="flat")
        output = ConstantNode(Dense(3, "softmax"), name="output")
        space.connect(space.input_nodes[0], flat)
        space.connect(flat, output)
        return space

    problem = NaProblem()
    problem.load_data(load_data)
    problem.search_space(create_search_space)
    if augment:
        problem.augment(augment)
    problem.hyperparameters(batch_size=8, learning_rate=0.1, num_epochs=1)
    is_classes = "categorical" in loss
    problem.loss(loss)
    problem.metrics(["acc" if is_classes else "mae"])
    problem.objective("val_acc__last" if is_classes else "-val_loss__last")
    return load_task_data(problem), problem


def generators(examples, labels, types=("float32", "int32")):
    def stream():
        yield from zip(examples, labels, strict=True)

    n = len(labels)
    return lambda: {
        "train_gen": stream,
        "train_size": n,
        "valid_gen": stream,
        "valid_size": n,
        "types": ({"input_0": types[0]}, types[1]),
        "shapes": ({"input_0": (4,)}, (3,)),
    }


@pytest.mark.parametrize("part", [0, 1])
def test_masked_values_are_counted_and_refused(part):
    arrays = [X, Y]
    arrays[part] = np.ma.masked_array(arrays[part], arrays[part] > 1)
    with pytest.raises(TaskError, match=r"\d+ masked values"):
        load(*arrays)
    with pytest.raises(TaskError, match=r"train_gen gives \d masked values"):
        load_all(generators(*arrays), (4,))


def test_an_array_that_could_be_masked_but_is_not_is_read():
    data, _ = load(np.ma.masked_array(X), np.ma.masked_array(Y))
    np.testing.assert_array_equal(data.train.inputs[0], X[:40])


@pytest.mark.parametrize(
    ("examples", "word"),
    [
        (X + 1j, "complex64"),
        (X.astype(object), "object"),
        (X.astype(str), "<U"),
        (X.astype("M8[s]"), "datetime64"),
        (X.astype(np.longdouble), "float"),
        (X.astype(np.float64) * 1e60, "float32"),
        (np.where(X > 1, np.inf, X), "infinity"),
    ],
)
def test_what_training_would_change_in_silence_is_refused(examples, word):
    with pytest.raises(TaskError, match=re.escape(word)):
        load(examples, Y)


@pytest.mark.parametrize(
    "change", [np.asfortranarray, lambda a: a.astype(">f4"), lambda a: a.astype("f8")]
)
def test_order_in_memory_and_precision_change_nothing(change):
    data, _ = load(change(X), Y.astype(">i2"))
    found = np.asarray(data.some_inputs(40, augmented=False)[0])
    np.testing.assert_array_equal(found, X[:40])


@pytest.mark.parametrize(
    ("examples", "labels", "types"),
    [
        (X + 1j, Y, ("float32", "int32")),
        (X.astype(str), Y, ("float32", "int32")),
        (X, Y + 0.5, ("float32", "int32")),
        (X, Y + 2**40, ("float32", "int32")),
        (X, Y + 300, ("float32", "uint8")),
        (X, Y, ("uint8", "int32")),
        (X, np.where(Y == 1, np.nan, Y), ("float32", "int32")),
    ],
)
def test_examples_that_their_declared_types_do_not_hold_are_refused(
    examples, labels, types
):
    with pytest.raises(TaskError, match="types says does not hold"):
        load_all(generators(examples, labels, types), (4,))


def test_examples_that_their_declared_types_hold_are_converted():
    make = generators(X.astype(np.float64), Y.astype(float), ("float32", "int32"))
    data, _ = load_all(make, (4,))
    np.testing.assert_array_equal(data.train.inputs[0], X)
    np.testing.assert_array_equal(data.train.labels, Y)


def several_labels():
    return (RNG.random((60, 3)) > 0.5).astype(np.float32)


def test_several_labels_an_example_are_named_whatever_the_loss():
    with pytest.raises(TaskError, match="multi-label training labels found"):
        load(X, several_labels(), "categorical_crossentropy")
    (told,) = suspicions(*load(X, several_labels(), "mse"))
    assert "multi-label training labels found" in told


def test_several_labels_with_the_loss_for_them_are_meant():
    assert suspicions(*load(X, several_labels(), "binary_crossentropy")) == []


@pytest.mark.parametrize("targets", [X[:, :3], np.eye(3)[Y]])
def test_amounts_and_single_classes_are_not_taken_for_several_labels(targets):
    assert suspicions(*load(X, targets, "mse")) == []


def test_augmentation_that_leaves_nothing_of_examples_is_found():
    series = RNG.normal(size=(60, 64, 1, 1)).astype(np.float32)
    (told,) = suspicions(*load(series, Y, augment=RandomCrop(1)))
    share = int(re.search(r"leaves nothing of (\d+)%", told)[1])
    assert 45 < share < 85  # of three positions, two show the padding alone
    assert "images.py" in told


def test_augmentation_that_leaves_examples_is_not_suspected():
    pictures = RNG.normal(size=(60, 8, 8, 1)).astype(np.float32)
    pictures[::2] = 0  # empty from the start
    assert suspicions(*load(pictures, Y, augment=RandomCrop(1))) == []


def test_bytes_that_hold_few_levels_are_found():
    pictures = RNG.integers(0, 16, (60, 8, 8, 1)).astype(np.uint8)
    (told,) = suspicions(*load(pictures, Y))
    assert "bytes up to 15 of 255" in told


def test_it_is_said_where_one_example_is_more_than_good_networks_differ_by():
    (told,) = coarse_validation(40)
    assert "One of 40 validation examples is 0.025 of accuracy" in told
    assert coarse_validation(200) == []
    data, _ = load(X, Y)
    assert remarks(data) == coarse_validation(20)
    assert remarks(load(X, X[:, :3], "mse")[0]) == []
