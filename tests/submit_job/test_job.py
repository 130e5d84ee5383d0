"""What the job does on its first node, up to the script that starts Ray."""

import os

import pytest

HOSTILE = [
    "$(touch made)",
    "`touch made`",
    "a; touch made",
    "a & touch made",
    "'; touch made; '",
    '"; touch made; "',
    "$HOME",
    "a b",
    "*",
    "~",
    "é",
]


@pytest.fixture(autouse=True)
def logs(repository):
    folder = repository / "logs_batch"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("how", ["option", "variable", "default"])
def test_a_folder_is_activated(repository, tmp_path, render, run_job, how):
    folder = repository / ".venv" if how == "default" else tmp_path / "my env"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "activate").write_text("export ACTIVE=yes\n")
    if how == "option":
        job = render("-t", "mnist", "--env", "../my env")
    elif how == "variable":
        job = render("-t", "mnist", ACTIVATE_PYTHON_ENV=str(folder))
    else:
        job = render("-t", "mnist")
    done = run_job(job)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "env=yes"


@pytest.fixture
def conda(tmp_path, make_program):
    """A conda that knows the environment xnas."""
    hook = 'conda() { [ "$2" = xnas ] && export ACTIVE="$*"; }'
    make_program(tmp_path / "bin" / "conda", f"cat <<'HOOK'\n{hook}\nHOOK")
    return str(tmp_path / "bin" / "conda")


def test_any_other_name_is_an_environment_of_conda(render, run_job, conda):
    done = run_job(render("-t", "mnist", "--env", "xnas"), CONDA_EXE=conda)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "env=activate xnas"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("has_conda", [True, False])
def test_an_environment_that_is_not_there_ends_the_job(
    render, run_job, conda, files, name, has_conda
):
    job = render("-t", "mnist", "--env", name)
    before = files()
    done = run_job(job, **({"CONDA_EXE": conda} if has_conda else {}))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"The environment {name} can not be activated on " in done.stderr
    assert files() == before


@pytest.mark.parametrize("name", ['it\'s a "$(touch made)"', "a`touch made`;c", "-é"])
def test_repository_and_run_may_have_any_name(
    tmp_path, make_repository, hold_run, call, run_job, name
):
    repository = make_repository(tmp_path / name)
    (repository / "logs_batch").mkdir()
    run = hold_run(tmp_path / "runs" / name)
    words = ["-t", "mnist", f"--resume={run}", "--dry-run"]
    job = call(*words, script=repository / "submit_job.sh", cwd=tmp_path).stdout
    done = run_job(job)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:3] == ["--run-dir", str(run)]
    assert not list(tmp_path.rglob("made"))


def test_the_newest_log_has_a_name_that_stays(render, run_job, logs):
    for job_id in ("17", "18"):
        run_job(render("-t", "mnist"), SLURM_JOB_ID=job_id)
        link = logs / "slurm-xnas-mnist-latest.out"
        assert os.readlink(link) == f"slurm-xnas-mnist-{job_id}.out"


def test_flags_of_the_search_reach_it_as_they_were_given(
    repository, tmp_path, render, run_job
):
    hostile = [
        *HOSTILE,
        "a\nb",
        "a\r#SBATCH --wrap=x",
        "\\",
        "",
        "-x",
        "--y",
        "!!",
        "#",
    ]
    words = [f"--set=x{i}={text}" for i, text in enumerate(hostile)]
    words += ["--run", "$(touch made)", "--objectives", "-`touch made`,b"]
    job = render("-t", "mnist", "--search", "mobo", "--", *words)
    directives = [line for line in job.splitlines() if line.startswith("#SBATCH")]
    assert directives == render("-t", "mnist").splitlines()[1 : len(directives) + 1]
    # A job that is requeued runs the same text.
    for _ in range(2):
        done = run_job(job)
        assert (done.returncode, done.stderr) == (0, "")
        # Reading the output as text makes a line end of \r as well.
        given = "\n".join(words).replace("\r", "\n") + "\n"
        assert done.stdout.endswith(given)
        assert "\n--\nnas\nmobo\n--problem\n" in done.stdout
    assert not list(tmp_path.rglob("made"))


def test_what_is_given_replaces_what_a_job_gives_by_itself(render):
    words = ["--run", "my.run", "--max-e", "7", "--explainability-type=activations"]
    words += ["--objectives", "val_acc__last", "--seed", "1"]
    job = render("-t", "imagenet", "--", *words)
    for flag in ("--run", "--max-e", "--explainability-type"):
        starts = (f"    {flag} ", f"    {flag}=")
        assert sum(line.startswith(starts) for line in job.splitlines()) == 1
    for flag in ("--multiobjective-explainability", "--record-mo-xai-only"):
        assert flag not in job
