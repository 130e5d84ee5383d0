"""``check`` finds what is wrong with a task, in one sentence, and tells what it saw."""

import itertools
import os
import shlex
import signal
import sys
import textwrap

import pytest

from xnas.cli import check_task, main, make_parser
from xnas.cli.check_report import Estimated, Timed
from xnas.nas_deephyper.evaluator import expected_workers
from xnas.results import load
from xnas.training.epochs import Trial

FILES = {
    "load_data.py": """
        import numpy as np
        from sklearn.model_selection import train_test_split

        rng = np.random.default_rng(0)
        X = rng.random((80, 8, 10, 1), dtype=np.float32)
        y = np.tile(np.arange(4), 20)

        def split(X=X, y=y):
            classes = None if y.dtype.kind == "f" and y.max() != 3 else y
            parts = train_test_split(
                X, y, test_size=0.25, stratify=classes, random_state=0
            )
            return (parts[0], parts[2]), (parts[1], parts[3])

        def stream(X, y):
            for picture, label in zip(X, y):
                yield {"input_0": picture}, label

        def streams(**changes):
            (X_train, y_train), (X_valid, y_valid) = split()
            return {
                "train_gen": lambda: stream(X_train, y_train),
                "train_size": len(y_train),
                "valid_gen": lambda: stream(X_valid, y_valid),
                "valid_size": len(y_valid),
                "types": ({"input_0": "float32"}, "int64"),
                "shapes": ({"input_0": (8, 10, 1)}, (4,)),
                **changes,
            }

        def load_data():
            return split()
        """,
    "search_space.py": """
        from xnas.search_space_common import *
        from xnas.search_space_common import nas_bench_201_search_space

        def create_search_space(input_shape, output_shape=(4,), **kwargs):
            return nas_bench_201_search_space(
                input_shape, output_shape, stack_size=1, **kwargs
            )
        """,
    "problem.py": """
        from {task}.load_data import load_data
        from {task}.search_space import create_search_space
        from xnas.problem import NaProblem

        Problem = NaProblem()
        Problem.load_data(load_data)
        Problem.search_space(create_search_space)
        Problem.hyperparameters(batch_size=16, learning_rate=0.01)
        Problem.loss("sparse_categorical_crossentropy")
        Problem.metrics(["acc"])
        Problem.objective("val_acc__last")
        """,
}
fresh = itertools.count()


@pytest.fixture
def make_task(tmp_path, monkeypatch):
    """Write a task, sound but for what is appended to or replaced in its files."""

    def make(appended=None, replaced=None, task=None):
        task = task or f"checked_task_{next(fresh)}"
        folder = tmp_path / task
        folder.mkdir()
        for name, text in FILES.items():
            text = textwrap.dedent(text).format(task=task) if "problem" in name else (
                textwrap.dedent(text)
            )  # fmt: skip
            text += textwrap.dedent((appended or {}).get(name, ""))
            for old, new in (replaced or {}).get(name, {}).items():
                assert old in text
                text = text.replace(old, new)
            (folder / name).write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        return f"{task}.problem.Problem"

    return make


@pytest.fixture
def check(capsys, monkeypatch):
    monkeypatch.setattr(check_task, "BUILD_SECONDS", 1)

    def run(problem, *flags):
        try:
            status = main(["check", "--problem", problem, *flags])
        except SystemExit as leaving:
            status = leaving.code
        return status, *capsys.readouterr()

    return run


LOADER, SPACE, TASK = FILES

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


def test_the_next_command_repeats_the_flags_that_were_checked(make_task, check):
    flags = ["--set", "num_epochs=3", "--set", "optimizer=adam", "--group-by", "label"]
    problem = make_task()
    status, out, err = check(problem, *flags)
    assert status == 0, err
    command = out.splitlines()[-1]
    for words in (
        f"nas nsga2 --problem {problem}",
        *flags[1::2][:1],
        "--group-by label",
    ):
        assert words in command
    words = shlex.split(command)[1:]
    again = make_parser(words).parse_args(words)
    assert again.hyperparameters == [("num_epochs", 3), ("optimizer", "adam")]


def test_the_next_command_searches_what_was_estimated(make_task, check):
    flags = ["--max-evals", "48", "--num-workers", "3", "--trainer", "plain"]
    status, out, err = check(make_task(), *flags)
    assert status == 0, err
    assert "A search of 48 evaluations, 3 at a time, 1 CPU(s) each, plain" in out
    command = out.splitlines()[-1]
    assert command.endswith(
        "--evaluator process --max-evals 48 --num-workers 3 --trainer plain "
        "--population-size 12"
    )


