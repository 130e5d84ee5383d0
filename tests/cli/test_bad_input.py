"""What is wrong is told in one sentence, with status 2, and nothing is written."""

import importlib
import itertools
import socket
import textwrap
import time

import numpy as np
import pytest

from xnas.cli import CALLED_ELSEWHERE, main, make_parser

DIGITS = "experiments.digits.problem.Problem"
INSTANT = ["--run", "searching.instant", "--evaluator", "serial"]
fresh = itertools.count()


@pytest.fixture
def refuse(tmp_path, capsys):
    """Run ``nas nsga2`` and return the one sentence it refuses with."""
    folder = tmp_path / "run"

    def run(*arguments, search="nsga2"):
        try:
            status = main(["nas", search, "--log-dir", str(folder), *arguments])
        except SystemExit as leaving:
            status = leaving.code
        captured = capsys.readouterr()
        assert status == 2
        assert captured.out == ""
        assert not folder.exists()
        lines = captured.err.strip().splitlines()
        told = [line for line in lines if line.startswith("deephyper_xnas")]
        assert len(told) == 1, captured.err
        assert told[0] == lines[-1]
        return told[0]

    return run


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--max-evals", "0"], ["--max-evals", "'0' found", "1 or more"]),
        (["--max-evals", "-5"], ["--max-evals", "'-5' found"]),
        (["--max-evals", "many"], ["--max-evals", "'many' found"]),
        (["--population-size", "1"], ["--population-size", "2 or more"]),
        (["--num-workers", "0"], ["--num-workers"]),
        (["--num-cpus-per-task", "x"], ["--num-cpus-per-task"]),
        (["--num-gpus-per-task", "-1"], ["--num-gpus-per-task"]),
        (["--timeout", "0"], ["--timeout"]),
        (["--evaluation-timeout", "nan"], ["--evaluation-timeout"]),
        (["--memory-per-worker", "lots"], ["--memory-per-worker", "such as 4G"]),
        (["--seed", "-1"], ["--seed", "'-1' found"]),
        (["--record-mo-xai-only", "maybe"], ["--record-mo-xai-only", "true or false"]),
        (["--multiobjective-explainability", "2"], ["true or false"]),
        (["--explainability-type", "saliency"], ["--explainability-type", "saliency"]),
        (["--evaluator", "threads"], ["--evaluator", "threads"]),
        (["--set", "num_epochs"], ["--set", "NAME=VALUE"]),
        (["--set", "epochs=3"], ["--set", "epochs"]),
        (["--set", "num_epochs=many"], ["--set", "num_epochs", "many"]),
        (["--nonsense"], ["--nonsense"]),
        (["--run", "xnas.nas_deephyper.nas_run.walk"], ["--run", "'walk'"]),
        (["--run", "xnas.nowhere.run"], ["--run", "no module 'xnas.nowhere'"]),
        (["--run", "searching.not_a_function"], ["--run", "expected a function"]),
    ],
)
def test_a_bad_flag_is_named_with_what_was_found(refuse, flags, words):
    others = [
        word
        for flag, value in zip(INSTANT[::2], INSTANT[1::2], strict=True)
        if flag not in flags
        for word in (flag, value)
    ]
    told = refuse("--problem", DIGITS, *others, *flags)
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("experiments.nowhere.problem.Problem", ["no module 'experiments.nowhere'"]),
        ("nowhere", ["'experiments.nowhere'; tasks there are: cifar10, digits, im"]),
        ("nowhere.problem.Problem", ["no module 'nowhere'"]),
        ("experiments.digits.problem.Task", ["problem.py defines no 'Task'"]),
        ("experiments.digits.load_data.load_data", ["expected an NaProblem"]),
        ("Problem()", ["expected a dotted path"]),
        ("experiments/digits/problem.py", ["expected a dotted path"]),
    ],
)
def test_a_bad_problem_is_named(refuse, path, words):
    told = refuse("--problem", path, *INSTANT)
    assert "--problem" in told
    assert all(word in told for word in words)


def test_an_unknown_search_is_named(refuse):
    assert "annealing" in refuse("--problem", DIGITS, search="annealing")


def test_a_sample_larger_than_the_population_is_refused(refuse):
    flags = ["--population-size", "5", "--sample-size", "6"]
    told = refuse("--problem", DIGITS, *INSTANT, *flags, search="regevo_xnas")
    assert "--sample-size is 6, expected 1 to --population-size (5)" in told


