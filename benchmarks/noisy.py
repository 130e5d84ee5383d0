"""What searches find where trainings are noisy, judged by what networks are worth.

Run as ``python -m benchmarks.noisy --rows FILE``: each search evaluates noisy trainings
(:mod:`benchmarks.noisy_searches`). Of what it reports, its observed front or its
estimated one, the hypervolume of the true values is a share of that of all cells, above
the mean of all cells in both objectives. The same command carries on.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import noisy_searches as noisy
from benchmarks.known_space import in_words
from benchmarks.tabular.command import positive, run_command
from xnas.errors import UsageError
from xnas.pareto import is_pareto_efficient
from xnas.results.estimates import estimate
from xnas.results.folder import replace_file
from xnas.searches.registry import find_search

SEARCHES = {"NSGA-II": "nsga2", "MOBO": "mobo"}
FRONTS = ("observed", "estimated")


def main(argv: Sequence[str] | None = None) -> int:
    """Search, write one row a search, and print the shares.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.noisy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=Path, required=True, help="file of all shares")
    parser.add_argument("--seeds", type=positive, default=20)
    parser.add_argument("--evaluations", type=positive, default=250)
    return run_command(_compare, parser.parse_args(argv), "noisy")


def _compare(arguments: argparse.Namespace) -> int:
    rows = _read(arguments.rows)
    done = {*zip(rows["search"], rows["seed"], rows["evaluations"], strict=True)}
    for seed in range(arguments.seeds):
        for name in SEARCHES:
            if (name, seed, arguments.evaluations) not in done:
                found = pd.DataFrame([measured(name, seed, arguments.evaluations)])
                rows = pd.concat([rows, found]) if len(rows) else found
                replace_file(arguments.rows, rows.to_csv(index=False).encode())
    chosen = rows["seed"] < arguments.seeds
    print(summary(rows[chosen & (rows["evaluations"] == arguments.evaluations)]))
    return 0


def _read(path: Path) -> pd.DataFrame:
    columns = ["search", "seed", "evaluations", *FRONTS]
    if not path.exists():
        return pd.DataFrame(columns=columns)
    try:
        return pd.read_csv(path)[columns]
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(
            f"--rows {path} cannot be read ({error}), expected a file of this command"
        ) from error


def measured(name: str, seed: int, evaluations: int) -> dict[str, str | float]:
    """Search once.

    Args:
        name: one of :data:`SEARCHES`.
        seed: of the search and its trainings.
        evaluations: how many.

    Returns:
        The shares that its fronts truly have, and what was searched.
    """
    rows = noisy.searched(find_search(SEARCHES[name]), seed, evaluations)
    found = estimate(rows, len(noisy.OBJECTIVES), noisy.description())
    truth = np.array([noisy.truth_of(one.mean.genotype) for one in found.networks])
    reported = (np.array([one.objectives for one in found.networks]), found.means)
    shares = [noisy.share(truth[is_pareto_efficient(values)]) for values in reported]
    return {
        "search": name,
        "seed": seed,
        "evaluations": evaluations,
        **dict(zip(FRONTS, shares, strict=True)),
    }


def summary(rows: pd.DataFrame) -> str:
    """Write one line a front in Markdown: means over seeds with 95 % intervals."""
    lines = ["| search | front | share |", "| --- | --- | --- |"]
    for name in SEARCHES:
        of_search = rows[rows["search"] == name]
        for front in FRONTS:
            share = in_words(of_search[front].to_numpy(np.float64)).strip()
            lines.append(f"| {name} | {front} | {share} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
