"""Every block of code in README and the pages runs, or is parsed where it cannot.

What can be looked up instead of trained is looked up in the table of all cells, and
commands run in this process, so that TensorFlow starts seldom.
"""

import argparse
import ast
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from documented import BLOCKS, ROOT, TEXT, block, commands_of

from xnas.cli import main, make_parser
from xnas.records import Candidate
from xnas.results import RunFolder, write_gram
from xnas.results.arrays import write_activations
from xnas.searches import Networks

SCRIPT = ROOT / "hierarchical_imagenet.py"
TABLE = {"--run": "xnas.nas_deephyper.tabular.run", "--evaluator": "serial"}
SMALLER = {
    "confirm": {"--replicates": "2", "--evaluator": "serial"},
    "train": {"--epochs": "1", "--replicates": "1"},
    "explain": {"--epochs": "1"},
}
FIRST, SECOND = "results/digits/2026-11-24T184314", "results/digits/2026-11-25T091502"

# What the tests below that are named after it run by themselves, by a text in it.
SINGLE_NODE = "TASK=digits"
FROM_PYTHON = "xnas.search("
PRINTED = "experiments.digits.search_space"
SPACE = 'VariableNode(name="hidden")'
PORTED = "port experiments/TASK"
OWN_TASK = "new-task flowers"
WALK_THROUGH = (
    "Image.fromarray",
    "new-task numbers",
    "check --problem",
    "numbers/first",
)
EXPLAINER = "def confidence("
SEARCH = "class Alphabetical("
BY_THEMSELVES = (
    *(SINGLE_NODE, FROM_PYTHON, PRINTED, SPACE, PORTED, OWN_TASK, *WALK_THROUGH),
    *(EXPLAINER, SEARCH),
)
PARSED = [block for block in BLOCKS if block.reason]
OF_A_RUN = [
    block
    for block in BLOCKS
    if not block.reason and not any(text in block.text for text in BY_THEMSELVES)
]


