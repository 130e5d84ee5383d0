"""The contract of ``load_data``: both forms are read, every breach is one sentence."""

import numpy as np
import pytest
import tensorflow as tf

from xnas.errors import TaskError
from xnas.tasks import load_task_data

X = np.arange(48, dtype=np.float32).reshape(12, 4)
Y = np.arange(12) % 3
ONE_HOT = np.eye(3, dtype=np.float32)[Y]


def arrays(X_train=X, y_train=Y, X_valid=X[:6], y_valid=Y[:6]):
    return (X_train, y_train), (X_valid, y_valid)


def changed(array, index, value):
    array = array.copy()
    array[index] = value
    return array


def generators(**changes):
    """Python generators of two inputs, as the dictionary form has them."""

    def examples(start, stop):
        for i in range(start, stop):
            yield {"input_0": X[i], "input_1": X[i, :2]}, Y[i]

    form = {
        "train_gen": lambda: examples(0, 8),
        "train_size": 8,
        "valid_gen": lambda: examples(8, 12),
        "valid_size": 4,
        "types": ({"input_0": "float32", "input_1": "float32"}, "int32"),
        "shapes": ({"input_0": (4,), "input_1": (2,)}, (3,)),
    }
    return {key: v for key, v in {**form, **changes}.items() if v is not None}


def datasets(labels=Y, label_type="int32"):
    def make(start, stop):
        pairs = ({"input_0": X[start:stop]}, labels[start:stop])
        return lambda: tf.data.Dataset.from_tensor_slices(pairs)

    return {
        "train_gen": make(0, 8),
        "train_size": 8,
        "valid_gen": make(8, 12),
        "valid_size": 4,
        "types": ({"input_0": "float32"}, label_type),
        "shapes": ({"input_0": (4,)}, (3,)),
    }


@pytest.fixture
def load(make_problem):
    """Load what a loader returns, for a space without shapes of its own."""
    from xnas.space import AutoKSearchSpace, Dense, VariableNode

    def space(input_shape, output_shape):
        space = AutoKSearchSpace(input_shape, output_shape)
        for i, before in enumerate(space.input_nodes):
            node = VariableNode(f"node_{i}")
            node.add_op(Dense(4))
            node.add_op(Dense(5))
            space.connect(before, node)
        return space

    def run(returned, loss="sparse_categorical_crossentropy", **methods):
        problem = make_problem(lambda: returned, space)
        problem.loss(loss)
        for method, argument in methods.items():
            getattr(problem, method)(argument)
        return load_task_data(problem)

    return run


def collect(dataset):
    """All inputs, one array or a dictionary of them, and all labels."""
    batches = list(dataset)
    join = lambda *parts: np.concatenate(parts)  # noqa: E731
    return tf.nest.map_structure(join, *[tuple(batch) for batch in batches])


@pytest.mark.parametrize(
    ("returned", "loss", "form"),
    [
        (arrays(), "sparse_categorical_crossentropy", "integer"),
        (
            arrays(y_train=ONE_HOT, y_valid=ONE_HOT[:6]),
            "categorical_crossentropy",
            "one-hot",
        ),
        (datasets(), "sparse_categorical_crossentropy", "integer"),
        (datasets(ONE_HOT, "float32"), "categorical_crossentropy", "one-hot"),
    ],
)
def test_arrays_and_datasets_are_read_with_either_kind_of_label(
    load, returned, loss, form
):
    data = load(returned, loss)
    assert data.label_form == form
    assert data.n_outputs == 3
    assert data.input_shapes == [(4,)]
    assert data.is_classification
    found, labels = collect(data.validation_batches(4))
    start = 0 if isinstance(returned, tuple) else 8
    np.testing.assert_array_equal(found, X[start : start + len(found)])
    assert labels.shape == ((len(found),) if form == "integer" else (len(found), 3))


def test_python_generators_of_several_inputs_are_read(load):
    data = load(generators())
    assert data.input_shapes == [(4,), (2,)]
    assert (data.train_size, data.valid_size) == (8, 4)
    found, labels = collect(data.validation_batches(3))
    np.testing.assert_array_equal(found["input_0"], X[8:])
    np.testing.assert_array_equal(found["input_1"], X[8:, :2])
    np.testing.assert_array_equal(labels, Y[8:])


