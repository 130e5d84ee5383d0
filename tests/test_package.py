"""Files that state the same thing of the package agree."""

import re
import tomllib
from pathlib import Path

import pytest

import xnas
from xnas.names import program

ROOT = Path(xnas.__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
ALWAYS = ("deephyper", "tensorflow", "ray", "numpy", "pandas", "scikit-learn", "nltk")


def required(name):
    """Lines of a requirements file, by the name of the package."""
    lines = (
        line.partition("#")[0].strip()
        for line in (ROOT / name).read_text().splitlines()
    )
    found = [line for line in lines if line and not line.startswith("-r")]
    return {re.split(r"[<>=\[]", line)[0]: line for line in found}


@pytest.mark.parametrize("extra", ["onnx", "gpu"])
def test_an_extra_is_what_its_requirements_file_has(extra):
    assert sorted(required(f"requirements-{extra}.txt").values()) == EXTRAS[extra]


@pytest.mark.parametrize("extra", ["mlflow", "tensorboard"])
def test_what_exports_need_is_there_for_the_tests(extra):
    assert set(EXTRAS[extra]) <= set(required("requirements-dev.txt").values())


def test_what_every_user_needs_is_no_extra():
    needed = required("requirements.txt")
    assert set(ALWAYS) <= needed.keys()
    assert "dependencies" in PROJECT["dynamic"]


def test_the_conda_environment_installs_the_same():
    text = (ROOT / "environment.yml").read_text()
    assert "- -r requirements.txt" in text
    minor = int(re.search(r"python=3\.(\d+)", text)[1])
    low, high = map(int, re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
    assert low <= minor < high


def test_the_newest_changes_and_the_citation_are_of_this_version():
    changes = (ROOT / "CHANGELOG.md").read_text()
    number, date = re.search(r"^## \[(\d\S+)\] - (\S+)$", changes, re.M).groups()
    cited = (ROOT / "CITATION.cff").read_text()
    assert number == xnas.__version__
    assert f"version: {number}\n" in cited
    assert f"date-released: {date}\n" in cited


def test_the_next_command_works_where_the_user_stands(tmp_path, monkeypatch):
    script = tmp_path / "bin" / "deephyper_xnas"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(script.with_name("python")))
    monkeypatch.chdir(ROOT)
    assert program() == "./deephyper_xnas"
    monkeypatch.chdir(tmp_path)
    assert program() == str(ROOT / "deephyper_xnas")
    monkeypatch.setattr("xnas.names.clone_folder", lambda: None)
    assert program() == f"{tmp_path}/bin/python -m xnas"
    script.parent.mkdir()
    script.touch(0o755)
    assert program() == str(script)
    monkeypatch.setenv("PATH", str(script.parent))
    assert program() == "deephyper_xnas"
