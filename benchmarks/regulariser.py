"""What the paper's regulariser costs a step, and what it does to networks of digits.

``python -m benchmarks.regulariser --steps`` does the first: training steps of the
compiled trainer with and without it, at three batch sizes, in turns. Without that flag
it trains ten random networks of ``digits`` with two seeds each, without the regulariser
and with weight 0.5, for a few minutes, and prints the mean changes of accuracy
and introspectability with their 95 % intervals over networks. ``--results FILE`` keeps
what was trained, one training a line, and goes on from it.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

NETWORKS = 10

SEEDS = 2

WEIGHTS = (0.0, 0.5)

VARIANTS: dict[str, dict[str, Any]] = {
    "without": {},
    "all layers": {"regularize_introspectability": 0.5},
    "last stage": {
        "regularize_introspectability": 0.5,
        "regularized_layers": "last-stage",
    },
}

BATCHES = (64, 128, 512)

ROUNDS = 7
"""In which each variant has a turn; the medians of their ratios count."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print what was found.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", action="store_true", help="time steps alone")
    parser.add_argument("--results", type=Path, metavar="FILE", help="of trainings")
    arguments = parser.parse_args(argv)
    if arguments.steps:
        for batch in BATCHES:
            print(step_costs(batch), flush=True)
    else:
        summarise(list(train_all(arguments.results)))
    return 0


def task(**hyperparameters: Any) -> Any:
    """Return the task that is trained."""
    from experiments.digits.problem import Problem

    return Problem.with_hyperparameters(**hyperparameters)


def networks() -> list[tuple[int, ...]]:
    """Draw the networks that are trained."""
    from xnas.space.extremes import random_networks

    return random_networks(task().build_space(), NETWORKS, seed=0)


def step_costs(batch: int) -> str:
    """Time steps at a batch size, and word the medians over networks and rounds."""
    from xnas.evaluation.compiled_trainer import CompiledTrainer

    trainers = {
        name: CompiledTrainer(task(batch_size=batch, **changes))
        for name, changes in VARIANTS.items()
    }
    ratios: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for genotype in networks()[:4]:
        for trainer in trainers.values():
            trainer.supernet.choose(genotype, 0)
            trainer._epochs.begin(0)
            trainer._epochs.train(0)
        for _ in range(ROUNDS):
            seconds = {}
            for name, trainer in trainers.items():
                started = time.perf_counter()
                trainer._epochs.train(0)
                seconds[name] = time.perf_counter() - started
            for name, taken in seconds.items():
                ratios[name].append(taken / seconds["without"])
    found = {name: float(np.median(values)) for name, values in ratios.items()}
    words = ", ".join(f"{name} × {value:.2f}" for name, value in found.items())
    return f"a step at batch {batch}: {words}"


def train_all(file: Path | None) -> Iterator[dict[str, Any]]:
    """Train what is missing.

    Args:
        file: what was trained, one training a line.

    Yields:
        Weight, network, seed, accuracy and introspectability of each training.
    """
    from xnas.evaluation.compiled_trainer import CompiledTrainer

    lines = file.read_text().splitlines() if file and file.exists() else []
    done = [json.loads(line) for line in lines]
    yield from done
    known = {(one["weight"], one["network"], one["seed"]) for one in done}
    for weight in WEIGHTS:
        trainer = None
        for number, genotype in enumerate(networks()):
            for seed in range(SEEDS):
                if (weight, number, seed) in known:
                    continue
                if trainer is None:
                    trainer = CompiledTrainer(task(regularize_introspectability=weight))
                made = trainer.evaluate(genotype, seed=seed)
                found = {
                    "weight": weight,
                    "network": number,
                    "seed": seed,
                    "accuracy": float(made.objective),
                    "introspectability": float(made.class_activations().score()),
                }
                if file is not None:
                    with file.open("a") as stream:
                        stream.write(json.dumps(found) + "\n")
                yield found


def summarise(found: Sequence[dict[str, Any]]) -> None:
    """Print the mean change of each measure, over networks."""
    for name in ("introspectability", "accuracy"):
        means = np.array(
            [
                [
                    np.mean(
                        [
                            one[name]
                            for one in found
                            if (one["weight"], one["network"]) == (weight, number)
                        ]
                    )
                    for weight in WEIGHTS
                ]
                for number in range(NETWORKS)
            ]
        )
        changes = means[:, 1] - means[:, 0]
        low, high = stats.ttest_1samp(changes, 0.0).confidence_interval(0.95)
        print(
            f"{name}: {means[:, 0].mean():.3f} without, {means[:, 1].mean():.3f} with "
            f"weight {WEIGHTS[1]}: {changes.mean():+.4f} [{low:+.4f}, {high:+.4f}]"
        )


if __name__ == "__main__":
    sys.exit(main())
