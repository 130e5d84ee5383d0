"""Explainers are found by four doors, and are objectives or recorded."""

import json
import subprocess
import sys

import numpy as np
import pytest
from small_spaces import pictures_task

from xnas.declarations.explainers import Explainer
from xnas.declarations.objectives import resolve_objectives
from xnas.errors import EvaluationError, TaskError, UsageError
from xnas.evaluation.built_in import built_in_explainers
from xnas.evaluation.explainers import find_explainers
from xnas.evaluation.output import explain
from xnas.evaluation.rehearsal import rehearse
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trainer import PlainTrainer
from xnas.nas_deephyper import nas_run
from xnas.objectives import INTROSPECTABILITY, LAYER_MEAN
from xnas.records import Candidate
from xnas.results import RunFolder, read_gram
from xnas.scores import introspectability_from_gram, layer_mean_from_gram
from xnas.tasks import load_task_data
from xnas.workers.worker import Task, Work, evaluate

GENOTYPE = (0, 1, 4)


def make_problem():
    return pictures_task(sizes=(24, 24))


OWN = '''
import numpy as np


def confidence(network):
    """Mean of the largest probability on the validation data."""
    found = [network.predict(x).max(axis=1) for x, _ in network.batches("valid")]
    return np.mean(np.concatenate(found))


def jumpiness(network):
    """Mean size of the gradient of the largest probability."""
    import tensorflow as tf

    x, _ = next(iter(network.batches("valid")))
    gradient = network.gradient(x, lambda p: tf.reduce_max(p, axis=1))
    return abs(gradient).mean()


jumpiness.maximize = False
jumpiness.reference = 1.0


def depth(network):
    return len(network.keras_model().layers)


def two_arguments(network, more):
    return 0.0
'''
ENTRY_POINTS = """
[xnas.explainers]
own-depth = own_explainers:depth
"""
PATH = "own_explainers.jumpiness"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Add a package's file of explainers, as if it was installed."""
    (tmp_path / "own_explainers.py").write_text(OWN)
    metadata = tmp_path / "own_explainers-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: own-explainers\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("own_explainers", None)


@pytest.fixture(scope="module")
def problem():
    return make_problem()


def run(problem, objectives, log_dir=None, **settings):
    made = RunSettings("none", 7, log_dir, objectives=tuple(objectives), **settings)
    return nas_run.run({"arch_seq": list(GENOTYPE), "job_id": 0}, made, problem)


@pytest.mark.parametrize("trainer", ["plain", "compiled"])
def test_explainers_are_objectives_through_every_door(own, trainer):
    from own_explainers import confidence

    problem = make_problem()
    problem.explainability(confidence)
    names = ("confidence", PATH, "own-depth", LAYER_MEAN, INTROSPECTABILITY)
    found = run(problem, ("val_acc__last", *names), trainer=trainer)
    _, sure, jumps, depth, layer_mean, score = found["objective"]
    assert 1 / 3 < sure <= 1
    assert jumps < 0, "what is minimised is stored negated"
    assert depth > 10
    assert 0 < layer_mean < 2
    assert 0 < score < 2
    assert found["metadata"].keys() == {
        *("n_parameters", "training_time", "introspectability", "xai_time")
    }


def test_directions_and_references_are_the_functions_own(own):
    problem = make_problem()
    problem.explainability(lambda n: 0.0, name="calm", maximize=False, reference=3.0)
    names = ["val_acc__last", "calm", f"{PATH}", "own-depth", f"-{LAYER_MEAN}"]
    found = resolve_objectives(
        names,
        n_classes=3,
        metrics=problem.history_keys,
        explainers=find_explainers(names, problem),
    )
    assert [one.text for one in found] == [
        *("val_acc__last", "-calm", f"-{PATH}", "own-depth", f"-{LAYER_MEAN}")
    ]
    assert [one.reference for one in found] == [1 / 3, 3.0, 1.0, None, 0.0]


def test_names_of_metrics_are_no_explainers(problem):
    names = ["val_acc__last", "-n_parameters", INTROSPECTABILITY]
    found = find_explainers(names, problem)
    assert found.keys() == {LAYER_MEAN, *built_in_explainers()}