@pytest.mark.parametrize("max_evals", [1000, 1])
def test_networks_are_rehearsed_by_the_trainer_that_the_search_takes(
    make_task, check, monkeypatch, max_evals
):
    asked, made, steps = [], [], []
    choose, make_trainer = check_task.choose_trainer, check_task.make_trainer
    train = Trial.train

    def chosen(*args, **kwargs):
        asked.append(kwargs)
        return choose(*args, **kwargs)

    def noted(name, *args):
        made.append(name)
        return make_trainer(name, *args)

    def counted(trial, epoch):
        found = train(trial, epoch)
        steps.append(trial.steps[-1])
        return found

    monkeypatch.setattr(check_task, "choose_trainer", chosen)
    monkeypatch.setattr(check_task, "make_trainer", noted)
    monkeypatch.setattr(Trial, "train", counted)
    status, _, err = check(make_task(), "--max-evals", str(max_evals))
    assert status == 0, err
    n_workers = expected_workers("process", None, 1)
    assert asked == [{"max_evals": max_evals, "num_workers": n_workers}]
    assert made == ["compiled" if max_evals > 1 else "plain"]
    # 60 examples in batches of 16; the first of five networks is trained twice.
    assert steps == [1, 1, 4] * 6


def test_networks_that_diverge_while_others_train_are_a_warning(make_task, check):
    space = """
        def create_search_space(input_shape, output_shape=(4,)):
            space = KSearchSpace(input_shape, output_shape)
            flat = ConstantNode(Flatten(), name="flat")
            choice = VariableNode(name="choice")
            choice.add_op(Dense(2, kernel_initializer=Constant(1e38)))
            for units in range(3, 9):
                choice.add_op(Dense(units))
            output = ConstantNode(Dense(4, "softmax"), name="output")
            space.connect(space.input_nodes[0], flat)
            space.connect(flat, choice)
            space.connect(choice, output)
            return space
     """
    imports = {
        SPACE: {"import *\n": "import *\nfrom keras.initializers import Constant\n"}
    }
    problem = make_task({SPACE: space}, imports)
    status, out, err = check(problem, "--multiobjective-explainability", "false")
    assert status == 0, err
    (told,) = (line for line in err.splitlines() if "F_nan" in line)
    assert "warning: the loss of [0] and of 0 of 3 random networks is NaN" in told
    assert "The smallest network [0]\n  loss        nan" in out


def test_an_estimate_counts_rounds_of_typical_networks_and_what_is_around_them():
    cheap, dear, typical = (Timed(None, seconds) for seconds in (1.0, 9.0, 2.0))
    found = Estimated([cheap, dear], [typical, typical, Timed(None, 5.0)], around=20.0)
    assert found.seconds(rounds=10) == (30.0, 50.0, 110.0)


def test_objectives_are_checked_and_repeated(make_task, check):
    problem = make_task()
    objectives = "-n_parameters,val_acc__last,introspectability"
    reference = ["--reference", "n_parameters=9.5"]
    status, out, err = check(problem, "--objectives", objectives, *reference)
    assert status == 0, err
    assert f"objectives  {objectives.replace(',', ', ')}" in out
    words = shlex.split(out.splitlines()[-1])[1:]
    again = make_parser(words).parse_args(words)
    assert again.objectives == tuple(objectives.split(","))
    assert again.references == [("n_parameters", 9.5)]
    status, _, err = check(problem, "--objectives", "val_f1")
    assert status == 2
    assert "val_f1" in err
    assert "n_multiplications" in err


def test_too_large_a_time_limit_is_refused(make_task, check):
    status, _, err = check(make_task(), "--timeout", "99999999999")
    assert status == 2
    assert "--timeout" in err


def test_a_regression_whose_targets_are_all_the_same_is_told(make_task, check):
    appended, replaced = REGRESSION
    loader = {LOADER: "def load_data(): return split(y=np.full(80, 1.5))"}
    problem = make_task({**appended, **loader}, replaced)
    status, _, err = check(problem, "--multiobjective-explainability", "false")
    assert status == 2
    assert "all training targets are 1.5, expected" in err


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


def test_the_task_that_faults_are_planted_in_is_sound(
    make_task, check, tmp_path, monkeypatch
):
    problem = make_task()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = sorted(os.walk(tmp_path))
    status, out, err = check(problem)
    assert status == 0, err
    assert sorted(os.walk(tmp_path)) == before, "checking writes nothing"
    assert signal.alarm(0) == 0, "the time limit ended with the loading"
    for words in (
        "60 examples: 8 × 10 × 1 float32",
        "20 examples: 8 × 10 × 1 float32",
        "15 examples of each in training",
        "0 validation examples are training examples",
        "networks    15,625",
        "The smallest network [",
        "The largest network [0, 0, 0, 0, 0, 0]",
        "features, about",
        "an evaluation",
        "3 random networks",
        "A search of 1,000 evaluations",
        "disk ",
    ):
        assert words in out
    assert "Nothing wrong was found" in out


