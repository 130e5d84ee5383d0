"""``check`` finds what is wrong with a task, and tells it in one sentence."""

import sys

import pytest
from sound_task import LOADER, SPACE, TASK

# name of the fault: what is appended or replaced, flags, words of the sentence
FAULTS = {
    "wrong keys": (
        {LOADER: """
            def load_data():
                loaded = streams()
                loaded["validation_gen"] = loaded.pop("valid_gen")
                return loaded
         """}, {}, [], [LOADER, "without valid_gen", "expected"],
    ),
    "float labels": (
        {LOADER: "def load_data(): return split(y=y.astype(float))"}, {}, [],
        [LOADER, "float64", "expected integers"],
    ),
    "one-hot labels for integers": (
        {LOADER: "def load_data(): return split(y=np.eye(4)[y])"}, {}, [],
        [LOADER, "expected integers", "categorical_crossentropy"],
    ),
    "integer labels for one-hot": (
        {}, {TASK: {"sparse_categorical": "categorical"}}, [],
        [LOADER, "expected one-hot", "sparse_categorical_crossentropy"],
    ),
    "channels first": (
        {LOADER: "def load_data(): return split(np.moveaxis(X, -1, 1))"}, {}, [],
        [LOADER, "(1, 8, 10)", "expected (8, 10, 1)", "np.moveaxis"],
    ),
    "unscaled pictures": (
        {LOADER: "def load_data(): return split(X * 255)"}, {}, [],
        [LOADER, "between 0", "expected a few units", "Normalize"],
    ),
    "unscaled bytes": (
        {LOADER: "def load_data(): return split((X * 255).astype('uint8'))"}, {}, [],
        [LOADER, "255", "Normalize"],
    ),
    "class missing in training": (
        {LOADER: "def load_data(): return split(y=y % 3)"}, {}, [],
        [LOADER, "1 of 4 classes", "training", "labels 3", "expected"],
    ),
    "data split in order of class": (
        {LOADER: """
            def load_data():
                order = np.argsort(y)
                first, last = order[:60], order[60:]
                return (X[first], y[first]), (X[last], y[last])
         """}, {}, [], [LOADER, "labels 3", "training", "stratified"],
    ),
    "validation out of training": (
        {LOADER: "def load_data(): return (X, y), (X[:20], y[:20])"}, {}, [],
        [LOADER, "all 20 validation examples", "expected others", "split"],
    ),
    "shapes that differ from the space's": (
        {}, {SPACE: {"(input_shape, output": "(input_shape=(8, 8, 1), output"}}, [],
        [LOADER, "(8, 10, 1)", "(8, 8, 1)"],
    ),
    "shapes that differ from what is declared": (
        {LOADER: """
            def load_data():
                return streams(shapes=({"input_0": (10, 8, 1)}, (4,)))
         """}, {}, [], [LOADER, "(8, 10, 1)", "expected [(10, 8, 1)]"],
    ),
    "generator that ends early": (
        {LOADER: "def load_data(): return streams(train_size=600)"}, {}, [],
        [LOADER, "train_gen ended after 60", "train_size = 600"],
    ),
    "generator that never ends": (
        {LOADER: """
            def forever():
                while True:
                    yield from stream(X[:60], y[:60])

            def load_data():
                return streams(train_gen=forever)
         """}, {}, [], [LOADER, "train_gen goes on", "expected it to end"],
    ),
    "generator that never begins": (
        {LOADER: """
            def stuck():
                while True:
                    pass
                yield

            def load_data():
                return streams(train_gen=stuck)
         """}, {}, ["--timeout", "1"],
        [LOADER, "line", "still running after 1 s", "--timeout"],
    ),
    "exception in a generator": (
        {LOADER: """
            def broken():
                yield from stream(X[:7], y[:7])
                raise OSError("lost the disk")

            def load_data():
                return streams(train_gen=broken)
         """}, {}, [], [LOADER, "train_gen failed after 7", "lost the disk"],
    ),
    "no loss": (
        {}, {TASK: {'Problem.loss("sparse_categorical_crossentropy")\n': ""}}, [],
        [LOADER, "no loss", "Problem.loss(...)"],
    ),
    "unknown metric": (
        {}, {TASK: {'["acc"]': '["accurateness"]'}}, [],
        [TASK, "line", "accurateness", "expected"],
    ),
    "objective that names no metric": (
        {}, {TASK: {"val_acc__last": "val_f1__last"}}, [],
        [TASK, "line", "val_f1__last", "expected one of"],
    ),
    "objective of another form": (
        {}, {TASK: {"val_acc__last": "val_acc__best"}}, [],
        [TASK, "val_acc__best", "expected"],
    ),
    "space without a path": (
        {SPACE: """
            def create_search_space(input_shape, output_shape=(4,)):
                space = KSearchSpace(input_shape, output_shape)
                nothing = VariableNode(name="nothing")
                nothing.add_op(Zero())
                output = ConstantNode(Dense(4, "softmax"), name="output")
                space.connect(space.input_nodes[0], nothing)
                space.connect(nothing, output)
                return space
         """}, {}, [], [SPACE, "no network", "expected some", "connect"],
    ),
    "layers that do not fit each other": (
        {SPACE: """
            def create_search_space(input_shape, output_shape=(4,)):
                space = KSearchSpace(input_shape, output_shape)
                choice = VariableNode(name="choice")
                choice.add_op(Dense(3))
                output = ConstantNode(Dense(4, "softmax"), name="output")
                space.connect(space.input_nodes[0], choice)
                space.connect(choice, output)
                return space
         """}, {}, [], [SPACE, "(8, 10, 4)", "expected"],
    ),
    "nothing to look at": (
        {SPACE: """
            def create_search_space(input_shape, output_shape=(4,)):
                space = KSearchSpace(input_shape, output_shape)
                flat = ConstantNode(Flatten(), name="flat")
                choice = VariableNode(name="choice")
                choice.add_op(Dense(3))
                choice.add_op(Dense(4))
                output = ConstantNode(Dense(4), name="output")
                space.connect(space.input_nodes[0], flat)
                space.connect(flat, choice)
                space.connect(choice, output)
                return space
         """}, {}, [], [SPACE, "neither convolutions nor activation", "expected one"],
    ),
    "not a number in the data": (
        {LOADER: "def load_data(): return split(np.where(X > 0.99, np.nan, X))"}, {},
        [], [LOADER, "NaN or infinity", "expected finite"],
    ),
    "loss that explodes": (
        {}, {TASK: {"learning_rate=0.01": "learning_rate=1e30"}}, [],
        [TASK, "loss", "after a few steps", "lower learning_rate"],
    ),
    "callback that cannot tell whether more is better": (
        {TASK: """
            def spread(labels, predictions):
                return predictions[:, 0]

            Problem.metrics(["acc", spread])
            stopping = {"EarlyStopping": {"monitor": "val_spread"}}
            Problem.hyperparameters(callbacks=stopping)
         """}, {}, ["--trainer", "plain"], [TASK, "EarlyStopping", "val_spread"],
    ),
    "names of other classes": (
        {TASK: 'Problem.classes(["a", "b", "c"])'}, {}, [], ["4 classes", "names 3"],
    ),
    "similarity of other classes": (
        {TASK: "import numpy as np\nProblem.similarity(np.ones((3, 3)))"}, {},
        ["--explainability-type", "activations-weighted"],
        [LOADER, "3 classes", "expected 4"],
    ),
    "no similarity": (
        {}, {}, ["--explainability-type", "activations-weighted"],
        ["--explainability-type", "expected a call of Problem.similarity"],
    ),
    "similarity that fails": (
        {TASK: "Problem.similarity(lambda: 1 / 0)"}, {},
        ["--explainability-type", "activations-weighted"],
        [TASK, "similarity failed", "division"],
    ),
    "classes that are not ImageNet's": (
        {TASK: 'Problem.classes(["a", "b", "c", "d"])'}, {},
        ["--explainability-type", "activations-imagenet"],
        ["imagenet_resized", "other classes (a, b, c"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_told_in_one_sentence(make_task, check, fault):
    appended, replaced, flags, words = FAULTS[fault]
    status, _, err = check(make_task(appended, replaced), *flags)
    told = [line for line in err.splitlines() if line.startswith("deephyper_xnas")]
    told = [line for line in told if "warning: " not in line]
    assert status == 2, err
    assert len(told) == 1, err
    assert "Traceback" not in err
    for word in words:
        assert word in told[0]


def test_a_folder_with_the_name_of_a_module_is_told(
    make_task, check, tmp_path, monkeypatch
):
    problem = make_task(task="colorsys")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p != str(tmp_path)])
    status, _, err = check(problem)
    assert status == 2
    for word in ("--problem", "folder", "colorsys", "rename"):
        assert word in err.splitlines()[-1]
