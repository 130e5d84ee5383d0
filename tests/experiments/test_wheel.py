"""What is installed from a wheel works far from a clone, beside tasks of one's own."""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

import xnas

ROOT = Path(__file__).parents[2]
FOLDERS = ("xnas", "xnas_wordnet", "experiments")
ABOUT = ("CITATION.cff", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE")
FILES = (
    *(*ABOUT, "MANIFEST.in", "Makefile", "README.md", "environment.yml"),
    *("pyproject.toml", "deephyper_xnas", "hierarchical_imagenet.py"),
    *("submit_job.sh", "xnas-ray-job.sh"),
    *(path.name for path in ROOT.glob("requirements*.txt")),
)

needs_build = pytest.mark.skipif(
    importlib.util.find_spec("build") is None,
    reason="build is not installed: pip install -r requirements-dev.txt",
)


def ran(*command, folder, status=0):
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k not in hidden},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """What ``make dist`` builds, of a copy."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in FOLDERS:
        no_cache = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=no_cache)
    for name in FILES:
        shutil.copy(ROOT / name, source)
    # An older setuptools cannot build it; build gets itself another one for that.
    is_new = int(version("setuptools").partition(".")[0]) >= 77
    how = ["--no-isolation"] if is_new else []
    ran(sys.executable, "-m", "build", *how, "-o", folder / "dist", folder=source)
    return folder / "dist"


@pytest.fixture(scope="module")
def bare(dist):
    """Programs of an environment with the wheel and libraries, without the clone."""
    place = dist.parent / "environment"
    ran(sys.executable, "-m", "venv", "--without-pip", place, folder=dist)
    site = place / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    libraries = sysconfig.get_path("purelib")
    lines = f"import site; site.addsitedir({libraries!r})\n"
    (site / "site-packages" / "libraries.pth").write_text(lines)
    (wheel,) = dist.glob("*.whl")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    into = ("--python", place / "bin" / "python", "install", "--no-compile")
    alone = ("--no-deps", "--no-index", "--ignore-installed")
    ran(*pip, *into, *alone, wheel, folder=dist)
    return place / "bin"


@needs_build
def test_the_source_distribution_holds_what_a_clone_does(dist):
    (packed,) = dist.glob("*.tar.gz")
    listed = ran("tar", "tzf", packed, folder=dist).splitlines()
    names = {name.partition("/")[2] for name in listed}
    assert set(FILES) - names == set()
    assert packed.name == f"xnas-{xnas.__version__}.tar.gz"


@needs_build
def test_an_installed_wheel_goes_from_a_new_task_to_its_report(bare, tmp_path):
    def program(*words):
        return ran(bare / "deephyper_xnas", *words, folder=tmp_path)

    shape = ("--input-shape", "8,8,1", "--classes", "3")
    said = program("new-task", "mine", *shape)
    # Cells of one edge are traced in seconds.
    space = tmp_path / "experiments" / "mine" / "search_space.py"
    space.write_text(space.read_text().replace("n_nodes: int = 4", "n_nodes: int = 2"))
    first = shlex.split(said.partition("Next:\n")[2].splitlines()[0])
    assert first[1:3] == ["check", "--problem"]
    assert first[3] == "experiments.mine.problem.Problem"
    said = ran(*first, "--trainer", "plain", folder=tmp_path)
    assert "Nothing wrong was found" in said
    search = ("nas", "nsga2", "--evaluator", "serial", "--no-report")
    little = ("--max-evals", "1", "--set", "num_epochs=1", "--trainer", "plain")
    said = program(*search, *little, "--problem=mine")
    assert "Finished: 1 evaluation(s)" in said
    looked_up = ("--max-evals", "2", "--run", "xnas.nas_deephyper.tabular.run")
    said = program(*search, *looked_up, "--problem=digits")
    assert "Finished: 2 evaluation(s)" in said
    page = Path(program("report", "results/mine/latest").strip())
    assert "deephyper_xnas train" in page.read_text()
    assert "./deephyper_xnas" not in page.read_text()

    origins = "import xnas, experiments.digits.problem as its, experiments.mine.problem"
    origins += "; print(xnas.__file__, its.__file__, experiments.mine.__file__)"
    where = ran(bare / "python", "-c", origins, folder=tmp_path).split()
    inside = [Path(path).is_relative_to(bare.parent) for path in where]
    assert inside == [True, True, False]
    assert where[2] == str(tmp_path / "experiments" / "mine" / "__init__.py")
    assert Path(where[0]).with_name("py.typed").exists()


@needs_build
def test_an_installed_wheel_says_that_clusters_need_a_clone(bare, tmp_path):
    said = ran(bare / "submit_job.sh", "-t", "digits", folder=tmp_path, status=2)
    assert "jobs need a clone of XNAS" in said
    assert said.count("\n") == 1


@needs_build
@pytest.mark.parametrize("words", [["deephyper_xnas"], ["python", "-m", "xnas"]])
def test_both_ways_to_start_an_installed_wheel_tell_its_version(bare, tmp_path, words):
    said = ran(bare / words[0], *words[1:], "--version", folder=tmp_path)
    assert said == f"deephyper_xnas {xnas.__version__}\n"