def test_more_cpus_than_this_machine_has_are_refused_with_both_numbers(refuse):
    for evaluator in ("serial", "process", "ray"):
        told = refuse(
            "--problem", DIGITS, "--run", "searching.instant",
            "--evaluator", evaluator, "--num-cpus-per-task", "4096",
        )  # fmt: skip
        assert "4096" in told
        assert "--num-cpus-per-task" in told


def test_more_gpus_than_this_machine_has_are_refused_with_both_numbers(refuse):
    for evaluator in ("serial", "process", "ray"):
        told = refuse(
            "--problem", DIGITS, "--run", "searching.instant",
            "--evaluator", evaluator, "--num-gpus-per-task", "512",
        )  # fmt: skip
        assert "512" in told
        assert "--num-gpus-per-task" in told


def test_a_dead_ray_address_is_refused_within_ten_seconds(refuse):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Loading Ray may take a busy machine as long by itself.
    importlib.import_module("xnas.nas_deephyper.evaluator.ray_cluster")
    started = time.monotonic()
    told = refuse(
        "--problem", DIGITS, "--run", "searching.instant", "--evaluator", "ray",
        "--ray-address", f"127.0.0.1:{port}",
    )  # fmt: skip
    assert time.monotonic() - started < 10
    assert "--ray-address" in told
    assert str(port) in told


def test_a_folder_that_holds_a_run_is_refused_untouched(tmp_path, capsys):
    infos = tmp_path / "init_infos.json"
    infos.write_text("{}")
    flags = ["--log-dir", str(tmp_path), "--problem", DIGITS, *INSTANT]
    assert main(["nas", "nsga2", *flags]) == 2
    assert "already holds a run" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["init_infos.json"]


