"""``check`` passes tasks of all forms that are sound, and tells what it saw."""

import os
import signal
import sys

from sound_task import LOADER, SPACE, TASK

from xnas.cli import main
from xnas.results import load

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


def test_a_regression_whose_targets_are_all_the_same_is_told(make_task, check):
    appended, replaced = REGRESSION
    loader = {LOADER: "def load_data(): return split(y=np.full(80, 1.5))"}
    problem = make_task({**appended, **loader}, replaced)
    status, _, err = check(problem, "--multiobjective-explainability", "false")
    assert status == 2
    assert "all training targets are 1.5, expected" in err


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
