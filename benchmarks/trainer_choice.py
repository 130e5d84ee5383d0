"""What ``--trainer auto`` takes, against what both trainers need, on a grid.

Run as ``python -m benchmarks.trainer_choice``; ``--cells``, ``--batches`` and
``--sides`` take other values of cells a stage, batch size and picture size. For each
combination it measures what either trainer needs for a step and beside its steps: CPU
seconds of one worker, the mean of a few networks that have each operation about as
often. What more steps and evaluations take is computed from that. Each field of the
grid says what was chosen and what it costs against the other; choices that are slower
by more than 10 % follow again at the end.

``--costs FILE`` writes what was measured there, or reads it if the file exists, to
judge other constants without measuring again.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise, product
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from benchmarks.trainers import SLOW, Pair, stopwatch, worker
from xnas.evaluation.settings import Trainer
from xnas.problem import NaProblem
from xnas.search_space_common import KSearchSpace, nas_bench_201_search_space

AXES = {"cells": (1, 2, 5), "batches": (32, 256), "sides": (8, 24)}
STEPS = (1, 10, 100, 1_000, 10_000)
EVALUATIONS = (1, 4, 16, 64, 256, 1_000)

TOLERATED = 1.1
"""How much slower the chosen trainer may be."""

N_CLASSES = 10

N_VALID = 32
"""Few, so that a training costs its steps."""

EPOCHS = 3
"""The first is with tracing, so that steps are timed from the second on."""

MOST_STEPS = 30
POINTS = 500_000
"""Steps × cells × batch size × points of a picture of an epoch, below a second."""

GENOTYPES = [tuple((edge + shift) % 5 for edge in range(6)) for shift in (0, 2, 4)]
"""Networks that have each operation about as often as the mean of the space."""


@dataclass(frozen=True)
class GridPoint:
    """A point of the grid that is measured.

    Args:
        stack_size: cells a stage.
        batch_size: examples a step.
        side: points a side of a picture.
    """

    stack_size: int
    batch_size: int
    side: int

    def problem(self, steps: int, epochs: int = 1) -> NaProblem:
        """Make a task with a number of steps an epoch."""
        problem = NaProblem()
        problem.load_data(load_noise, size=steps * self.batch_size, side=self.side)
        problem.search_space(nas_bench_201_search_space, stack_size=self.stack_size)
        problem.hyperparameters(
            batch_size=self.batch_size, learning_rate=SLOW, num_epochs=epochs
        )
        problem.loss("sparse_categorical_crossentropy")
        problem.metrics(["acc"])
        problem.objective("val_acc__last")
        return problem

    @property
    def timed_steps(self) -> int:
        """Steps of an epoch when they are timed."""
        at_once = self.batch_size * self.side**2 * self.stack_size
        return min(MOST_STEPS, max(1, POINTS // at_once))


@dataclass(frozen=True)
class Costs:
    """CPU seconds of a worker.

    Args:
        once: before anything, beyond what each evaluation takes.
        evaluation: a network, beside its steps.
        step: of training.
    """

    once: float
    evaluation: float
    step: float

    def total(self, evaluations: int, steps: int) -> float:
        """Compute what evaluations of so many steps each take."""
        return self.once + evaluations * (self.evaluation + steps * self.step)


@dataclass(frozen=True)
class Measured:
    """What both trainers take at a point.

    Args:
        point: the point.
        plain: the plain one's costs.
        compiled: the compiled one's.
    """

    point: GridPoint
    plain: Costs
    compiled: Costs


def load_noise(size: int, side: int) -> tuple[Pair, Pair]:
    """Make pictures of nothing."""
    X = np.random.default_rng(0).random((size, side, side, 1), "f4")
    y = np.arange(size) % N_CLASSES
    valid = np.resize(X, (N_VALID, side, side, 1))
    return (X, y), (valid, np.arange(N_VALID) % N_CLASSES)


def measure(point: GridPoint) -> Measured:
    """Measure both trainers at a point, each in a process of its own."""
    with worker() as run:
        plain = run(measure_plain, point)
    with worker() as run:
        compiled = run(measure_compiled, point)
    return Measured(point, plain, compiled)


def measure_plain(point: GridPoint) -> Costs:
    """Train networks one by one, after a small one that warms the process up."""
    from xnas.evaluation.network import PlainNetwork
    from xnas.tasks import load_task_data, space_of
    from xnas.training.initial import fresh_network
    from xnas.training.loop import train

    problem = point.problem(point.timed_steps, EPOCHS)
    data = load_task_data(problem)
    space = space_of(problem, data)
    settings = problem.training_settings()
    small = space_of(replace(point, stack_size=1).problem(1), data)

    def evaluate(
        genotype: tuple[int, ...], on_epoch: Callable, space: KSearchSpace = space
    ) -> None:
        model = fresh_network(space, genotype, 1)
        training = train(model, settings, data, seed=1, on_epoch=on_epoch)
        PlainNetwork(model, data, training).class_activations()

    evaluate(GENOTYPES[0], lambda epoch, logs: None, small)
    found = [timed(evaluate, one, point.timed_steps) for one in GENOTYPES]
    return Costs(0.0, mean(one for one, _ in found), mean(step for _, step in found))


def measure_compiled(point: GridPoint) -> Costs:
    """Train networks through one graph."""
    from xnas.supernet.network import Supernet
    from xnas.supernet.scoring import SupernetScorer
    from xnas.supernet.training import SupernetEpochs
    from xnas.tasks import load_task_data, space_of
    from xnas.training.loop import train

    steps = point.timed_steps
    problem = point.problem(steps, EPOCHS)
    data = load_task_data(problem)
    began = stopwatch()
    net = Supernet(space_of(problem, data))
    settings = problem.training_settings()
    epochs = SupernetEpochs(net, settings, data)
    scorer = SupernetScorer(net, data, "prediction")

    def evaluate(genotype: tuple[int, ...], on_epoch: Callable) -> None:
        net.choose(genotype, 1)
        epochs.begin(1)
        train(net, settings, data, seed=1, epochs=epochs, on_epoch=on_epoch)
        scorer.collect(np.arange(N_VALID))

    made = began()[1]
    first, _ = timed(evaluate, GENOTYPES[0], steps)
    found = [timed(evaluate, one, steps) for one in GENOTYPES]
    evaluation = mean(one for one, _ in found)
    return Costs(made + first - evaluation, evaluation, mean(s for _, s in found))


def timed(evaluate: Callable, genotype: Any, steps: int) -> tuple[float, float]:
    """Evaluate a network; return CPU seconds beside its steps, and of a step."""
    since = stopwatch()
    ends: list[float] = []
    evaluate(genotype, lambda epoch, logs: ends.append(since()[1]))
    step = min(later - end for end, later in pairwise(ends)) / steps
    return since()[1] - EPOCHS * steps * step, step


@dataclass(frozen=True)
class Judged:
    """What was chosen somewhere on the grid.

    Args:
        point: the point.
        steps: of a training.
        evaluations: of a worker.
        trainer: what was chosen.
        ratio: what it takes against the other.
    """

    point: GridPoint
    steps: int
    evaluations: int
    trainer: Trainer
    ratio: float

    @property
    def is_wrong(self) -> bool:
        """Whether the other would be much quicker."""
        return self.ratio > TOLERATED

    def __str__(self) -> str:
        """Return the trainer's initial and the ratio."""
        return f"{self.trainer[0]} {self.ratio:5.2f}{'!' if self.is_wrong else ' '}"