def test_a_tasks_own_explainer_wins_over_a_shipped_one_of_its_name():
    problem = make_problem()
    problem.explainability(lambda network: 0.5, name="sparsity")
    own = problem.explainers[0]
    assert find_explainers(["sparsity"], problem)["sparsity"] is own


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.at.all", "the explainer is 'nowhere.at.all', but there is no module"),
        ("own_explainers.lost", "defines no 'lost'"),
        ("own_explainers.OWN.x", "there is no module"),
        ("own_explainers.two_arguments", "expected a function of \\(network\\)"),
        ("own_explainers.__name__", "expected a function"),
    ],
)
def test_what_is_no_explainer_is_refused_by_name(own, problem, name, message):
    with pytest.raises(UsageError, match=message):
        find_explainers([name], problem)


def test_names_that_mean_something_already_are_refused(problem):
    for name in (INTROSPECTABILITY, LAYER_MEAN, "n_parameters"):
        with pytest.raises(ValueError, match="means something already"):
            problem.explainability(lambda network: 0.0, name=name)


def test_finding_explainers_loads_no_framework(own):
    code = """
import sys
from xnas.evaluation.explainers import find_explainers
from xnas.problem import NaProblem
found = find_explainers(["own-depth", "own_explainers.jumpiness"], NaProblem())
print(len(found), *sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    count, *modules = done.stdout.split()
    assert count == str(3 + len(built_in_explainers()))
    assert not {"tensorflow", "keras", "deephyper", "ray"} & set(modules)


class TestRecording:
    def test_the_mean_of_layers_is_recorded_wherever_activations_are_scored(
        self, problem, tmp_path
    ):
        folder = RunFolder(tmp_path / "run")
        folder.claim()
        names = ("val_acc__last", INTROSPECTABILITY)
        found = run(problem, names, str(folder.root))
        gram = read_gram(folder.gram(0))
        expected = layer_mean_from_gram(gram.gram)
        assert found["metadata"][LAYER_MEAN] == pytest.approx(expected, abs=1e-9)
        expected = introspectability_from_gram(gram.gram, gram.classes)
        assert found["objective"][1] == pytest.approx(expected, abs=1e-9)
        assert found["metadata"][INTROSPECTABILITY] == found["objective"][1]
        assert (
            json.loads(folder.history(0).read_text())["val_acc"][-1]
            == (found["objective"][0])
        )

    @pytest.mark.parametrize(
        ("settings", "recorded"),
        [
            ({"objectives": ("val_acc__last", INTROSPECTABILITY)}, [LAYER_MEAN]),
            ({"objectives": None}, [LAYER_MEAN]),
            (
                {"objectives": ("val_acc__last",), "record": (INTROSPECTABILITY,)},
                [INTROSPECTABILITY, LAYER_MEAN],
            ),
            ({"objectives": ("val_acc__last",)}, []),
            ({"objectives": ("val_acc__last", LAYER_MEAN)}, []),
            ({"objectives": (f"-{LAYER_MEAN}", INTROSPECTABILITY)}, []),
            ({"objectives": None, "explainability_type": LAYER_MEAN}, []),
            (
                {"objectives": ("val_acc__last",), "record": (LAYER_MEAN, "val_loss")},
                [LAYER_MEAN, "val_loss"],
            ),
        ],
    )
    def test_it_is_recorded_once(self, settings, recorded):
        assert RunSettings("none", 0, **settings).recorded == tuple(recorded)

    def test_introspectability_may_be_the_mean_of_layers(self, problem):
        names = ("val_acc__last", LAYER_MEAN, INTROSPECTABILITY)
        found = run(problem, names, explainability_type=LAYER_MEAN)["objective"]
        assert found[1] == found[2]

    def test_all_names_are_recorded_as_measured(self, problem):
        names = ("-val_loss__min", "-n_multiplications", "training_time")
        record = ("val_acc__max", "n_multiplications", "lr", "val_loss__min")
        found = run(problem, names, record=record)
        metadata = found["metadata"]
        loss, products, seconds = found["objective"]
        assert loss == -metadata["val_loss__min"] < 0
        assert products == -metadata["n_multiplications"] < -100
        assert seconds == -metadata["training_time"] < 0
        assert 0 <= metadata["val_acc__max"] <= 1
        assert "xai_time" not in metadata
        assert "introspectability" not in metadata

    def test_a_name_that_is_nothing_is_refused(self, problem):
        with pytest.raises(ValueError, match="objective is 'beauty', expected one of"):
            run(problem, ("val_acc__last", "beauty"))


def broken(network):
    """Fail."""
    return 1 / (network.n_parameters * 0)


def not_a_number(network):
    """Return NaN."""
    return float("nan")


FAILING = {
    "broken": broken,
    "text": lambda network: "much",
    "many": lambda network: np.ones(3),
    "yes": lambda network: True,
    "nothing": lambda network: None,
    "endless": lambda network: np.inf,
    "nan": not_a_number,
}


@pytest.fixture(scope="module")
def failing():
    problem = make_problem()
    for name, function in FAILING.items():
        problem.explainability(function, name=name)
    problem.explainability(lambda network: -np.inf, name="lowest")
    return problem


def evaluated(problem, objectives, record=()):
    """Evaluate as a worker does."""
    settings = RunSettings("none", 7, objectives=objectives, record=record)
    kwargs = {"settings": settings, "problem": problem}
    work = Work(nas_run.run, kwargs, objectives=len(objectives))
    candidate = Candidate(4, GENOTYPE)
    return evaluate(work, Task(candidate, {"arch_seq": list(GENOTYPE)}))


class TestFailures:
    @pytest.mark.parametrize("name", FAILING)
    def test_as_an_objective_it_costs_the_evaluation(self, failing, name, capfd):
        found = evaluated(failing, ("val_acc__last", name))
        assert found.failure == ("F_nan" if name == "nan" else "F_exception")
        log = capfd.readouterr().err
        assert f"explainer {name!r}" in log
        assert name != "broken" or "1 / (network.n_parameters * 0)" in log

    def test_recorded_it_lacks_its_value_alone(self, failing, capfd):
        record = (INTROSPECTABILITY, *FAILING, "lowest")
        found = evaluated(failing, ("val_acc__last",), record)
        assert found.failure is None
        assert {found.metadata[name] for name in FAILING} == {None}
        assert found.metadata["lowest"] == -np.inf
        assert found.metadata[INTROSPECTABILITY] > 0
        log = capfd.readouterr().err
        for name in FAILING:
            assert f"explainer {name!r}" in log

    def test_the_worst_value_is_a_value(self, failing):
        found = evaluated(failing, ("val_acc__last", "lowest"))
        assert found.objectives[1] == -np.inf

    def test_an_infinity_that_nothing_could_beat_is_told_by_name(self, failing, capfd):
        found = evaluated(failing, ("val_acc__last", "-lowest"))
        assert found.failure == "F_exception"
        assert "the objective -lowest is -inf, expected" in capfd.readouterr().err

    def test_a_dry_run_names_it(self, failing):
        data = load_task_data(failing)
        settings = RunSettings("none", 0, objectives=("val_acc__last", "broken"))
        trainer = PlainTrainer(failing, data=data)
        with pytest.raises(TaskError, match="explainer 'broken' failed: ZeroDivision"):
            rehearse(trainer, GENOTYPE, failing, data, settings, None)

    def test_infinity_counts_where_less_is_better(self):
        worst = Explainer("size", lambda network: np.inf, maximize=False)
        assert explain(worst, None) == np.inf
        best = Explainer("size", lambda network: -np.inf, maximize=False)
        with pytest.raises(EvaluationError, match="'size' returned -inf, expected a"):
            explain(best, None)


def test_a_worker_that_was_prepared_loads_nothing_more(monkeypatch):
    problem = make_problem()
    settings = RunSettings("none", 7)
    nas_run.run.prepare(settings=settings, problem=problem)
    monkeypatch.setattr(nas_run, "make_trainer", None)
    monkeypatch.setattr(nas_run, "explainers_of_run", None)
    job = {"arch_seq": list(GENOTYPE), "job_id": 0}
    assert len(nas_run.run(job, settings, problem)["objective"]) == 2