@pytest.mark.parametrize(
    "inputs",
    [
        [X, X[:, :2]],
        (X, X[:, :2]),
        {"input_1": X[:, :2], "input_0": X},
    ],
)
def test_several_inputs_come_as_a_list_or_by_name(load, inputs):
    assert load(((inputs, Y), (inputs, Y))).input_shapes == [(4,), (2,)]


def test_an_endless_stream_is_read_up_to_its_size(load):
    def endless():
        while True:
            yield {"input_0": X[0], "input_1": X[0, :2]}, 1

    assert load(generators(train_gen=endless)).train_size == 8


def test_test_examples_are_read_when_asked_for(load):
    calls = []

    def test_gen():
        calls.append(1)
        yield {"input_0": X[0], "input_1": X[0, :2]}, 2

    data = load(generators(test_gen=test_gen, test_size=1))
    assert not calls
    found, labels = collect(data.tested().validation_batches(4))
    np.testing.assert_array_equal(found["input_0"], X[:1])
    np.testing.assert_array_equal(labels, [2])
    third = load((*arrays(), (X[:2], Y[:2])))
    assert len(collect(third.tested().validation_batches(4))[1]) == 2
    assert load(arrays()).tested() is None


def test_wrong_test_examples_are_told_when_asked_for(load):
    data = load((*arrays(), (X[:2], Y[:2] + 7)))
    with pytest.raises(TaskError, match=r"test label 7 found, expected 0 to 2"):
        data.tested()


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "returned NoneType, expected .*X_train"),
        (X, "returned ndarray, expected"),
        ((X, Y), r"returned \(ndarray, ndarray\), expected"),
        (((X, Y),), r"returned \(\(ndarray, ndarray\)\), expected"),
        (((X, Y), (X, Y, Y)), r"\(ndarray, ndarray, ndarray\)\), expected"),
        (((3, 4), (3, 4)), r"a pair \(int, int\), expected arrays"),
        ((([X, [X[0]]], Y), (X, Y)), "expected"),
        (arrays(y_train=Y[:-1]), "12 training inputs found for 11 labels"),
        (arrays(X_valid=X[:5]), "5 validation inputs found for 6 labels"),
        (arrays(X[:0], Y[:0]), "no training examples found"),
        (arrays(X_valid=X[:0], y_valid=Y[:0]), "no validation examples found"),
        (arrays(changed(X, (3, 1), np.nan)), "NaN or infinity .* training inputs"),
        (
            arrays(X_valid=changed(X[:6], (5, 3), np.inf)),
            "NaN or infinity .* validation inputs",
        ),
        (arrays(np.full((12, 4), "a")), "inputs of type <U1 found, expected real"),
        (arrays(X * 1j), "inputs of type complex64 found, expected real"),
        (arrays(X_valid=X[:6, :3]), r"shape \[\(3,\)\] found, expected \[\(4,\)\]"),
        (arrays(y_valid=Y[:6] - 1), "validation label -1 found, expected 0 to 2"),
        (arrays(y_train=ONE_HOT), "labels are float32 .* integers .*, or the loss c"),
        (arrays(y_train=Y.astype(float)), "labels are float64 of shape .*integers"),
        (arrays(y_train=Y.astype(str)), "labels of type <U21 found, expected real"),
        (generators(shapes=None, types=None), "without types, shapes, expected"),
        (generators(valid_size=None), "without valid_size, expected"),
        (generators(test_gen=list), "without test_size, expected"),
        (generators(types="float32"), "types is 'float32', expected a form such as"),
        (generators(shapes=((4,), (3,))), "shapes is .* expected a form such as"),
        (
            generators(types=({"input_0": "float32"}, "int32")),
            r"types names the inputs \['input_0'\] and shapes .* expected the same",
        ),
        (
            generators(types=({"input_0": "real", "input_1": "real"}, "int32")),
            "types holds 'real', expected the name of a NumPy type",
        ),
        (
            generators(shapes=({"input_0": "four", "input_1": (2,)}, (3,))),
            "shapes holds 'four', expected a tuple",
        ),
        (generators(train_size=0), "train_size is 0, expected a whole number"),
        (generators(train_size=2.5), r"train_size is 2\.5, expected a whole number"),
        (generators(train_size=9), "train_gen ended after 8 examples, .* = 9"),
        (generators(train_gen=lambda: iter([])), "train_gen ended after 0 examples"),
        (generators(train_gen=3), "train_gen failed after 0 examples: TypeError"),
        (generators(train_gen=lambda: 1 / 0), "train_gen failed .*ZeroDivisionError"),
        (generators(train_gen=lambda: iter([X])), "train_gen gives ndarray, expected"),
        (
            generators(train_gen=lambda: iter([({"input_0": X[0]}, 1)])),
            r"gives the inputs \['input_0'\], expected",
        ),
        (
            generators(shapes=({"input_0": (5,), "input_1": (2,)}, (3,))),
            r"gives inputs of shapes \[\(4,\), \(2,\)\], expected \[\(5,\), \(2,\)\]",
        ),
        (
            generators(
                valid_gen=lambda: iter(
                    [({"input_0": X[0], "input_1": X[0, :2]}, ONE_HOT[0, :2])]
                )
            ),
            r"valid_gen gives labels of shape \(2,\), expected \(3,\)",
        ),
        (
            generators(shapes=({"input_0": (4,), "input_1": (2,)}, (2,))),
            "training label 2 found, expected 0 to 1",
        ),
    ],
)
def test_a_breach_is_one_sentence_naming_the_file(load, returned, message):
    with pytest.raises(TaskError, match=message) as raised:
        load(returned)
    text = str(raised.value)
    assert text.startswith(__file__)
    assert "\n" not in text


