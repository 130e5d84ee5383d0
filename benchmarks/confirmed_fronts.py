"""Whether estimated fronts of real searches hold when they are trained anew.

Run as ``python -m benchmarks.confirmed_fronts --folder FOLDER``: searches of ``digits``
with further trainings, each with its own seed, and all networks of their estimated
fronts trained three times more, as the search trains, with seeds that no search used.
The same command carries on. It takes two minutes a search on two cores.

An interval is the estimate ± 1.96 √(sd² + v / 3): sd is stated with the estimate, and v
is the variance of one training, as the new ones differ from the means of their network.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

# Before TensorFlow loads, which prints its start-up notes else.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd

from benchmarks.tabular.command import positive
from xnas.records import Genotype
from xnas.results import RunFolder, load
from xnas.results.run import Run

TASK = "experiments.digits.problem.Problem"
NAMES = ("val_acc__last", "introspectability")
FRESH = 3
FIRST_SEED = 1_000_000
"""Of the new trainings; those of searches follow from their genotypes."""


def main(argv: Sequence[str] | None = None) -> int:
    """Search, train fronts anew, and print how often intervals hold.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.confirmed_fronts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, required=True, help="of the searches")
    parser.add_argument("--searches", type=positive, default=10)
    parser.add_argument("--evaluations", type=positive, default=64)
    parser.add_argument("--replicates", type=positive, default=32)
    arguments = parser.parse_args(argv)
    sizes = arguments.evaluations, arguments.replicates
    fronts = pd.concat(
        searched(arguments.folder / str(seed), seed, *sizes).estimated_front
        for seed in range(arguments.searches)
    )
    every = sorted({tuple(genotype) for genotype in fronts["arch_seq"]})
    print(summary(fronts, trainings(every, arguments.folder / "fresh.jsonl")))
    return 0


def searched(folder: Path, seed: int, count: int, replicates: int) -> Run:
    """Search, or carry on with a search.

    Args:
        folder: of the run.
        seed: of the search.
        count: of networks.
        replicates: further trainings.
    """
    import xnas

    if not RunFolder(folder).results.exists():
        return xnas.search(
            TASK,
            population_size=16,
            max_evals=count,
            confirm=replicates,
            evaluator="process",
            seed=seed,
            log_dir=str(folder),
            report=False,
            progress=False,
        )
    run = load(folder)
    if len(run.evaluations) < count + replicates:
        run = xnas.search(resume=str(folder), report=False, progress=False)
    return run


def trainings(
    genotypes: Sequence[Genotype], path: Path
) -> dict[Genotype, list[tuple[float, float]]]:
    """Train networks with fresh seeds.

    Args:
        genotypes: of the networks.
        path: where trainings are kept, one a line; what is there is not trained again.
    """
    found: dict[Genotype, list[tuple[float, float]]] = {}
    if path.exists():
        for line in path.read_text().splitlines():
            genotype, values = json.loads(line)
            found.setdefault(tuple(genotype), []).append(values)
    todo = [
        (genotype, FIRST_SEED + k)
        for genotype in genotypes
        for k in range(len(found.get(genotype, [])), FRESH)
    ]
    for genotype, values in _trained(todo):
        found.setdefault(genotype, []).append(values)
        with path.open("a") as stream:
            stream.write(json.dumps([genotype, values]) + "\n")
    return {genotype: found[genotype] for genotype in genotypes}


def _trained(
    todo: Sequence[tuple[Genotype, int]],
) -> Iterator[tuple[Genotype, tuple[float, float]]]:
    if todo:
        # TensorFlow stays out of this process, which starts others.
        with get_context("spawn").Pool(1, _prepare) as pool:
            yield from pool.imap(_train, todo)


_TRAINER: list[Any] = []


def _prepare() -> None:
    from xnas.evaluation.trainers import make_trainer
    from xnas.face.task import load_problem

    _TRAINER.append(make_trainer("compiled", load_problem(TASK, {})))


def _train(job: tuple[Genotype, int]) -> tuple[Genotype, tuple[float, float]]:
    genotype, seed = job
    made = _TRAINER[0].evaluate(genotype, seed=seed)
    return genotype, (float(made.objective), float(made.class_activations().score()))


def summary(
    fronts: pd.DataFrame, trained: dict[Genotype, list[tuple[float, float]]]
) -> str:
    """Say in Markdown how often intervals hold.

    Args:
        fronts: estimated ones, below each other.
        trained: both objectives of each of their networks' new trainings.
    """
    values = np.array([trained[tuple(genotype)] for genotype in fronts["arch_seq"]])
    noise = values.var(axis=1, ddof=1).mean(axis=0)
    means = values.mean(axis=1)
    lines = ["| objective | networks | inside | mean error | noise of a training |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for k, name in enumerate(NAMES):
        error = fronts[name].to_numpy() - means[:, k]
        width = 1.96 * np.sqrt(fronts[f"{name}_sd"].to_numpy() ** 2 + noise[k] / FRESH)
        inside = (np.abs(error) <= width).mean()
        lines.append(
            f"| {name} | {len(error)} | {inside:.0%} | {error.mean():+.4f} | "
            f"{np.sqrt(noise[k]):.4f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
