"""What ``problem.py`` may say, and what the rest gets to know of it."""

import json
import pickle
import subprocess
import sys

import cloudpickle
import numpy as np
import pytest

from xnas.errors import TaskError, UsageError
from xnas.problem import NaProblem
from xnas.search_space_common import nas_bench_201_search_space
from xnas.space import KSearchSpace
from xnas.tasks import load_task_data, space_of
from xnas.training.images import RandomCrop


def load_data(size=8):
    X = np.zeros((size, 6, 6, 1), np.float32)
    return (X, np.arange(size) % 3), (X, np.arange(size) % 3)


def create_search_space(input_shape=(6, 6, 1), output_shape=(3,), stack_size=1):
    return nas_bench_201_search_space(input_shape, output_shape, stack_size=stack_size)


@pytest.fixture
def problem():
    problem = NaProblem()
    problem.load_data(load_data, size=12)
    problem.search_space(create_search_space, stack_size=2)
    problem.hyperparameters(batch_size=4, num_epochs=2)
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    return problem


def stacks(space):
    return sum("edge_0" in node.name for node in space.mime_nodes) + 1


@pytest.mark.parametrize(
    ("method", "arguments", "keywords"),
    [
        ("load_data", ["data.csv"], {}),
        ("load_data", [load_data], {"colour": 1}),
        ("search_space", [None], {}),
        ("search_space", [create_search_space], {"depth": 5}),
        ("search_space", [lambda: None], {}),
        ("hyperparameters", [], {"learningrate": 0.1}),
        ("hyperparameters", [], {"learning_rate": 0}),
        ("hyperparameters", [], {"learning_rate": float("nan")}),
        ("hyperparameters", [], {"batch_size": 0}),
        ("hyperparameters", [], {"batch_size": 2.5}),
        ("hyperparameters", [], {"num_epochs": True}),
        ("hyperparameters", [], {"optimizer": "gradient_descent"}),
        ("hyperparameters", [], {"optimizer_kwargs": [0.9]}),
        ("hyperparameters", [], {"momentum": 0.9, "optimizer": "adam"}),
        ("hyperparameters", [], {"momentum": 0.9, "optimizer_kwargs": {"momentum": 0}}),
        ("hyperparameters", [], {"nesterov": "yes"}),
        ("hyperparameters", [], {"beta_1": 0.9}),
        ("hyperparameters", [], {"schedule": "linear"}),
        ("hyperparameters", [], {"weight_decay": -1}),
        ("hyperparameters", [], {"precision": "float16"}),
        ("hyperparameters", [], {"callbacks": ["EarlyStopping"]}),
        ("hyperparameters", [], {"callbacks": {"StopEarly": {}}}),
        ("hyperparameters", [], {"callbacks": {"EarlyStopping": {"wait": 3}}}),
        ("hyperparameters", [], {"callbacks": {"ReduceLROnPlateau": {}}}),
        (
            "hyperparameters",
            [],
            {"callbacks": {"EarlyStopping": {"restore_best_weights": True}}},
        ),
        ("loss", ["crossentropy_categorical"], {}),
        ("loss", [3], {}),
        ("loss", [lambda labels: labels], {}),
        ("metrics", ["acc"], {}),
        ("metrics", [["acuracy"]], {}),
        ("metrics", [[1]], {}),
        ("objective", ["val_acc__first"], {}),
        ("objective", [""], {}),
        ("objective", [7], {}),
        ("objective", ["val_auc__last"], {}),
        ("preprocessing", ["normalize"], {}),
        ("preprocessing", [lambda: None], {}),
        ("augment", [3], {}),
        ("augment", [lambda pictures, draws: pictures], {}),
        ("classes", [["one"]], {}),
        ("classes", [["one", "one"]], {}),
    ],
)
def test_a_mistake_is_told_where_it_is_made(problem, method, arguments, keywords):
    with pytest.raises((ValueError, TypeError)) as raised:
        getattr(problem, method)(*arguments, **keywords)
    message = str(raised.value)
    assert next(iter(keywords), method).removesuffix("s") in message
    assert "expected" in message
    assert "\n" not in message


def test_a_refused_call_changes_nothing(problem):
    before = problem.to_json()
    for call in (
        lambda: problem.hyperparameters(batch_size=8, num_epochs=0),
        lambda: problem.metrics(["mse"]),
        lambda: problem.objective("val_mse__last"),
    ):
        with pytest.raises(ValueError, match="expected"):
            call()
    assert problem.to_json() == before


def test_a_metric_that_counts_across_networks_is_refused(problem):
    class Counting:
        def update_state(self, labels, predictions):
            pass

    with pytest.raises(TypeError, match="counts from one network to the next"):
        problem.metrics([Counting()])


