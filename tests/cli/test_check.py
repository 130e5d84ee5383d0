"""``check`` tries what a search will do, and estimates what that takes."""

import shlex

import pytest
from sound_task import SPACE

from xnas.cli import check_task, make_parser
from xnas.cli.check_report import Estimated, Timed
from xnas.nas_deephyper.evaluator import expected_workers
from xnas.training.epochs import Trial


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
