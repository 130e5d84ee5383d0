"""The compiled trainer beside PyTorch, eager, on the same networks of ``digits``.

Run as ``python -m benchmarks.eager --python PYTHON``, where ``PYTHON`` is that of an
environment with ``benchmarks/eager-requirements.txt``; PyTorch need not be beside
TensorFlow. Each side runs in a process of one thread with the environment of a worker.
Both train and score the same networks with the same data, batches, epochs, optimizer,
schedule and augmentation, in turns; what is compared is the time that each process had
a CPU, which other work on the machine changes little. The first network of each side is
left out: the compiled trainer traces the whole space with it, once a worker.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import numpy as np

from benchmarks.trainers import Case, draw, problem_of, stopwatch, worker
from xnas.workers.supervisor import worker_environment

DIGITS = Case("digits as shipped", "digits", 1, 1.5, (8, 8))

GOAL = 0.7
"""CPU seconds of the compiled trainer against those of PyTorch, on average."""

Genotype = tuple[int, ...]


class Answer(NamedTuple):
    """What one side says of a network.

    Args:
        seconds: of CPU time, to train and score it.
        accuracy: of validation, after the last epoch.
        introspectability: of the validation data.
        n_parameters: weights, trained or not.
        n_features: that introspectability looks at.
    """

    seconds: float
    accuracy: float
    introspectability: float
    n_parameters: int
    n_features: int


Side = Callable[[Genotype, int], Answer]
"""Trains and scores a network with a seed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print both sides' CPU seconds, network by network, and their ratio.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="has PyTorch")
    parser.add_argument("--networks", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3, help="of all networks")
    given = parser.parse_args(argv)
    with worker() as run, pytorch(given.python) as (version, eager):

        def compiled(genotype: Genotype, seed: int) -> Answer:
            return Answer(*run(evaluate, genotype, seed))

        first, *networks = run(draw, DIGITS, given.networks + 1)
        print(f"first network, left out: {compiled(first, 0).seconds:.1f} s compiled")
        eager(first, 0)
        pairs = {one: _pairs(one, compiled, eager, given.rounds) for one in networks}
    for line in lines(pairs, version):
        print(line)
    return 0


def _pairs(
    genotype: Genotype, compiled: Side, eager: Side, rounds: int
) -> list[tuple[Answer, Answer]]:
    return [(compiled(genotype, k), eager(genotype, k)) for k in range(rounds)]


def lines(
    pairs: dict[Genotype, list[tuple[Answer, Answer]]], version: str
) -> Iterator[str]:
    """Tell what was measured.

    Args:
        pairs: of each network what either side says, once a seed.
        version: of PyTorch.

    Yields:
        A line a network, then the ratio of mean seconds with the spread of the
        networks' own ratios.

    Raises:
        ValueError: the sides do not train the same network.
    """
    yield f"CPU seconds to train and score: compiled, PyTorch {version} eager, ratio"
    ratios, sums = [], [0.0, 0.0]
    for genotype, answers in pairs.items():
        sizes = {(one.n_parameters, one.n_features) for p in answers for one in p}
        if len(sizes) > 1:
            raise ValueError(f"{genotype} is not the same network on both sides")
        sides = list(zip(*answers, strict=True))
        seconds = [mean(one.seconds for one in side) for side in sides]
        accuracy = [mean(one.accuracy for one in side) for side in sides]
        score = [mean(one.introspectability for one in side) for side in sides]
        ratios.append(seconds[0] / seconds[1])
        sums = [total + one for total, one in zip(sums, seconds, strict=True)]
        yield (
            f"{list(genotype)}: {seconds[0]:.2f}, {seconds[1]:.2f}, {ratios[-1]:.2f} "
            f"(accuracy {accuracy[0]:.3f}, {accuracy[1]:.3f}; introspectability "
            f"{score[0]:.3f}, {score[1]:.3f})"
        )
    spread = stdev(ratios) if len(ratios) > 1 else 0.0
    each = [total / len(ratios) for total in sums]
    yield (
        f"mean {each[0]:.2f}, {each[1]:.2f}, ratio {each[0] / each[1]:.2f}; of single "
        f"networks {mean(ratios):.2f} ± {spread:.2f} (standard deviation), "
        f"{min(ratios):.2f} to {max(ratios):.2f} (goal: {GOAL:g})"
    )


_made: list[Any] = []
"""This process's trainer."""


def evaluate(genotype: Genotype, seed: int) -> tuple[float | int, ...]:
    """Train and score a network with the compiled trainer, in a process of its own.

    Args:
        genotype: the network.
        seed: of its training.

    Returns:
        The fields of an :class:`Answer`; of the first with making the trainer.
    """
    from xnas.evaluation.compiled_trainer import CompiledTrainer
    from xnas.xai import introspectability

    since = stopwatch()
    if not _made:
        _made.append(CompiledTrainer(problem_of(DIGITS)))
    network = _made[0].evaluate(genotype, seed=seed)
    found = network.class_activations()
    score = introspectability(
        dict(zip(found.classes, np.hstack(found.sums), strict=True))
    )
    _, seconds = since()
    accuracy = network.history["val_acc"][-1]
    return seconds, accuracy, score, network.n_parameters, sum(found.layer_sizes)


@contextmanager
def pytorch(python: str) -> Iterator[tuple[str, Side]]:
    """Start the other side.

    Args:
        python: of an environment with PyTorch.

    Yields:
        PyTorch's version, and what trains and scores a network.

    Raises:
        RuntimeError: it ended, as where PyTorch is not there.
    """
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "digits.npz")
        _write_data(data)
        script = str(Path(__file__).with_name("eager_torch.py"))
        with subprocess.Popen(
            [python, script, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**worker_environment(1, []), "PYTHONPATH": ""},
        ) as process:

            def ask(job: dict[str, Any] | None) -> dict[str, Any]:
                assert process.stdin  # noqa: S101 - it is a pipe
                assert process.stdout  # noqa: S101 - likewise
                if job is not None:
                    process.stdin.write(json.dumps(job) + "\n")
                    process.stdin.flush()
                answer = process.stdout.readline()
                if not answer:
                    raise RuntimeError(
                        f"{python} ended, expected a Python with PyTorch: pip install "
                        "-r benchmarks/eager-requirements.txt"
                    )
                found: dict[str, Any] = json.loads(answer)
                return found

            def eager(genotype: Genotype, seed: int) -> Answer:
                return Answer(**ask({"genotype": list(genotype), "seed": seed}))

            yield ask(None)["version"], eager
            process.communicate()  # closes its input, which ends it


def _write_data(path: Path) -> None:
    """Write the task's data and hyperparameters for the other side."""
    from experiments.digits.load_data import load_data

    problem = problem_of(DIGITS)
    named = ("batch_size", "learning_rate", "weight_decay", "num_epochs")
    settings = {name: problem.hyperparameter_values[name] for name in named}
    settings["warmup_epochs"] = problem.hyperparameter_values["warmup_epochs"]
    (X_train, y_train), (X_valid, y_valid) = load_data()
    np.savez(
        path,
        X_train=X_train,
        y_train=y_train,
        X_valid=X_valid,
        y_valid=y_valid,
        settings=json.dumps(settings),
    )


if __name__ == "__main__":
    sys.exit(main())
