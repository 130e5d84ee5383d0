"""What older versions recorded of training, in the words of this one."""

import json

import pytest
from run_before import change_infos, copy_of_run

from xnas.face.resume import resumed_request
from xnas.face.task import load_problem
from xnas.face.training import prepare
from xnas.final_training.choice import choose
from xnas.final_training.folder import OutputFolder
from xnas.nas_deephyper.resuming import (
    in_todays_form,
    refuse_differences,
    resumed_infos,
)
from xnas.results import RunFolder, load, write_json

TODAY = {"started": "", "xnas": "", "environment": {}, "search": {"max_evals": 8}}


@pytest.fixture(params=[1, 2])
def run_dir(request, tmp_path):
    """A run whose gradients got 0.01 times the weights; the format as it states it."""
    folder = copy_of_run(tmp_path / "run")

    def change(content):
        content["problem"]["hyperparameters"]["weight_decay"] = 0.01
        if request.param > 1:
            objectives = load(folder).objectives
            content["objectives"] = [one.to_json() for one in objectives]
            content["format"] = request.param

    change_infos(folder, change)
    return folder


@pytest.mark.parametrize("given", [{}, {"hyperparameters": {"num_epochs": 1}}])
def test_a_run_goes_on_by_the_decay_it_had_whatever_its_task_says(run_dir, given):
    request, _ = resumed_request(str(run_dir), given, print)
    problem = load_problem(request.problem, request.hyperparameters)
    assert problem.hyperparameter_values["weight_decay"] == 0.005
    recorded = RunFolder(run_dir).infos()
    same = {**in_todays_form(recorded, recorded), "problem": problem.to_json()}
    refuse_differences(recorded, same, run_dir)


def test_training_in_full_goes_by_the_decay_of_its_search(run_dir, capsys):
    run = load(run_dir)
    settings, trainable = prepare(run, choose(run, "knee"), {"num_cpus": 1}, print)
    assert settings.task["hyperparameters"]["weight_decay"] == 0.005
    assert trainable.settings.hyperparameters["weight_decay"] == 0.005
    assert "changed since" not in capsys.readouterr().err


def test_a_run_is_translated_once(run_dir):
    folder = RunFolder(run_dir)
    first = folder.infos()
    write_json(folder.init_infos, resumed_infos(first, TODAY))
    again = folder.infos()
    for name in ("problem", "run_settings", "arguments"):
        assert again[name] == first[name]
    assert again["problem"]["hyperparameters"]["weight_decay"] == 0.005


def test_an_interrupted_training_goes_on_by_the_decay_it_had(tmp_path):
    folder = OutputFolder(tmp_path)
    settings = {"task": {"hyperparameters": {"weight_decay": 0.01}}}
    write_json(folder.settings, settings)
    translated = folder.recorded()
    assert translated["task"]["hyperparameters"]["weight_decay"] == 0.005
    folder.begin(translated)
    assert folder.recorded()["task"] == translated["task"]


@pytest.mark.parametrize("content", [{}, {"problem": {}}, {"problem": "digits"}])
def test_what_says_nothing_of_training_is_left_as_it_is(tmp_path, content):
    folder = RunFolder(tmp_path)
    folder.init_infos.write_text(json.dumps(content))
    assert folder.infos().items() >= content.items()
