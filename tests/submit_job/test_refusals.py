"""Wrong calls end with status 2, one sentence, and nothing made or run."""

import pytest


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        ([], "no task"),
        (["--nodes", "2"], "no task"),
        (["-t"], "--task needs a value"),
        (["-t", ""], "--task needs a value"),
        (["--task="], "--task needs a value"),
        (["-t", "-s"], "'-'"),
        (["--task=-s"], "'-'"),
        (["-t", "mnist", "-t", "mnist"], "--task was given twice"),
        (["-t", "mnist", "--task=digits"], "--task was given twice"),
        (["-t", "mnist", "-s", "-s"], "--single-objective was given twice"),
        (["-t", "mnist", "-s=true"], "unknown option -s=true"),
        (["-t", "mnist", "--dry-run=no"], "--dry-run takes no value"),
        (["-t", "mnist", "-x"], "unknown option -x"),
        (["-t", "mnist", "--gpus", "2"], "unknown option --gpus"),
        (["-t", "mnist", "--"], "nothing follows --"),
        (["-t", "mnist", "digits"], "unexpected argument digits"),
        (["-t", "mnist", "-r", "friday"], "needs --reservation-nodes"),
        (["-t", "mnist", "-n", "4"], "needs --reservation"),
        (["-t", "mnist", "-r", "a", "-n", "4", "--nodes", "4"], "--nodes cannot go"),
        (["-t", "mnist", "-r", "a", "-n", "4", "--time", "9"], "--time cannot go"),
        (["-t", "mnist", "-r", "a", "-n", "0"], "whole number"),
        (["-t", "mnist", "--nodes", "0"], "whole number"),
        (["-t", "mnist", "--nodes", "2.5"], "whole number"),
        (["-t", "mnist", "--nodes", "2-4"], "whole number"),
        (["-t", "mnist", "--max-evals", "many"], "whole number"),
        (["-t", "mnist", "--max-evals", "99999999999999999999"], "whole number"),
        (["-t", "mnist", "--cpus-per-task", "0x4"], "whole number"),
        (["-t", "mnist", "--workers-per-node", "0"], "whole number"),
        (["-t", "mnist", "--gpus-per-node", "0"], "TYPE:NUMBER"),
        (["-t", "mnist", "--gpus-per-node", "a100"], "TYPE:NUMBER"),
        (["-t", "mnist", "--time", "1h"], "time limit"),
        (["-t", "mnist", "--time", "1-"], "time limit"),
        (["-t", "mnist", "--time", "1:2:3:4"], "time limit"),
        (["-t", "nist"], "(experiments/ has: digits, imagenet, mnist)"),
        (["-t", "mnist", "--resume", "latest"], "results/mnist/ holds no run"),
        (["-t", "mnist", "--resume", "experiments"], "no init_infos.json"),
    ],
)
def test_a_wrong_call_is_refused_in_one_sentence(words, saying, refuse):
    line = refuse(*words)
    assert saying in line
    assert line.endswith("; see ./submit_job.sh --help")


@pytest.mark.parametrize("seconds", ["0", "1", "x", "60000", "$(touch made)"])
def test_a_wrong_time_to_stop_is_refused(refuse, seconds):
    assert "STOP_SECONDS" in refuse("-t", "mnist", STOP_SECONDS=seconds)


def test_a_run_of_another_task_is_not_resumed(repository, refuse, hold_run):
    hold_run(repository / "results" / "digits" / "2026-01-02T030405")
    line = refuse("-t", "mnist", "--resume", "results/digits/2026-01-02T030405")
    assert "no run of the task mnist" in line


HOSTILE = [
    "$(touch made)",
    "`touch made`",
    "a; touch made",
    "a & touch made",
    "'; touch made; '",
    '"; touch made; "',
    "a\ntouch made",
    "a\r#SBATCH --wrap=x",
    "a\x1b[2J",
    "../../x",
    "a b",
    "*",
    "~",
    "é",
]
NAMES = ["task", "reservation", "partition", "account", "gpus-per-node", "time"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("option", [*NAMES, "nodes", "max-evals"])
def test_a_hostile_name_is_refused_and_not_run(refuse, option, name):
    task = [] if option == "task" else ["-t", "mnist"]
    nodes = ["-n", "2"] if option == "reservation" else []
    line = refuse(*task, *nodes, f"--{option}", name)
    assert line.isprintable()
    assert option in line


@pytest.mark.parametrize("name", ["-x", "a\nb", "\x07"])
def test_an_environment_that_is_no_name_is_refused(refuse, name):
    assert "env" in refuse("-t", "mnist", "--env", name)
    line = refuse("-t", "mnist", ACTIVATE_PYTHON_ENV=name)
    assert "ACTIVATE_PYTHON_ENV" in line


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        (["--search", "annealing"], "'annealing', expected one of nsga2"),
        (["--", "--nonsense", "1"], "unrecognized arguments: --nonsense"),
        (["--", "nonsense"], "unrecognized arguments: nonsense"),
        (["--search", "mobo", "--", "--seed", "x"], "argument --seed: 'x' found"),
        (["--", "--seed=1", "--seed", "2"], "--seed is given twice"),
        (["--max-evals", "3", "--", "--max-evals", "3"], "--max-evals is given twice"),
        (["-s", "--", "--objectives", "introspectability"], "--record-mo-xai-only"),
        (["--", "--problem", "digits"], "--problem found, which the job gives"),
        (["--", "--ray-address", "auto"], "--ray-address found, which the job gives"),
        (["--", "--resume", "latest"], "--resume found, which the job gives"),
        (["--", "--seed", "1", "--help"], "--help found, expected flags of"),
        (["--", "--seed", "1", "--"], "-- found, expected flags of"),
        (["--", "--seed", "1\n#SBATCH --wrap=x"], r"1\n#SBATCH --wrap=x"),
        (["--", "--weight-xai", "1"], "unrecognized arguments: --weight-xai"),
    ],
)
def test_flags_that_nas_refuses_are_refused_before_they_wait(refuse, words, saying):
    line = refuse("-t", "mnist", *words)
    assert saying in line
    assert line.isprintable()


def test_the_search_of_a_run_is_not_changed(repository, refuse, hold_run):
    hold_run(repository / "results" / "mnist" / "2026-01-02T030405")
    line = refuse("-t", "mnist", "--resume", "latest", "--search", "mobo")
    assert "--search is mobo" in line
    assert "was started with nsga2 and goes on with it" in line


@pytest.mark.parametrize(
    ("python", "why"),
    [
        ("echo 'No module named nowhere' >&2; exit 1", "No module named nowhere"),
        ("exit 127", "checked here: "),
    ],
)
def test_flags_that_nobody_can_check_are_refused(
    refuse, tmp_path, make_program, python, why
):
    make_program(tmp_path / "bin" / "python3", python)
    words = ("-t", "mnist", "--search", "mobo")
    line = refuse(*words, status=1, slurm=tmp_path / "bin")
    assert "the flags of nas cannot be checked here" in line
    assert why in line
