"""What is made and printed when Slurm takes or refuses a job."""

import json
import re

import pytest


@pytest.fixture
def accepting(tmp_path, make_program):
    """A folder with an ``sbatch`` that accepts, and keeps what it was given."""
    # Only builtins of bash: the script's PATH in these tests holds little else.
    text = f'pwd >"{tmp_path}/where"; printf "%s\\n" "$(</dev/stdin)" >"{tmp_path}/job"'
    make_program(tmp_path / "slurm" / "sbatch", f'{text}\necho "17;cluster2"')
    return tmp_path / "slurm"


@pytest.mark.parametrize("inside", [True, False])
def test_what_is_printed_is_what_slurm_gets(
    repository, tmp_path, call, accepting, inside
):
    cwd = repository if inside else tmp_path
    done = call("-t", "mnist", slurm=accepting, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    job = (tmp_path / "job").read_text()
    assert f"\n{job}=====" in done.stdout
    assert (tmp_path / "where").read_text() == f"{repository}\n"

    (run,) = (repository / "results" / "mnist").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}", run.name)
    assert f"--run-dir results/mnist/{run.name} " in job
    assert (repository / "logs_batch").is_dir()

    here = "" if inside else f"{repository}/"
    command = "./deephyper_xnas" if inside else f"{repository}/deephyper_xnas"
    assert done.stdout.splitlines()[-6:] == [
        "Submitted job 17",
        f"Run folder  {here}results/mnist/{run.name}",
        f"Log         {here}logs_batch/slurm-xnas-mnist-17.out",
        f"Progress    {command} status {here}results/mnist/{run.name}",
        "Queue       squeue --jobs 17",
        "Cancel      scancel 17",
    ]


def test_the_script_may_be_called_through_a_link(repository, tmp_path, call, accepting):
    link = tmp_path / "submit"
    link.symlink_to(repository / "submit_job.sh")
    done = call("-t", "mnist", script=link, slurm=accepting, cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "where").read_text() == f"{repository}\n"


def test_two_jobs_never_share_a_folder(repository, call, accepting):
    for _ in range(3):
        assert call("-t", "mnist", slurm=accepting).returncode == 0
    assert len(list((repository / "results" / "mnist").iterdir())) == 3


def test_a_resumed_run_gets_no_new_folder(
    repository, tmp_path, call, accepting, hold_run
):
    run = hold_run(repository / "results" / "mnist" / "2026-01-02T030405")
    done = call("-t", "mnist", "--resume=latest", slurm=accepting)
    assert done.returncode == 0
    assert list((repository / "results" / "mnist").iterdir()) == [run]
    assert f"Run folder  results/mnist/{run.name}\n" in done.stdout
    assert (tmp_path / "job").read_text().endswith("    -- nas nsga2\n")


def test_the_newest_run_is_the_one_started_last(repository, call, accepting, hold_run):
    for name, hour in (("2026-10-25T023000", 1), ("first", 3), ("zero", 2)):
        run = hold_run(repository / "results" / "mnist" / name)
        recorded = {"started": f"2026-10-25T0{hour}:00:00+00:00", "search": {}}
        (run / "init_infos.json").write_text(json.dumps(recorded, indent=2))
    done = call("-t", "mnist", "--resume=latest", slurm=accepting)
    assert "Run folder  results/mnist/first\n" in done.stdout


def test_without_slurm_the_script_says_so(refuse):
    assert "no sbatch on PATH" in refuse("-t", "mnist", status=1)


def test_a_refusal_of_slurm_is_passed_on(
    repository, tmp_path, call, make_program, hold_run
):
    text = "echo 'sbatch: error: invalid partition' >&2; exit 3"
    make_program(tmp_path / "slurm" / "sbatch", text)
    run = hold_run(repository / "results" / "digits" / "2026-01-02T030405")
    for words in (["-t", "mnist"], ["-t", "digits", "--resume", run]):
        done = call(*words, slurm=tmp_path / "slurm")
        assert done.returncode == 3
        assert done.stderr == "sbatch: error: invalid partition\n"
        assert "Submitted" not in done.stdout
    assert list((repository / "results" / "mnist").iterdir()) == []
    assert (run / "init_infos.json").exists()


def test_a_folder_that_can_not_be_made_is_told(repository, call, accepting):
    (repository / "results").touch()
    done = call("-t", "mnist", slurm=accepting)
    assert done.returncode == 1
    assert "results" in done.stderr
    assert not (accepting.parent / "job").exists()
