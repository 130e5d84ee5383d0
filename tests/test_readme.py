"""README's commands run and its links lead somewhere."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd

from xnas.cli import make_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SCRIPT = ROOT / "hierarchical_imagenet.py"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def block(language, containing):
    found = [text for kind, text in BLOCKS if kind == language and containing in text]
    assert len(found) == 1, containing
    return found[0]


def run(script, cwd=ROOT, **extra):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-ec", script],
        cwd=cwd,
        env={**os.environ, "PATH": path, **extra},
        capture_output=True,
        text=True,
        timeout=400,
    )


def test_the_single_node_command_runs_as_written(tmp_path):
    script = block("shell", "TASK=digits").rstrip()
    script = script.replace("--max-evals 64", "--max-evals 4")
    script += f" --set num_epochs=1 --log-dir {tmp_path / 'run'}"
    done = run(script)
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "run" / "results.csv")) == 4


def test_the_network_of_a_genotype_is_printed():
    done = run(block("shell", "experiments.digits.search_space"))
    assert done.returncode == 0, done.stderr
    assert "Total params" in done.stdout


def test_the_search_from_python_runs_as_written(tmp_path):
    script = block("python", "xnas.search(")
    script = script.replace("results/mine", str(tmp_path / "run"))
    script = script.replace("max_evals=64", "max_evals=3")
    script = script.replace("seed=1,", "seed=1, hyperparameters={'num_epochs': 1},")
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "run" / "results.csv")) == 3


def test_local_links_lead_to_files():
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    links += re.findall(r'src="(?!https?:)([^"]+)"', README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_named_exists():
    named = set(re.findall(r"`make ([a-z]+)", README)) | set(
        re.findall(r"^make ([a-z]+)", README, re.MULTILINE)
    )
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert {"demo", "test"} <= named <= targets


def parsers_of(parser):
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for other in action.choices.values():
                yield from parsers_of(other)


def test_every_flag_is_described():
    flags = {
        flag
        for words in ([], ["nas", "nsga2"], ["nas", "regevo_xnas"], ["check"])
        for parser in parsers_of(make_parser(words))
        for action in parser._actions
        for flag in action.option_strings
        if flag.startswith("--")
    }
    flags |= set(re.findall(r'"(--[a-z]+)"', SCRIPT.read_text()))
    flags -= {"--version", "--help"}
    assert flags
    assert {f for f in flags if not re.search(f"{f}[` ]", README)} == set()


def test_the_search_space_of_the_example_builds():
    script = block("python", 'VariableNode(name="hidden")')
    done = subprocess.run(
        [sys.executable, "-c", script + "\nprint(model.output_shape)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.strip() == "(None, 3)", done.stderr


def test_the_walk_through_runs_as_written(tmp_path):
    """In a copy, as it writes a task."""
    copy = tmp_path / "xnas"
    for name in ("xnas", "experiments"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "deephyper_xnas", copy)
    section = README.split("## Your own data")[1].split("\n## ")[0]
    steps = re.findall(r"^( *)```shell\n(.*?)^ *```", section, re.DOTALL | re.MULTILINE)
    assert len(steps) == 4
    for indent, text in steps:
        script = "\n".join(line.removeprefix(indent) for line in text.splitlines())
        done = run(script, cwd=copy)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
    rows = pd.read_csv(copy / "results" / "numbers" / "first" / "results.csv")
    assert len(rows) == 8
    assert rows["objective_0"].astype(float).max() > 0.2
