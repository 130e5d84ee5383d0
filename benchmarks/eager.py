"""The compiled trainer beside PyTorch, eager, on the same networks of ``digits``.

Run as ``python -m benchmarks.eager --python PYTHON``, where ``PYTHON`` is that of an
environment with ``benchmarks/eager-requirements.txt``; PyTorch need not be beside
TensorFlow. Each side runs in a process of one thread with the environment of a worker.
Both train and score the same networks with the same data, batches, epochs, optimizer,
schedule and augmentation, in turns; what is compared is the time that each process had
a CPU, which other work on the machine changes little. The first network of each side is
left out: the compiled trainer traces the whole space with it, once a worker. Before it,
PyTorch follows some steps of XNAS from the same weights with the same batches, and must
come to the same loss, accuracy and introspectability.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import nan
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.trainers import Case, draw, problem_of, stopwatch, worker
from xnas.workers.supervisor import worker_environment

DIGITS = Case("digits as shipped", "digits", 1, 1.5, (8, 8))

GOAL = 0.7
"""CPU seconds of the compiled trainer against those of PyTorch, on average."""

Genotype = tuple[int, ...]

FOLLOWED: Genotype = (0, 1, 2, 4, 1, 0)
"""The network on which the sides must agree: with each operation that does a thing."""

STEPS = 3
"""Of training, that PyTorch follows: momentum has had its say in the last one's loss.

A few steps later no two sides agree: rounding moves a number across the 0 of a ReLU
sooner or later, and the difference grows tenfold a step.
"""

AGREEMENT = {"loss": 2e-3, "accuracy": 1e-5, "introspectability": 1e-5}
"""How far apart the sides may be."""


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
    with worker() as run, pytorch(given.python) as (version, eager, follow):

        def compiled(genotype: Genotype, seed: int) -> Answer:
            return Answer(*run(evaluate, genotype, seed))

        first, *networks = run(draw, DIGITS, given.networks + 1)
        with tempfile.TemporaryDirectory() as folder:
            steps = str(Path(folder, "steps.npz"))
            check_agreement(run(make_steps, FOLLOWED, steps), follow(FOLLOWED, steps))
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
        A line a network, the ratio of mean seconds with the spread of the networks' own
        ratios, and whether the sides' networks are equally good.

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
    for name in ("accuracy", "introspectability"):
        values = np.array(
            [[[getattr(one, name) for one in p] for p in row] for row in pairs.values()]
        )
        means = values.mean(axis=(0, 1))
        difference, half = difference_of(values[..., 0] - values[..., 1])
        yield (
            f"{name} {means[0]:.4f}, {means[1]:.4f}, difference {difference:+.4f} ± "
            f"{half:.4f} (95 % interval over seeds)"
        )


def difference_of(differences: NDArray[np.float64]) -> tuple[float, float]:
    """Estimate a mean difference on given networks.

    Args:
        differences: (networks, seeds).

    Returns:
        The mean, and half its 95 % interval by what seeds change, NaN for one seed.
    """
    networks, seeds = differences.shape
    half = nan
    if seeds > 1:
        error = np.sqrt(differences.var(axis=1, ddof=1).sum() / seeds) / networks
        half = error * stats.t.ppf(0.975, networks * (seeds - 1))
    return float(differences.mean()), float(half)


Found = dict[str, float]
"""Mean loss of the first steps; accuracy and introspectability after training."""


def check_agreement(ours: Found, theirs: Found) -> None:
    """Compare what both sides found with the same weights and batches.

    Args:
        ours: of XNAS.
        theirs: of PyTorch.

    Raises:
        RuntimeError: they differ by more than rounding.
    """
    for name, value in ours.items():
        if not abs(value - theirs[name]) <= AGREEMENT[name]:
            raise RuntimeError(
                f"{name} is {theirs[name]} in PyTorch, expected XNAS's {value}"
            )


def make_steps(genotype: Genotype, file: str) -> Found:
    """Train a network with XNAS, in a process of its own.

    Args:
        genotype: the network.
        file: gets weights before and after training, the first batches, and how many
            an epoch has.

    Returns:
        What it found.
    """
    import tensorflow as tf

    from xnas.supernet.network import Supernet
    from xnas.supernet.scoring import SupernetScorer
    from xnas.supernet.training import SupernetEpochs
    from xnas.tasks import load_task_data
    from xnas.xai import introspectability

    problem = problem_of(DIGITS)
    data, settings = load_task_data(problem), problem.training_settings()
    network = Supernet(problem.build_space(), fixed=genotype)
    epochs = SupernetEpochs(network, settings, data)
    network.choose(genotype, 0)
    epochs.begin(0)
    start = _by_layer(network.weights_by_name())
    loss = epochs.train(0, STEPS)["loss"]
    for epoch in range(1, settings.hyperparameters["num_epochs"]):
        epochs.train(epoch)
    end = _by_layer(network.weights_by_name())
    zero, size = tf.constant(0, tf.int64), settings.batch_size
    order, draws = data.training_examples.chance(zero, zero)
    index = order[: STEPS * size]
    x, y = data.training_examples.gather_augmented(index, draws)
    weights: dict[str, Any] = {f"start{i}": one for i, one in enumerate(start)}
    weights |= {f"end{i}": one for i, one in enumerate(end)}
    np.savez(
        file,
        **weights,
        x=tf.reshape(x, (STEPS, size, *x.shape[1:])),
        y=tf.reshape(y, (STEPS, size)),
        steps_per_epoch=settings.steps_per_epoch(data.train_size),
    )
    scorer = SupernetScorer(network, data, "prediction")
    return {
        "loss": loss,
        "accuracy": epochs.validate()["val_acc"],
        "introspectability": introspectability(
            scorer.collect(np.arange(data.valid_size)).vectors()
        ),
    }


def _by_layer(weights: dict[str, NDArray]) -> list[NDArray]:
    """List weights of one layer after the other, statistics beside what is trained."""
    layers: dict[str, list[NDArray]] = {}
    for name, values in weights.items():
        layers.setdefault(name.rpartition("/")[0], []).append(values)
    return [values for layer in layers.values() for values in layer]


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
def pytorch(
    python: str,
) -> Iterator[tuple[str, Side, Callable[[Genotype, str], Found]]]:
    """Start the other side.

    Args:
        python: of an environment with PyTorch.

    Yields:
        PyTorch's version, what trains and scores a network, and what makes the steps
        of a file of :func:`make_steps`.

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

            def follow(genotype: Genotype, steps: str) -> Found:
                return ask({"genotype": list(genotype), "steps": steps})

            yield ask(None)["version"], eager, follow
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