def judge(measured: Measured) -> Iterator[list[Judged]]:
    """Ask what would be chosen at a point, one list a number of steps."""
    point = measured.point
    for steps in STEPS:
        choose = chooser(point, steps)
        row = []
        for evaluations in EVALUATIONS:
            seconds = {
                "plain": measured.plain.total(evaluations, steps),
                "compiled": measured.compiled.total(evaluations, steps),
            }
            chosen = choose(evaluations)
            mine = seconds.pop(chosen)
            (other,) = seconds.values()
            row.append(Judged(point, steps, evaluations, chosen, mine / other))
        yield row


def chooser(point: GridPoint, steps: int) -> Callable[[int], Trainer]:
    """Return what maps evaluations of a worker to the trainer that is chosen."""
    from xnas.evaluation.trainer_choice import choose_trainer
    from xnas.tasks import load_task_data

    # As many examples as one step has, and as many epochs as there are to be steps.
    problem = point.problem(1, epochs=steps)
    data = load_task_data(problem)

    def choose(evaluations: int) -> Trainer:
        return choose_trainer(
            "auto", problem, data, max_evals=evaluations, num_workers=1
        ).trainer

    return choose


def read_or_measure(point: GridPoint, file: Path | None) -> Measured:
    """Measure a point, or take what a file holds of it.

    Args:
        point: the point.
        file: what was measured, one point a line; it gets what is missing.
    """
    lines = file.read_text().splitlines() if file and file.exists() else ()
    for line in lines:
        known = json.loads(line)
        if GridPoint(**known.pop("point")) == point:
            return Measured(point, **{k: Costs(**v) for k, v in known.items()})
    measured = measure(point)
    if file is not None:
        with file.open("a") as stream:
            stream.write(json.dumps(asdict(measured)) + "\n")
    return measured


def show(measured: Measured) -> list[Judged]:
    """Print what was measured at a point and what is chosen there."""
    point = measured.point
    print(
        f"\nN = {point.stack_size}, batches of {point.batch_size}, pictures of "
        f"{point.side} × {point.side}; CPU seconds once, an evaluation, a step:"
    )
    for name in ("plain", "compiled"):
        costs: Costs = getattr(measured, name)
        print(
            f"    {name:10s} {costs.once:7.1f} {costs.evaluation:7.2f} "
            f"{costs.step:8.4f}"
        )
    print("     steps " + "".join(f"{count:>9,}" for count in EVALUATIONS))
    found = []
    for row in judge(measured):
        print(f"{row[0].steps:>10,} " + "".join(f"{one!s:>9}" for one in row))
        found += row
    sys.stdout.flush()
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Print the grid.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0, or 1 where the slower trainer is chosen.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, usual in AXES.items():
        parser.add_argument(f"--{name}", type=int, nargs="+", default=usual)
    parser.add_argument("--costs", type=Path, metavar="FILE", help="of the measurement")
    arguments = parser.parse_args(argv)
    print(
        "chosen trainer (c compiled, p plain) and its time against the other's, by "
        "steps of a training (down) and evaluations of a worker (across)"
    )
    judged = []
    for values in product(*(getattr(arguments, name) for name in AXES)):
        judged += show(read_or_measure(GridPoint(*values), arguments.costs))
    wrong = [one for one in judged if one.is_wrong]
    print(
        f"\nthe slower one by more than {TOLERATED - 1:.0%}: {len(wrong)} of "
        f"{len(judged)}"
    )
    for one in wrong:
        print(
            f"{one.point}, {one.steps:,} steps, {one.evaluations:,} evaluations: "
            f"{one.trainer} takes {one.ratio:.2f} times as long"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
