"""What was found, one number a row: task, variant, seed, measure, value."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.paper.store import Cell
from xnas.pareto import hypervolume
from xnas.results import Run

REFERENCE = (0.1, 0.0)
"""Accuracy by chance, and no introspectability: what counts for the hypervolume."""

OBJECTIVES = ("accuracy", "introspectability")

TIMES = "training time by unregularised"


class Row(NamedTuple):
    """One number.

    Args:
        task: ``digits`` or ``mnist``.
        variant: of the search.
        seed: of the search.
        measure: what the number is.
        value: of it.
    """

    task: str
    variant: str
    seed: int
    measure: str
    value: float


def search_measures(points: NDArray[np.float64]) -> dict[str, float]:
    """Measure a search as the paper's Table 1 does.

    Args:
        points: (networks, 2) accuracy and introspectability; NaN where one failed,
            −inf where introspectability cannot be told.
    """
    known = points[np.isfinite(points).all(axis=1)]
    found = {
        f"{name} {kind.__name__}": float(kind(values))
        for kind in (max, np.median)
        for name, values in zip(OBJECTIVES, known.T, strict=True)
    }
    return {**found, "hypervolume": float(hypervolume(known, REFERENCE))}


def flattened(
    values: Mapping[str, Any], before: str = ""
) -> Iterator[tuple[str, float]]:
    """Name nested numbers by their path, with dots; what is no number is left out."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{before}{name}.")
        elif isinstance(value, (int, float)) and name != "id":
            yield f"{before}{name}", float(value)


def gather(cells: Sequence[Cell]) -> list[Row]:
    """Collect all that is finished.

    A network that two searches of a seed chose, and trained alike, is measured once.
    """
    rows: list[Row] = []
    seen: set[tuple[Any, ...]] = set()
    times: dict[tuple[str, int], Run] = {}
    for cell in cells:
        run, network = cell.run(), cell.network()
        if run is None:
            continue
        found = search_measures(run.points(run.axes))
        times.setdefault((cell.task, cell.seed), run)
        if cell.variant.is_regularised:
            unmarked = times[cell.task, cell.seed]
            found[TIMES] = time_ratio(run, unmarked)
        if network is not None:
            found |= {f"pick {name}": network[name] for name in OBJECTIVES}
            key = (cell.task, cell.seed, cell.variant.is_regularised)
            if (one := (*key, *network["genotype"])) not in seen:
                seen.add(one)
                parts = ("test_accuracy", "errors", "trust", "labels", "pairs")
                found |= flattened({part: network[part] for part in parts})
        rows += [
            Row(cell.task, cell.variant.name, cell.seed, *one) for one in found.items()
        ]
    return rows


def time_ratio(run: Run, other: Run) -> float:
    """Compare how long the same networks trained: the median ratio, NaN without any.

    Args:
        run: a search.
        other: what its times are divided by.
    """
    first, second = (
        one.means.dropna(subset=["training_time"]).set_index("arch_seq")
        for one in (run, other)
    )
    ratios = (first["training_time"] / second["training_time"]).dropna()
    return float(ratios.median())


def write(rows: Sequence[Row], file: Path) -> None:
    """Write rows as CSV."""
    with file.open("w", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(Row._fields)
        out.writerows((*row[:4], f"{row.value:.6g}") for row in rows)


def read(file: Path) -> list[Row]:
    """Read what :func:`write` wrote."""
    with file.open(newline="") as stream:
        return [
            Row(
                one["task"],
                one["variant"],
                int(one["seed"]),
                one["measure"],
                float(one["value"]),
            )
            for one in csv.DictReader(stream)
        ]