def test_streams_are_as_good_as_arrays(make_task, check):
    loader = {LOADER: "def load_data(): return streams()"}
    flags = ["--multiobjective-explainability", "false"]
    status, out, err = check(make_task(loader), *flags)
    assert status == 0, err
    assert "60 examples: 8 × 10 × 1 float32" in out
    assert "introspectability" not in out


REGRESSION = (
    {LOADER: "def load_data(): return split(y=X.mean(axis=(1, 2)))"},
    {
        TASK: {
            "sparse_categorical_crossentropy": "mse",
            '["acc"]': '["mae"]',
            "learning_rate=0.01": "learning_rate=0.01, optimizer='adam'",
            "val_acc__last": "-val_mae__last",
            "create_search_space)": "create_search_space, regression=True)",
        },
        SPACE: {"output_shape=(4,)": "output_shape=(1,)"},
    },
)


def test_a_regression_is_refused_for_introspectability_with_the_reason(
    make_task, check
):
    status, _, err = check(make_task(*REGRESSION))
    assert status == 2
    assert "introspectability compares classes" in err
    assert "--multiobjective-explainability false" in err


def test_several_labels_an_example_are_no_regression(make_task, check):
    appended = {
        LOADER: """
            def load_data():
                labels = np.eye(4)[y] + np.eye(4)[(y + 1) % 4]
                return (X[:60], labels[:60]), (X[60:], labels[60:])
         """
    }
    losses = {"sparse_categorical_crossentropy": "binary_crossentropy"}
    metrics = {'["acc"]': '["binary_accuracy"]', "val_acc__": "val_binary_accuracy__"}
    problem = make_task(appended, {TASK: {**losses, **metrics}})
    status, out, err = check(problem)
    assert status == 2
    assert "predicts several labels each, while introspectability compares" in err
    # What the loss of several labels is for: data are told before anything trains.
    flags = ["--multiobjective-explainability", "false", "--max-evals", "1"]
    status, out, err = check(problem, *flags)
    assert status == 0, err
    assert "labels      4, of which an example has any number (multi-label)" in out


def test_a_regression_is_searched_with_one_objective(make_task, check, tmp_path):
    problem = make_task(*REGRESSION)
    flags = ["--multiobjective-explainability", "false"]
    status, out, err = check(problem, *flags)
    assert status == 0, err
    assert f"--problem {problem} --multiobjective-explainability false" in out
    assert "--evaluator process" in out
    more = ["--log-dir", str(tmp_path / "run"), "--evaluator", "serial"]
    more += ["--max-evals", "2", "--population-size", "2", "--seed", "1"]
    assert main(["nas", "nsga2", "--problem", problem, *flags, *more]) == 0
    table = (tmp_path / "run" / "results.csv").read_text()
    assert "objective_1" not in table
    assert "F_" not in table


def test_one_sigmoid_unit_is_searched_for_introspectability(make_task, check, tmp_path):
    space = """
        from keras import layers

        def create_search_space(input_shape, output_shape=(1,)):
            space = KSearchSpace(input_shape, output_shape)
            choice = VariableNode(name="choice")
            for filters in (2, 3):
                choice.add_op(Operation(layers.Conv2D(filters, 3)))
            flat = ConstantNode(Flatten(), name="flat")
            output = ConstantNode(Dense(1, "sigmoid"), name="output")
            space.connect(space.input_nodes[0], choice)
            space.connect(choice, flat)
            space.connect(flat, output)
            return space
     """
    loader = "def load_data(): return split(X * (y % 2)[:, None, None, None], y % 2)"
    loss = {TASK: {"sparse_categorical_crossentropy": "binary_crossentropy"}}
    named = {SPACE: space, LOADER: loader, TASK: 'Problem.classes(["dark", "light"])'}
    problem = make_task(named, loss)
    status, out, err = check(problem, "--max-evals", "1")
    assert status == 0, err
    assert "classes     2, labels binary" in out
    folder = tmp_path / "run"
    more = ["--log-dir", str(folder), "--evaluator", "serial", "--max-evals", "1"]
    assert main(["nas", "nsga2", "--problem", problem, *more, "--seed", "1"]) == 0
    run = load(folder)
    assert run.objectives[0].reference == 0.5
    assert run.infos["class_names"] == ["dark", "light"]
    assert (folder / "report.html").exists()
    assert not any(one.failure for one in run.records)


def test_what_check_finds_suspicious_is_a_warning_of_a_search(
    make_task, tmp_path, capsys
):
    problem = make_task({LOADER: "def load_data(): return (X, y), (X[:20], y[:20])"})
    flags = ["--evaluator", "serial", "--max-evals", "1", "--population-size", "2"]
    flags += ["--log-dir", str(tmp_path / "run"), "--seed", "1"]
    assert main(["nas", "nsga2", "--problem", problem, *flags]) == 0
    assert "warning: " in (err := capsys.readouterr().err)
    assert "all 20 validation examples are training examples" in err