PROBLEM = """
    from xnas.problem import NaProblem
    from xnas.search_space_common import nas_bench_201_search_space
    import numpy as np

    def create_search_space(input_shape, output_shape=(10,)):
        return nas_bench_201_search_space(input_shape, output_shape, stack_size=1)

    def load_data():
        X = np.random.default_rng(0).random((40, 8, 8, 1), dtype=np.float32)
        y = np.tile(np.arange(10), 4)
        return (X, y), (X, y)

    Problem = NaProblem()
    Problem.search_space(create_search_space)
    Problem.hyperparameters(batch_size=4, learning_rate=0.1, num_epochs=1)
    Problem.loss("sparse_categorical_crossentropy")
    Problem.metrics(["acc"])
    Problem.objective("val_acc__last")
"""


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("def load_data(): return 3", ["load_data"]),
        ("def load_data(): return {'train_gen': 1}", ["load_data"]),
        ("def load_data(): raise OSError('disk on fire')", ["disk on fire"]),
        ("labels = load_data()[0][1] + 5\n"
         "def load_data(X=load_data()[0][0]): return (X, labels), (X, labels)",
         ["label"]),
        ("nan = load_data()[0][0] * np.nan\n"
         "def load_data(y=load_data()[0][1]): return (nan, y), (nan, y)",
         ["NaN"]),
        ("old = load_data()\n"
         "def load_data(): return (old[0][0][:9], old[0][1]), old[1]",
         ["9", "40"]),
        ("def create_search_space(input_shape, output_shape):\n"
         "    return nas_bench_201_search_space((9, 9, 1), (10,), stack_size=1)",
         ["shape"]),
        ("def create_search_space(input_shape, output_shape):\n"
         "    return nas_bench_201_search_space(input_shape, (7,), stack_size=1)",
         ["7"]),
        ("def create_search_space(input_shape, output_shape): return 'space'",
         ["create_search_space"]),
        ("raise ValueError('half written')", ["half written", "problem.py"]),
        ("import no_such_package_anywhere", ["no_such_package_anywhere"]),
        ("def broken(:", ["problem.py", "SyntaxError"]),
    ],
)  # fmt: skip
def test_a_broken_task_is_told_before_anything_trains(
    refuse, tmp_path, monkeypatch, fault, words
):
    name = f"faulty_task_{next(fresh)}"
    package = tmp_path / "tasks" / name
    package.mkdir(parents=True)
    text = textwrap.dedent(PROBLEM)
    head, tail = text.split("Problem = NaProblem()")
    text = f"{head}\n{fault}\nProblem = NaProblem()\nProblem.load_data(load_data){tail}"
    (package / "problem.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "tasks"))
    told = refuse("--problem", f"{name}.problem.Problem", "--evaluator", "serial")
    for word in words:
        assert word in told


def test_the_task_that_the_faults_are_planted_in_is_sound(
    tmp_path, monkeypatch, capsys
):
    package = tmp_path / "tasks" / "task_without_faults"
    package.mkdir(parents=True)
    text = textwrap.dedent(PROBLEM).replace(
        "Problem = NaProblem()", "Problem = NaProblem()\nProblem.load_data(load_data)"
    )
    (package / "problem.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "tasks"))
    flags = [
        "--problem",
        "task_without_faults.problem.Problem",
        "--evaluator",
        "serial",
    ]
    folder = tmp_path / "run"
    assert (
        main(["nas", "nsga2", "--log-dir", str(folder), "--max-evals", "1", *flags])
        == 0
    )
    assert np.char.count((folder / "results.csv").read_text(), "\n") == 2
    capsys.readouterr()


def test_a_ray_that_does_not_start_is_told(refuse, monkeypatch):
    monkeypatch.setenv("RAY_TMPDIR", "/dev/null/ray")
    told = refuse(
        *("--problem", DIGITS, "--run", "searching.instant", "--evaluator", "ray")
    )
    assert "starting Ray on this machine failed: " in told
    assert "/dev/null/ray" in told
    assert "--evaluator process" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nas", "nsga2", "--max-evalss", "6"], "nas nsga2 --help"),
        (["nas", "nsga2", "--max-evalss", "6"], "(did you mean --max-evals?)"),
        (["nas", "nsga2", "--max_evals=6"], "(did you mean --max-evals?)"),
        (["check", "--problm", DIGITS], "check: unrecognized arguments: --problm"),
        (["check", "--problm", DIGITS], "(did you mean --problem?)"),
        (["check", "--problm", DIGITS], "(see deephyper_xnas check --help)"),
        (["nas", "--problem", DIGITS], "expected a search first: nsga2, nsgaii"),
        (["nas", "--problem", DIGITS], "(see deephyper_xnas nas --help)"),
        (["nas", "nsag2"], "(did you mean nsga2?)"),
        (["chek"], "(did you mean check?)"),
        (["status", "latest", "--jsn"], "(did you mean --json?)"),
        (["nas", "nsga2", "--evaluator", "proces"], "(did you mean process?)"),
        (["nas", "nsga2", "--problem", DIGITS, "--set", "num_epoch=1"], "num_epochs?)"),
        (["search"], "(did you mean nas?)"),
        (["plot", "latest"], "(did you mean report?)"),
        (["NAS"], "(did you mean nas?)"),
        (["resume", "latest"], "(did you mean nas SEARCH --resume RUN_DIR?)"),
        (["--versoin"], "--versoin (did you mean --version?)"),
        (["status", "a", "b"], "status: unrecognized arguments: b (see deephyper_xnas"),
        (
            ["export", "latest", "--to", "onnx"],
            "`train RUN_DIR --pick PICK --export onnx`",
        ),
        (["export", "latest", "--to", "SavedModel"], "--export saved-model`"),
        (["export", "latest", "--to", "keras"], "which `train` writes, expected one"),
        (["train", "latest", "--pick", "1", "--export", "keras"], "always written ("),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["nas", "nsga2", "--frobnicate"], "unrecognized arguments: --frobnicate ("),
    ],
)
def test_the_nearest_word_and_the_help_of_the_command_are_named(words, told, capsys):
    try:
        status = main(words)
    except SystemExit as leaving:
        status = leaving.code
    assert status == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert told in captured.err


def test_beginnings_of_flags_still_stand_for_them(capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["status", "--js", "--help"])
    assert leaving.value.code == 0
    assert "RUN_DIR" in capsys.readouterr().out


def test_what_other_programs_call_a_command_is_none_and_leads_to_one():
    (commands,) = make_parser()._subparsers._group_actions
    for word, command in CALLED_ELSEWHERE.items():
        assert word not in commands.choices
        assert command.split()[0] in commands.choices