@pytest.mark.parametrize("objective", ["acc", "val_accuracy__max", "-val_loss__min"])
def test_objectives_go_by_either_name_of_the_accuracy_and_either_sign(
    problem, objective
):
    problem.objective(objective)
    problem.check_complete()
    assert problem.objective_name == objective


@pytest.mark.parametrize("missing", ["load_data", "search_space", "loss", "objective"])
def test_what_is_missing_is_named(missing):
    problem = NaProblem()
    calls = {
        "load_data": load_data,
        "search_space": create_search_space,
        "loss": "mse",
        "objective": "val_loss__last",
    }
    for method, argument in calls.items():
        if method != missing:
            getattr(problem, method)(argument)
    with pytest.raises(TaskError, match=rf"no {missing}, .* Problem\.{missing}"):
        problem.check_complete()


def test_an_objective_that_is_never_measured_is_named(problem):
    other = NaProblem()
    other.load_data(load_data)
    other.search_space(create_search_space)
    other.loss("sparse_categorical_crossentropy")
    other.objective("val_acc__last")
    with pytest.raises(TaskError, match=r"test_problem\.py.*val_acc__last.*expected"):
        other.check_complete()


def test_the_space_gets_its_keywords_and_can_be_rebuilt_with_others(problem):
    assert stacks(problem.build_space()) == 6
    assert stacks(problem.build_space(stack_size=1)) == 3
    assert stacks(problem.build_space()) == 6


def test_a_space_without_shapes_of_its_own_gets_those_of_the_data(problem):
    def without_defaults(input_shape, output_shape):
        return create_search_space(input_shape, output_shape)

    problem.search_space(without_defaults)
    shapes = {"input_shape": (5, 5, 1), "output_shape": (4,)}
    for space, size in (
        (space_of(problem), 6),
        (space_of(problem, load_task_data(problem)), 6),
        (problem.build_space(shapes, input_shape=(6, 6, 1), output_shape=(3,)), 6),
        (problem.build_space(shapes), 5),
    ):
        assert space.input_shape == [(size, size, 1)]
        assert space.output_shape == (9 - size,)
    with pytest.raises(ValueError, match="no default for input_shape and output_shape"):
        problem.build_space()


def test_shapes_of_the_data_replace_none_that_the_space_states(problem):
    shapes = {"input_shape": (5, 5, 1), "output_shape": (4,)}
    assert problem.build_space(shapes).input_shape == [(6, 6, 1)]


def test_making_a_space_that_states_its_shapes_loads_no_data(problem):
    def fail():
        raise AssertionError("data were loaded")

    problem.load_data(fail)
    assert isinstance(space_of(problem), KSearchSpace)
    assert stacks(space_of(problem, stack_size=1)) == 3


def test_a_space_function_that_fails_or_returns_something_else_is_named(problem):
    def broken(input_shape=(6, 6, 1), output_shape=(3,)):
        raise KeyError("edge")

    def empty(input_shape=(6, 6, 1), output_shape=(3,)):
        return None

    for function, found in ((broken, "KeyError: 'edge'"), (empty, "NoneType")):
        problem.search_space(function)
        with pytest.raises(TaskError, match=rf"test_problem\.py: .*{found}"):
            problem.build_space()


def test_numbers_of_numpy_are_taken_as_python_s(problem):
    problem.hyperparameters(
        batch_size=np.int64(3),
        learning_rate=np.float32(0.5),
        optimizer_kwargs={"nesterov": np.bool_(True), "momentum": np.float64(0.25)},
    )
    found = problem.hyperparameter_values
    assert (found["batch_size"], found["learning_rate"]) == (3, 0.5)
    assert found["optimizer_kwargs"] == {"nesterov": True, "momentum": 0.25}
    json.dumps(found)  # as a run records them
    other = problem.with_hyperparameters(num_epochs=np.uint8(2))
    assert type(other.hyperparameter_values["num_epochs"]) is int
    with pytest.raises(ValueError, match=r"batch_size is 2\.5, expected a whole"):
        problem.hyperparameters(batch_size=np.float32(2.5))


def test_overriding_hyperparameters_leaves_the_problem_as_it_was(problem):
    other = problem.with_hyperparameters(num_epochs=7)
    assert other.hyperparameter_values["num_epochs"] == 7
    assert other.hyperparameter_values["batch_size"] == 4
    assert problem.hyperparameter_values["num_epochs"] == 2


