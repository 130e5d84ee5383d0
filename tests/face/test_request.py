"""What is asked of a search: its settings, and the objectives that follow from them."""

import json

import numpy as np
import pytest
from searching import instant

from experiments.digits.problem import Problem
from xnas.errors import UsageError
from xnas.face.objectives import choose_objectives, of_training_data
from xnas.face.request import Request, import_path, option_defaults
from xnas.face.task import choose_settings, path_of_problem
from xnas.problem import NaProblem
from xnas.searches import Option
from xnas.searches.nsga_ii import NSGAII

DIGITS = "experiments.digits.problem.Problem"
PAIR = ["val_acc__last", "introspectability"]


def chosen(problem=Problem, **given):
    request = Request.of({"problem": DIGITS, **given})
    objectives, recorded = choose_objectives(request, problem, 10)
    return [one.text for one in objectives], list(recorded)


@pytest.mark.parametrize(
    ("given", "objectives", "recorded"),
    [
        ({}, PAIR, []),
        ({"multiobjective_explainability": True}, PAIR, []),
        ({"record_mo_xai_only": True}, PAIR[:1], PAIR[1:]),
        ({"multiobjective_explainability": False}, PAIR[:1], []),
        (
            {"multiobjective_explainability": False, "record_mo_xai_only": True},
            PAIR[:1],
            [],
        ),
        ({"objectives": ["n_parameters", "val_acc__last"]},
         ["-n_parameters", "val_acc__last"], []),
        ({"objectives": "-val_loss__min,introspectability"},
         ["-val_loss__min", "introspectability"], []),
        ({"objectives": "val_acc__last", "record": "introspectability,val_loss"},
         ["val_acc__last"], ["introspectability", "val_loss"]),
        ({"objectives": "val_acc__last", "record_mo_xai_only": True},
         PAIR[:1], PAIR[1:]),
        ({"objectives": PAIR, "record": "introspectability"}, PAIR, []),
    ],
)  # fmt: skip
def test_flags_are_words_for_objectives(given, objectives, recorded):
    assert chosen(**given) == (objectives, recorded)


class _Stating(NaProblem):
    objective_names = ("introspectability", "-n_parameters")


def stating():
    problem = _Stating()
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    return problem


def test_what_the_task_states_counts_unless_flags_say_otherwise():
    assert chosen(stating())[0] == ["introspectability", "-n_parameters"]
    assert chosen(stating(), objectives="val_acc__last")[0] == ["val_acc__last"]
    assert chosen(stating(), record_mo_xai_only=True) == (PAIR[:1], PAIR[1:])
    assert chosen(stating(), multiobjective_explainability=False) == (PAIR[:1], [])


@pytest.mark.parametrize(
    "given",
    [
        {"objectives": PAIR, "multiobjective_explainability": False},
        {"objectives": PAIR, "record_mo_xai_only": True},
        {"objectives": PAIR[:1], "multiobjective_explainability": True},
        {"record": "introspectability", "multiobjective_explainability": False},
    ],
)
def test_what_contradicts_itself_is_refused_in_one_sentence(given):
    with pytest.raises(UsageError, match="says something else of introspectability"):
        chosen(**given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"objectives": "val_acc__last,val_f1"}, ["--objectives", "val_f1", "val_loss",
                                                 "n_multiplications"]),
        ({"objectives": "val_acc__last,val_acc__last"}, ["different names"]),
        ({"objectives": ()}, ["one or more"]),
        ({"record": "saliency"}, ["--record", "saliency", "introspectability"]),
        ({"references": {"n_parameters": 1e6}},
         ["--reference is given for n_parameters, expected one of val_acc"]),
    ],
)  # fmt: skip
def test_unknown_names_are_refused_listing_what_there_is(given, words):
    with pytest.raises(UsageError) as refused:
        chosen(**given)
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize("name", ["n_parameters", "-n_parameters"])
def test_references_are_as_measured_and_others_those_that_are_known(name):
    request = Request.of(
        {"objectives": "-n_parameters,val_acc__last", "references": {name: 9}}
    )
    objectives, _ = choose_objectives(request, Problem, 10)
    assert [one.reference for one in objectives] == [9, 0.1]


def test_objectives_of_training_examples_are_known_by_name():
    names = ["acc", "-val_acc__last", "loss__min", "introspectability", "n_parameters"]
    assert of_training_data(names, Problem) == ["acc", "loss__min"]


def test_run_functions_of_ones_own_may_measure_anything():
    request = Request.of({"objectives": "val_acc__last,-watts"})
    settings = choose_settings(request, Problem, check_metrics=False)
    assert settings.objectives == ("val_acc__last", "-watts")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"max_evls": 3}, ["max_evls", "max_evals", "population_size"]),
        ({"sample_size": 3}, ["sample_size is no setting of a search by nsga2"]),
        ({"search": "annealing"}, ["annealing", "nsga2"]),
        ({"evaluator": "threads"}, ["--evaluator is 'threads'"]),
        ({"group_by": "colour"}, ["--group-by is 'colour'"]),
        ({"max_evals": 0}, ["--max-evals is 0, expected above 0"]),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(given, words):
    with pytest.raises(UsageError) as refused:
        Request.of(given)
    assert all(word in str(refused.value) for word in words)


def test_a_task_is_found_where_it_was_made():
    assert path_of_problem(Problem) == DIGITS
    assert path_of_problem(Problem.with_hyperparameters(num_epochs=1)) is None


def test_functions_are_named_by_their_path():
    assert import_path(instant) == "searching.instant"
    assert import_path("a.b") == "a.b"


def test_what_is_given_wins_over_what_is_recorded():
    old = {"max_evals": 6, "population_size": 4, "asynchronous": True, "verbose": 1}
    request = Request.of({"max_evals": 8}, {"search": "nsga2", **old})
    assert request.max_evals == 8
    assert request.options == {
        "population_size": 4,
        "variation": "sbx",
        "asynchronous": True,
    }
    assert request.algorithm == "nsga2-asynchronous"
    again = Request.of({}, request.to_json())
    assert again == request


def test_settings_of_another_search_are_not_taken_over():
    request = Request.of(
        {"search": "regevo_xnas"}, {"search": "nsga2", "population_size": 4}
    )
    assert request.options["population_size"] == 10


class Seeded(NSGAII):
    """Has a setting that every search has."""

    options = (Option("seed", 3, "of its own"),)


def test_options_of_a_search_have_names_of_their_own():
    with pytest.raises(UsageError, match="has an option seed, which every search has"):
        option_defaults(import_path(Seeded))


def test_settings_out_of_numpy_are_recorded_as_python_s():
    given = {"seed": np.int64(3), "max_evals": np.int32(5), "sample_size": np.int8(2)}
    given |= {"hyperparameters": {"learning_rate": np.float32(0.5)}}
    request = Request.of({**given, "search": "regevo_xnas"})
    found = json.loads(json.dumps(request.to_json()))
    assert (found["seed"], found["max_evals"]) == (3, 5)
    assert found["options"]["sample_size"] == 2
    assert found["hyperparameters"] == {"learning_rate": 0.5}
