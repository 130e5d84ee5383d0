"""Memory of a worker that trains and scores one network after another.

Run as ``python -m benchmarks.memory``; the networks are drawn from the task digits.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence

# Before TensorFlow loads, which prints its start-up notes else.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import psutil

from experiments.digits.problem import Problem
from xnas.evaluation.trainer import PlainTrainer

SETTLED = 10
"""Evaluations after which memory should stay."""

LIMIT = 0.10


def main(argv: Sequence[str] | None = None) -> int:
    """Print the memory after every tenth evaluation.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0 if memory grows by less than a tenth after the tenth evaluation, else 1.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    if arguments.evaluations <= SETTLED:
        parser.error(f"--evaluations must be above {SETTLED}")
    curve = []
    started = time.perf_counter()
    for done, size in enumerate(evaluate(arguments.evaluations, arguments.seed), 1):
        curve.append(size)
        if done % SETTLED == 0:
            seconds = time.perf_counter() - started
            print(f"{done:4d} evaluations  {size / 1e6:7.0f} MB  {seconds:5.0f} s")
    growth = max(curve[SETTLED:]) / curve[SETTLED - 1] - 1
    print(f"growth after the {SETTLED}th: {growth:+.1%}, allowed {LIMIT:+.0%}")
    return 0 if growth < LIMIT else 1


def evaluate(count: int, seed: int) -> Iterator[int]:
    """Train random networks for one epoch each and score them.

    Args:
        count: how many.
        seed: of the choice of networks.

    Yields:
        Resident memory after each, in bytes.
    """
    trainer = PlainTrainer(Problem.with_hyperparameters(num_epochs=1))
    space = Problem.build_space()
    rng = np.random.default_rng(seed)
    process = psutil.Process()
    n_choices = [high + 1 for _, high in space.choices()]
    done = 0
    while done < count:
        genotype = tuple(rng.integers(0, n_choices).tolist())
        if not space.is_connected(list(genotype)):
            continue
        trainer.evaluate(genotype, seed=done).class_activations()
        done += 1
        yield process.memory_info().rss


if __name__ == "__main__":
    sys.exit(main())