def test_a_loader_that_fails_is_named(make_problem):
    def load_data():
        raise FileNotFoundError("digits.npz")

    with pytest.raises(TaskError, match=r"test_data\.py: load_data failed: .*digits"):
        load_task_data(make_problem(load_data))


@pytest.mark.parametrize("labels", [Y, changed(ONE_HOT, (3, 1), 1), ONE_HOT * 0.5])
def test_a_categorical_loss_wants_one_hot_labels(load, labels):
    with pytest.raises(TaskError, match="expected one-hot rows"):
        load(arrays(y_train=labels, y_valid=ONE_HOT[:6]), "categorical_crossentropy")


def test_real_targets_become_columns(load):
    data = load(
        arrays(y_train=X[:, 0], y_valid=X[:6, 0]),
        "mse",
        objective="val_loss",
        metrics=["mae"],
    )
    assert (data.label_form, data.n_outputs) == ("real", 1)
    assert collect(data.validation_batches(4))[1].shape == (6, 1)


def test_pictures_that_do_not_fit_the_space_are_told(make_problem):
    problem = make_problem(lambda: arrays())
    with pytest.raises(
        TaskError, match=r"inputs have shapes \[\(4,\)\], .* takes \[\(6,\)\]"
    ):
        load_task_data(problem)


def test_classes_that_do_not_fit_the_space_are_told(make_problem):
    wide = np.zeros((12, 6), np.float32)
    problem = make_problem(lambda: arrays(wide, ONE_HOT[:, :2], wide, ONE_HOT[:, :2]))
    problem.loss("mse")
    with pytest.raises(TaskError, match=r"have 2 targets, .* predicts 3"):
        load_task_data(problem)


def test_class_names_that_do_not_fit_the_data_are_told(make_problem):
    problem = make_problem()
    problem.classes(["one", "two"])
    with pytest.raises(TaskError, match=r"have 3 classes, .* names 2"):
        load_task_data(problem)


@pytest.mark.parametrize(
    ("method", "function", "message"),
    [
        ("preprocessing", lambda x: x / 0, "NaN or infinity .* after preprocessing"),
        ("preprocessing", lambda x: x @ x, "preprocessing failed: "),
        ("augment", lambda x: x[:, :2], r"augment makes .* \[\(2,\)\], expected"),
        ("augment", lambda x: x["input_0"], "augment failed: "),
    ],
)
def test_functions_on_batches_are_tried_before_anything_trains(
    load, method, function, message
):
    with pytest.raises(TaskError, match=rf"test_data\.py: .*{message}"):
        load(arrays(), **{method: function})


def test_preprocessing_may_change_the_shape_that_the_space_sees(load):
    data = load(arrays(), preprocessing=lambda x: tf.reshape(x, (-1, 2, 2)))
    assert data.input_shapes == [(2, 2)]


def test_the_order_of_training_batches_follows_the_seed(load):
    data = load(arrays())
    orders = [
        tuple(collect(data.training_examples.shuffled(5, epochs=1, seed=seed))[0][:, 0])
        for seed in (0, 0, 1)
    ]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2]) == X[:, 0].tolist()


def test_loading_leaves_the_arrays_as_they_are(load):
    before = X.copy()
    load(arrays(), augment=lambda x: x + 1)
    np.testing.assert_array_equal(X, before)
