"""Whether estimates of a run hold what they say, where the truth is known.

Run as ``python -m benchmarks.calibration --rows FILE``: searches on noisy trainings,
whose last ones are of networks again (as ``nas … --confirm`` trains), and what is then
believed of each network, against what it is worth. The same command carries on.

- An interval is the mean ± 1.96 standard deviations that are stated; it holds the truth
  if what the network is worth on average over seeds lies inside.
- A network is truly on the front if, by what networks are worth, no other of the same
  search dominates it.
- Tenths of probability with fewer than 100 networks are merged with the next below.
- The estimated front is what no other network dominates by estimated means, the
  observed one by the means of its trainings, before the further trainings.
- The error of a front is the mean of what is reported minus what is true.
- Noise is the standard deviation of one training, on average over networks.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks import noisy_searches as noisy
from benchmarks.tabular.command import positive, run_command
from xnas.errors import UsageError
from xnas.pareto import is_pareto_efficient
from xnas.records import Evaluation
from xnas.results.estimates import estimate
from xnas.results.folder import replace_file
from xnas.searches.registry import find_search

NAMES = ("accuracy", "introspectability")
FEWEST = 100
"""Networks of a tenth of probability that is judged alone."""

PROBABLE = 0.5


def main(argv: Sequence[str] | None = None) -> int:
    """Search, write one row a network, and print how well estimates hold.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status.
    """
    return run_command(_measure, _parser().parse_args(argv), "calibration")


def _measure(arguments: argparse.Namespace) -> int:
    began = time.perf_counter()
    tables = _read(arguments.rows, arguments.networks)
    settings = (
        {"population_size": arguments.population_size}
        if arguments.search.startswith("nsga")
        else {}
    )
    todo = [
        (arguments.search, settings, seed, arguments.networks, arguments.replicates)
        for seed in range(arguments.searches)
        if seed not in tables
    ]
    for found in _each(todo, arguments.workers):
        tables[int(found["seed"].iloc[0])] = found
        text = pd.concat(tables.values()).to_csv(index=False)
        replace_file(arguments.rows, text.encode())
        progress = f"\r{len(tables)} of {arguments.searches} searches"
        print(progress, end="", file=sys.stderr)
    print(file=sys.stderr)
    wanted = [rows for seed, rows in tables.items() if seed < arguments.searches]
    print(summary(pd.concat(wanted)))
    seconds = time.perf_counter() - began
    print(f"\n{len(todo)} searches took {seconds:.0f} s")
    return 0


Job = tuple[str, dict[str, int], int, int, int]


def _each(todo: Sequence[Job], workers: int) -> Iterator[pd.DataFrame]:
    if workers == 1:
        yield from map(judged, todo)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(judged, todo)


def _read(path: Path, n_networks: int) -> dict[int, pd.DataFrame]:
    """Read the searches that were done before, by seed.

    Raises:
        UsageError: it is something else.
    """
    if not path.exists():
        return {}
    try:
        rows = pd.read_csv(path)
        seeds = rows["seed"].unique().tolist()
        tables = {int(seed): rows[rows["seed"] == seed] for seed in seeds}
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(
            f"--rows {path} cannot be read ({error}), expected a file of this command"
        ) from error
    sizes = {len(table) for table in tables.values()} - {n_networks}
    if sizes:
        raise UsageError(
            f"--rows {path} has searches of {sizes.pop()} networks, expected "
            f"--networks {n_networks}"
        )
    return tables


def judged(job: Job) -> pd.DataFrame:
    """Search once, and put what is believed beside what is true.

    Args:
        job: the search, its settings, seed, and numbers of networks and replicates.

    Returns:
        One row a network.
    """
    name, settings, seed, n_networks, n_replicates = job
    first = noisy.searched(find_search(name), seed, n_networks, **settings)
    return believed(first, noisy.confirmed(first, seed, n_replicates), seed)


def believed(
    first: Sequence[Evaluation], rows: Sequence[Evaluation], seed: int
) -> pd.DataFrame:
    """Put what is believed of the networks of a search beside what is true.

    Args:
        first: one training of each network.
        rows: all trainings.
        seed: of the search.

    Returns:
        One row a network.
    """
    found = estimate(rows, len(NAMES), noisy.description())
    genotypes = [one.mean.genotype for one in found.networks]
    truth = np.array([*map(noisy.truth_of, genotypes)])
    observed = np.array([one.objectives for one in first])
    table = pd.DataFrame(
        {
            "seed": seed,
            "network": [one.id for one in found.networks],
            "trainings": [len(one.evaluations) for one in found.networks],
            "probability": found.front_probability,
            "truly_on_front": is_pareto_efficient(truth),
            "on_estimated_front": is_pareto_efficient(found.means),
            "on_observed_front": is_pareto_efficient(observed),
        }
    )
    columns = {
        "true": truth,
        "noise": np.array([*map(noisy.noise_of, genotypes)]),
        "observed": observed,
        "mean": found.means,
        "sd": found.deviations,
    }
    for what, values in columns.items():
        for name, column in zip(NAMES, values.T, strict=True):
            table[f"{name}_{what}"] = column.round(6)
    return table


def summary(rows: pd.DataFrame) -> str:
    """Say in Markdown how well estimates hold.

    Args:
        rows: of all searches, as :func:`judged` returns them.
    """
    lines = ["| what | measured |", "| --- | --- |"]
    for name in NAMES:
        error = rows[f"{name}_mean"] - rows[f"{name}_true"]
        inside = (error.abs() <= 1.96 * rows[f"{name}_sd"]).mean()
        lines.append(f"| 95 % intervals that hold the truth, {name} | {inside:.1%} |")
    for front in ("estimated", "observed"):
        chosen = rows[rows[f"on_{front}_front"]]
        reported = "mean" if front == "estimated" else "observed"
        for name in NAMES:
            off = (chosen[f"{name}_{reported}"] - chosen[f"{name}_true"]).mean()
            noise = rows[f"{name}_noise"].mean()
            lines.append(
                f"| error of the {front} front, {name} | {off:+.4f}, "
                f"{off / noise:+.2f} of the noise |"
            )
    probable = rows[rows["probability"] >= PROBABLE]
    n_probable = len(probable) / rows["seed"].nunique()
    lines.append(
        f"| networks of probability ≥ {PROBABLE}, a search | {n_probable:.2f} |"
    )
    lines.append(f"| of these truly on the front | {_truly(probable)} |")
    for front in ("estimated", "observed"):
        chosen = rows[rows[f"on_{front}_front"]]
        size = len(chosen) / rows["seed"].nunique()
        lines.append(f"| networks of the {front} front, a search | {size:.2f} |")
        lines.append(f"| of these truly on the front | {_truly(chosen)} |")
    lines += ["", "| probability | networks | stated | truly on the front |"]
    lines.append("| --- | --- | --- | --- |")
    for one in reliability(rows):
        lines.append(
            f"| {one.low:.1f} to {one.high:.1f} | {one.networks:,} | "
            f"{one.stated:.3f} | {one.true:.3f} |"
        )
    return "\n".join(lines)


def _truly(chosen: pd.DataFrame) -> str:
    return f"{chosen['truly_on_front'].mean():.1%}" if len(chosen) else "-"


class Tenth(NamedTuple):
    """Networks of like probability of being on the front.

    Attributes:
        low: lowest probability.
        high: highest.
        networks: how many there are.
        stated: mean probability.
        true: share that is truly on the front.
    """

    low: float
    high: float
    networks: int
    stated: float
    true: float


def reliability(rows: pd.DataFrame, fewest: int = FEWEST) -> list[Tenth]:
    """Compare probabilities with shares, by tenths.

    Args:
        rows: of all searches, as :func:`judged` returns them.
        fewest: networks that a tenth needs to stand alone.
    """
    number = np.minimum(9, (rows["probability"] * 10).astype(int))
    found: list[Tenth] = []
    high = 10
    for low in range(9, -1, -1):
        chosen = rows[(number >= low) & (number < high)]
        if len(chosen) >= fewest or (low == 0 and len(chosen)):
            means = chosen[["probability", "truly_on_front"]].mean()
            found.append(Tenth(low / 10, high / 10, len(chosen), *means))
            high = low
    return found[::-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.calibration",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=Path, required=True, help="file of all networks")
    parser.add_argument("--search", default="nsga2", help="name or import path")
    parser.add_argument("--population-size", type=positive, default=16)
    parser.add_argument("--searches", type=positive, default=200)
    parser.add_argument("--networks", type=positive, default=64)
    parser.add_argument("--replicates", type=positive, default=32)
    parser.add_argument("--workers", type=positive, default=1, help="processes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