def run(script, cwd=ROOT):
    path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def store_activations(folder, number):
    """As an evaluation that trains its network does."""
    rng = np.random.default_rng(number)
    means = rng.random((10, 6), dtype="float32")
    of_layers = {
        "classes": np.arange(10),
        "layer_names": ["a", "b"],
        "layer_sizes": [2, 4],
    }
    gram = np.stack([part @ part.T for part in (means[:, :2], means[:, 2:])])
    counts = np.full(10, 3)
    for path in (folder.gram(number), folder.activations(number)):
        path.parent.mkdir(exist_ok=True)
    write_gram(
        folder.gram(number), gram=gram.astype("float64"), counts=counts, **of_layers
    )
    write_activations(folder.activations(number), means=means, **of_layers)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the two runs that the pages look at."""
    folder = tmp_path_factory.mktemp("folder")
    for name in (SECOND, FIRST):
        words = ["nas", "nsga2", "--problem", "digits", "--population-size", "16"]
        words = smaller([*words, "--seed", "1"], folder / name)
        words[words.index("--max-evals") + 1] = "64"
        assert main(words) == 0
    return folder


def smaller(words, elsewhere):
    """Words of a command that take less time."""
    changes = SMALLER.get(words[0], {})
    if "--resume" in words:
        changes = {"--evaluator": "serial", "--max-evals": "64"}
    elif words[0] == "nas":
        changes = {**TABLE, "--max-evals": "14", "--log-dir": str(elsewhere)}
    kept = list(words)
    for flag in changes:
        if flag in kept:
            at = kept.index(flag)
            del kept[at : at + 2]
    kept += ["--no-controls"] if words[0] == "explain" else []
    return [*kept, *(word for pair in changes.items() for word in pair)]


@pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)
@pytest.mark.parametrize("block", OF_A_RUN, ids=lambda block: block.name)
def test_blocks_that_search_and_look_at_runs_run(block, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    if block.language == "python":
        # What looks at a run looks at the numbers 56 and 58, and on its front.
        for number in range(64):
            store_activations(RunFolder(folder / FIRST), number)
        exec(compile(block.text, block.name, "exec"), {"__name__": "__main__"})
        return
    assert block.language == "shell"
    for i, line in enumerate(commands_of(block)):
        program, *words = shlex.split(line, comments=True)
        assert program == "./deephyper_xnas"
        assert main(smaller(words, tmp_path / f"run{i}")) == 0, line


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.reason], ids=lambda block: block.name
)
def test_blocks_that_cannot_run_here_are_parsed(block):
    if block.language == "python":
        ast.parse(block.text)
        return
    assert block.language == "shell"
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
    for line in commands_of(block):
        check_command(*shlex.split(line, comments=True))


def check_command(program, *words):
    """Parse the words of what is XNAS's own."""
    if program == "./deephyper_xnas":
        make_parser([*words]).parse_args(words)
    elif program == "./submit_job.sh":
        ours, _, flags = " ".join(words).partition(" -- ")
        text = (ROOT / "submit_job.sh").read_text()
        assert [o for o in re.findall(r"--?[a-z-]+", f" {ours}") if o not in text] == []
        search = re.search(r"--search (\S+)", ours)
        parsed = ["nas", search[1] if search else "nsga2", *flags.split()]
        make_parser(parsed).parse_args(parsed)
    elif program == "make":
        assert re.search(f"^{words[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    elif [program, *words[:1]] == ["python", "-m"] and words[1] != "pip":
        assert importlib.util.find_spec(words[1])


def test_reasons_not_to_run_a_block_are_few():
    reasons = {
        *("needs Slurm", "needs a GPU", "takes minutes", "takes an hour or two"),
        "takes hours",
        *("takes an hour, and a download", "needs a download"),
        *("makes an environment", "needs that environment"),
        *("needs extras", "never ends by itself"),
    }
    assert {block.reason for block in BLOCKS} - {None} <= reasons


def test_the_single_node_command_runs_as_written(tmp_path):
    script = block(SINGLE_NODE).text.rstrip()
    script = script.replace("--max-evals 64", "--max-evals 4")
    run(f"{script} --set num_epochs=1 --log-dir {tmp_path / 'run'}")
    assert len(pd.read_csv(tmp_path / "run" / "results.csv")) == 4


def test_the_network_of_a_genotype_is_printed():
    assert "Total params" in run(block(PRINTED).text)


def test_the_search_from_python_runs_as_written(tmp_path):
    script = block(FROM_PYTHON).text
    script = script.replace("results/mine", str(tmp_path / "run"))
    script = script.replace("max_evals=64", "max_evals=3")
    script = script.replace("seed=1,", "seed=1, hyperparameters={'num_epochs': 1},")
    run(f"python - <<'END'\n{script}\nEND")
    assert len(pd.read_csv(tmp_path / "run" / "results.csv")) == 3


def test_a_task_folder_is_named_to_port(monkeypatch, capsys):
    _, *words = shlex.split(block(PORTED).text, comments=True)
    monkeypatch.chdir(ROOT)
    assert main([word.replace("TASK", "digits") for word in words]) == 0
    assert "experiments/digits" in capsys.readouterr().out


def test_the_search_space_of_the_example_builds():
    found = {}
    exec(block(SPACE).text, found)
    assert found["model"].output_shape == (None, 3)


def test_the_explainer_of_the_example_gives_the_mean_of_the_largest_outputs():
    class Network:
        def batches(self, split):
            assert split == "valid"
            yield from ((np.eye(3), None), (np.full((3, 3), 0.5), None))

        def predict(self, x):
            return x

    found = {}
    exec(block(EXPLAINER).text, found)
    assert found["confidence"](Network()) == 0.75


def test_the_search_of_the_example_goes_through_all_networks():
    from experiments.digits.problem import Problem

    found = {}
    exec(block(SEARCH).text, found)
    networks = Networks(Problem.build_space())
    first, second = found["Alphabetical"](networks, (), 0).ask(2)
    assert isinstance(first, Candidate)
    assert first.genotype < second.genotype


def test_the_walk_through_runs_as_written(tmp_path):
    """In a copy, as it writes tasks."""
    copy = tmp_path / "xnas"
    for name in ("xnas", "experiments"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "deephyper_xnas", copy)
    for text in WALK_THROUGH:
        run(block(text).text, cwd=copy)
    run(block(OWN_TASK).text.replace("PICTURES", "pictures"), cwd=copy)
    assert (copy / "experiments" / "flowers" / "problem.py").exists()
    rows = pd.read_csv(copy / "results" / "numbers" / "first" / "results.csv")
    assert len(rows) == 8
    assert rows["objective_0"].astype(float).max() > 0.2


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
    text = "\n".join(TEXT.values())
    assert {f for f in flags if not re.search(f"{f}[` ]", text)} == set()
