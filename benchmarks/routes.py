"""Whether the two trainers give the same accuracies and scores on average.

Run as ``python -m benchmarks.routes``: trains the same networks of ``digits`` with the
same seeds both ways in float32, where rounding grows with every step, so that single
results differ; none may be better than the other. Each pair of accuracies and scores
gives a difference, compiled minus plain. Their mean comes with its 95 % interval, and
with two tests of no difference: Student's, of the mean, and Wilcoxon's, of the ranks.
Beside that, how far pairs lie apart, against pairs of the compiled trainer with two
seeds. ``--pairs FILE`` keeps what was trained, one network a line, and goes on from it.

The exit status is 1 if a test finds a difference at the 1 % level.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.trainers import worker
from xnas.evaluation.settings import Trainer

Genotype = tuple[int, ...]

MEASURES = ("accuracy", "introspectability")

SETTINGS = {"batch_size": 48, "learning_rate": 0.03, "num_epochs": 3}
"""The benchmark's own, whatever those of the task are."""

LEVEL = 0.01
"""Of the tests."""


def main(argv: Sequence[str] | None = None) -> int:
    """Train all pairs and print what tells them apart.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0, or 1 if the trainers differ.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="of results")
    arguments = parser.parse_args(argv)
    started = time.perf_counter()
    results = np.array(list(train_all(draw(arguments.networks), arguments.pairs)))
    print(
        f"{len(results)} networks of digits, {SETTINGS}; took "
        f"{(time.perf_counter() - started) / 60:.0f} min"
    )
    differ = False
    for column, name in enumerate(MEASURES):
        differ |= compare(name, *results[:, :, column].T)
    return 1 if differ else 0


def draw(count: int) -> list[Genotype]:
    """Draw different networks, none of which is cut in two."""
    space = task().build_space()
    highest = [high for _, high in space.choices()]
    rng = np.random.default_rng(0)
    found: dict[Genotype, None] = {}
    while len(found) < count:
        genotype = tuple(rng.integers(0, highest, endpoint=True).tolist())
        if space.is_connected(list(genotype)):
            found[genotype] = None
    return list(found)


def task() -> Any:
    """Return the task that is trained."""
    from experiments.digits.problem import Problem

    return Problem.with_hyperparameters(**SETTINGS)


def train_all(
    networks: Sequence[Genotype], file: Path | None
) -> Iterator[list[tuple[float, float]]]:
    """Train networks, each trainer in a process of its own.

    Args:
        networks: their genotypes; the seed of each is its place.
        file: what was trained, one network a line; it gets what is missing.

    Yields:
        Both measures of the plain trainer, the compiled one, and the compiled one with
        another seed.
    """
    lines = file.read_text().splitlines() if file and file.exists() else []
    yield from map(json.loads, lines[: len(networks)])
    with worker() as plain, worker() as compiled:
        for k in range(len(lines), len(networks)):
            found = train_three(plain, compiled, networks[k], k)
            if file is not None:
                with file.open("a") as stream:
                    stream.write(json.dumps(found) + "\n")
            yield found


def train_three(
    plain: Callable, compiled: Callable, genotype: Genotype, seed: int
) -> list[tuple[float, float]]:
    """Train a network both ways, and once more with another seed."""
    return [
        plain(train, "plain", genotype, seed),
        compiled(train, "compiled", genotype, seed),
        compiled(train, "compiled", genotype, 1_000_000 + seed),
    ]


_trainers: dict[Trainer, Any] = {}
"""That of this process."""


def train(trainer: Trainer, genotype: Genotype, seed: int) -> tuple[float, float]:
    """Train a network; return both measures, NaN if that failed."""
    from xnas.errors import EvaluationError
    from xnas.evaluation.trainers import make_trainer

    if trainer not in _trainers:
        _trainers[trainer] = make_trainer(trainer, task())
    try:
        made = _trainers[trainer].evaluate(genotype, seed=seed)
    except EvaluationError:
        return float("nan"), float("nan")
    return float(made.objective), float(made.class_activations().score())


def compare(
    name: str,
    plain: NDArray[np.float64],
    compiled: NDArray[np.float64],
    reseeded: NDArray[np.float64],
) -> bool:
    """Print one measure's differences and what tests say of them.

    Args:
        name: of the measure.
        plain: (networks,) values of the plain trainer.
        compiled: likewise of the compiled one, same seeds.
        reseeded: likewise, other seeds.

    Returns:
        Whether a test finds a difference.
    """
    # Networks that predict one class only have no finite score.
    finite = np.isfinite(plain) & np.isfinite(compiled) & np.isfinite(reseeded)
    differences = (compiled - plain)[finite]
    between_seeds = (reseeded - compiled)[finite]
    student = stats.ttest_1samp(differences, 0.0)
    low, high = student.confidence_interval(0.95)
    ranks = stats.wilcoxon(differences, zero_method="zsplit")
    print(
        f"{name}, {finite.sum()} pairs of finite numbers: compiled − plain "
        f"{differences.mean():+.5f}, 95 % interval {low:+.5f} to {high:+.5f}; p = "
        f"{student.pvalue:.2f} (Student), {ranks.pvalue:.2f} (Wilcoxon); "
        f"standard deviation {differences.std(ddof=1):.5f}, that between seeds "
        f"{between_seeds.std(ddof=1):.5f}"
    )
    for trainer, values in (("plain", plain), ("compiled", compiled)):
        print(f"    without a finite number, {trainer}: {(~np.isfinite(values)).sum()}")
    return bool(min(student.pvalue, ranks.pvalue) < LEVEL)


if __name__ == "__main__":
    sys.exit(main())
