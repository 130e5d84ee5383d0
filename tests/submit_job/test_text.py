"""What the job says.

It is held against the files of ``tests/data/submit_job``. After a change that is
meant, ``REWRITE_JOBS=1 pytest tests/submit_job/test_text.py`` writes them anew; look
at what changed before committing it.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "data" / "submit_job"
STAMP = r"\d{4}-\d\d-\d\dT\d{6}"

JOBS = {
    "plain": "-t mnist",
    "single-objective": "--task mnist --single-objective",
    "imagenet": "-t imagenet --env xnas",
    "reservation": "-t mnist -r friday -n 32",
    "small": "-t digits --nodes=2 --time=10 --cpus-per-task=4 --workers-per-node=2 "
    "--max-evals=64",
    "gpus": "-t mnist --nodes 4 --time 2-00:00:00 --partition gpu --account nas "
    "--gpus-per-node a100:4",
    "resumed": "-t mnist --resume latest",
    "resumed-further": "-t mnist --resume results/mnist/2026-01-02T030405 "
    "--max-evals 20000 -s",
    "searched": "-t digits --search mobo --max-evals 250 -- --objectives "
    "val_acc__last,introspectability,-n_parameters --set num_epochs=2 --seed 3",
    "searched-single": "-t imagenet -s --search=regevo_xnas -- --sample-size 3 "
    "--max-evals 9 --explainability-type activations",
    "resumed-with-flags": "-t mnist --resume latest -- --evaluation-timeout 60",
}


@pytest.mark.parametrize("name", JOBS)
def test_the_job_is_the_golden_one(name, repository, render, hold_run):
    for stamp in ("2026-01-02T030405", "2025-12-31T235959"):
        hold_run(repository / "results" / "mnist" / stamp)
    (repository / "results" / "mnist" / "2026-02-01T000000").mkdir()  # holds no run
    job = render(*JOBS[name].split()).replace(str(repository), "/home/me/xnas")
    if "--resume" not in JOBS[name]:
        job = re.sub(STAMP, "YYYY-MM-DDTHHMMSS", job)
    path = GOLDEN / f"{name}.sh"
    if os.environ.get("REWRITE_JOBS"):
        path.write_text(job)
    assert job == path.read_text()


def test_a_resumed_run_keeps_its_search(repository, render, hold_run):
    run = hold_run(repository / "results" / "mnist" / "2026-01-02T030405")
    infos = {"arguments": {"search": "regevo_xnas"}, "search": {"type": "any"}}
    (run / "init_infos.json").write_text(json.dumps(infos, indent=2))
    assert "-- nas regevo_xnas" in render("-t", "mnist", "--resume", "latest")
    assert "-- nas nsga2" in render("-t", "mnist")


def test_the_search_of_a_run_is_read_from_its_flags_alone(repository, render, hold_run):
    run = hold_run(repository / "results" / "mnist" / "2026-01-02T030405")
    infos = {"command": ['"search": "reg'], "arguments": {"search": "my.searches.One"}}
    (run / "init_infos.json").write_text(json.dumps(infos))
    assert "-- nas my.searches.One" in render("-t", "mnist", "--resume", "latest")


def test_no_list_that_may_be_empty_stops_an_old_bash():
    text = (Path(__file__).parents[2] / "xnas-ray-job.sh").read_text()
    assert '${steps[@]+"${steps[@]}"}' in text
    assert '"${steps[@]}"' not in text.replace('+"${steps[@]}"', "")


def test_every_golden_file_belongs_to_a_job():
    assert {path.stem for path in GOLDEN.iterdir()} == set(JOBS)


@pytest.mark.parametrize("name", JOBS)
def test_jobs_are_sound_bash(name):
    subprocess.run(["bash", "-n", GOLDEN / f"{name}.sh"], check=True)


@pytest.mark.skipif(
    shutil.which("shellcheck") is None,
    reason="shellcheck is not installed (apt-get install shellcheck)",
)
def test_shellcheck_finds_nothing():
    scripts = [ROOT / "submit_job.sh", *sorted(GOLDEN.iterdir())]
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_both_forms_of_an_option_say_the_same(render):
    apart = render("-t", "mnist", "--nodes", "3", "--time", "1:00:00")
    joined = render("--task=mnist", "--nodes=3", "--time=1:00:00")
    assert re.sub(STAMP, "", apart) == re.sub(STAMP, "", joined)


def test_the_order_of_options_does_not_matter(render):
    one = render("-t", "mnist", "-r", "friday", "-n", "3", "-s")
    other = render("-s", "-n", "3", "-r", "friday", "-t", "mnist")
    assert re.sub(STAMP, "", one) == re.sub(STAMP, "", other)


@pytest.mark.parametrize(
    ("time", "stop"),
    [
        ("90", 300),
        ("10:00", 300),
        ("5", 150),
        ("08", 240),
        ("0:30", 30),
        ("01:02:03", 300),
        ("2-0", 300),
        ("2-01:30", 300),
        ("2-01:30:30", 300),
        ("0", 300),
        ("UNLIMITED", 300),
        ("infinite", 300),
    ],
)
def test_every_form_of_a_time_limit_leaves_time_to_search(render, time, stop):
    job = render("-t", "mnist", "--time", time)
    assert f"\n#SBATCH --time={time}\n" in job
    assert f"\n#SBATCH --signal=B:USR1@{stop}\n" in job
    assert f" --stop-within {stop // 2} " in job


def test_the_time_to_stop_can_be_lowered(render):
    job = render("-t", "mnist", "--time", "2", STOP_SECONDS="40")
    assert "\n#SBATCH --signal=B:USR1@40\n" in job
    assert " --stop-within 20 " in job


@pytest.mark.parametrize("words", ["-h", "--help", "-t mnist -h", "-s --help"])
def test_help_names_every_option(call, words):
    done = call(*words.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: submit_job.sh [OPTION]... [-- FLAG...]\n")
    own = " ".join(words.partition(" -- ")[0] for words in JOBS.values())
    used = set(re.findall(r"(?<!\S)--?[a-z-]+", own))
    assert used | {"--dry-run"} <= set(re.findall(r"--?[a-z-]+", done.stdout))