@pytest.mark.parametrize(
    "override", [{"epochs": 3}, {"num_epochs": "three"}, {"optimizer": 3}]
)
def test_overriding_wrongly_names_the_flag(problem, override):
    with pytest.raises(
        UsageError, match=rf"^--set: .*{next(iter(override))}.*found|is"
    ):
        problem.with_hyperparameters(**override)


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("",),
        ("val_acc__last", 3),
        ("val acc",),
        ("a,b",),
        ("--val_loss",),
        ("val_acc__last", "n_parameters", "-n_parameters"),
    ],
)
def test_objectives_are_different_names(problem, names):
    with pytest.raises(ValueError, match=r"^objectives .*expected"):
        problem.objectives(*names)
    assert problem.objective_names is None


def test_objectives_keep_their_order_and_are_described_once_stated(problem):
    assert "objectives" not in problem.to_json()
    names = ("introspectability", "-n_parameters", "val_acc__max", "my-score")
    problem.objectives(*names)
    assert problem.objective_names == names
    assert problem.to_json()["objectives"] == list(names)
    assert problem.objective_name == "val_acc__last"


def test_the_first_objective_out_of_the_history_stands_for_the_tasks_own(problem):
    other = NaProblem()
    other.load_data(load_data)
    other.search_space(create_search_space)
    other.loss("sparse_categorical_crossentropy")
    other.metrics(["acc"])
    other.objectives("introspectability", "-val_loss__min", "val_acc__last")
    other.check_complete()
    assert other.objective_name == "-val_loss__min"


@pytest.mark.parametrize(
    ("stated", "asked", "deciding"),
    [
        ((), None, "val_acc__last"),
        (("my-score", "val_loss__min", "val_acc__max"), None, "val_loss__min"),
        (
            ("val_loss__min",),
            ("n_parameters", "val_accuracy__max"),
            "val_accuracy__max",
        ),
        (("val_loss__min",), ("introspectability",), "val_acc__last"),
    ],
)
def test_the_first_metric_that_is_searched_for_decides_which_weights_are_kept(
    problem, stated, asked, deciding
):
    if stated:
        problem.objectives(*stated)
    settings = problem.training_settings(asked)
    assert settings.objective == deciding
    assert settings.objective_key in settings.history_keys
    assert settings.hyperparameters == problem.hyperparameter_values
    assert settings.loss == problem.loss_function
    assert settings.metrics == ("acc",)


def test_explainers_are_named_by_their_functions_and_described_once_stated(problem):
    def depth_of_layers(network):
        return 1.0

    assert problem.explainers == ()
    assert "explainability" not in problem.to_json()
    problem.explainability(depth_of_layers)
    problem.explainability(depth_of_layers, name="flatness", maximize=False)
    first, second = problem.explainers
    assert (first.name, first.maximize) == ("depth-of-layers", True)
    assert (second.name, second.maximize) == ("flatness", False)
    assert first.function is second.function is depth_of_layers
    described = json.loads(json.dumps(problem.to_json()))["explainability"]
    assert [one["name"] for one in described] == ["depth-of-layers", "flatness"]


def test_explainers_of_a_copy_are_its_own(problem):
    other = problem.with_hyperparameters(num_epochs=7)
    other.explainability(lambda network: 0.0, name="nothing")
    assert problem.explainers == ()


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (3, None),
        (lambda: 0.0, "nothing"),
        (lambda network: 0.0, None),
        (lambda network: 0.0, "two words"),
        (lambda network: 0.0, "-minus"),
        (lambda network: 0.0, "score__max"),
        (lambda network: 0.0, "taken"),
    ],
)
def test_an_explainer_without_a_usable_name_of_its_own_is_refused(
    problem, function, name
):
    problem.explainability(lambda network: 1.0, name="taken")
    with pytest.raises((ValueError, TypeError), match=r"^explainability.*expected"):
        problem.explainability(function, name)
    assert len(problem.explainers) == 1


def test_the_description_is_json_and_names_functions(problem):
    problem.augment(RandomCrop(padding=1))
    problem.classes("abc")
    described = json.loads(json.dumps(problem.to_json()))
    assert described["load_data"] == {"function": f"{__name__}.load_data", "size": 12}
    assert described["hyperparameters"]["num_epochs"] == 2
    assert described["augment"] == "RandomCrop(padding=1)"


def test_printing_shows_every_part_on_its_own_line(problem):
    lines = str(problem).splitlines()
    assert "  objective: val_acc__last" in lines
    assert "    num_epochs: 2" in lines
    assert f"    function: {__name__}.load_data" in lines


def test_a_problem_travels_between_processes(problem):
    problem.preprocessing(lambda batch: batch / 2)
    other = pickle.loads(cloudpickle.dumps(problem))
    assert str(other).splitlines()[:-3] == str(problem).splitlines()[:-3]
    assert isinstance(other.build_space(), KSearchSpace)


def test_stating_a_problem_loads_no_framework():
    code = "import sys, experiments.digits.problem; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"tensorflow", "keras", "deephyper"} & set(done.stdout.split())
