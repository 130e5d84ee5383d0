"""Write what cells are worth in the noisy benchmark, and how noisy a training is.

Run as ``python -m benchmarks.tabular.truth`` once the table is finished. What cells are
worth on average over seeds is not known, since most were trained once. Gradient boosted
trees smooth what was measured: a truth that is about as hard to search as the real
one, made by another model than the searches use. The noise is the card's.
"""

import argparse
import csv
import gzip
import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.model_selection import KFold, cross_val_predict

from benchmarks.tabular.card import card
from benchmarks.tabular.command import run_command
from benchmarks.tabular.finish import CARD
from benchmarks.tabular.noise import noise_bands
from xnas.nas_deephyper.cell_table import ROWS, CellTable, means_of
from xnas.nas_deephyper.noise import COLUMNS, NOISE, TRUTH, NoisyCells
from xnas.nas_deephyper.tabular import SHIPPED
from xnas.records import Genotype
from xnas.results import write_json
from xnas.results.folder import replace_file
from xnas.space import nas_bench_201_search_space

EDGES = ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2))
"""Of the cell, each from its second node to its first, in the order of choices."""

OUTPUT, NOTHING, SKIP = 3, 3, 4
N_FOLDS = 5
DIGITS = 5

Floats = NDArray[np.float64]


def main(argv: Sequence[str] | None = None) -> int:
    """Fit the model and write its values, the noise and the card.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular.truth", description=__doc__
    )
    parser.add_argument("--folder", type=Path, default=SHIPPED, help="of the table")
    parser.add_argument("--card", type=Path, default=CARD)
    return run_command(_write, parser.parse_args(argv))


def _write(arguments: argparse.Namespace) -> int:
    folder = arguments.folder
    table = CellTable.read(folder)
    cells, values, counts = measured(table)
    X = features_of(cells)
    truth = np.column_stack([smoothed(X, column, counts) for column in values.T])
    replace_file(folder / TRUTH, compressed(cells, np.clip(truth, 0, 1)))
    bands = [
        {"low": band.low} | {name: getattr(band.noise, name) for name in MEASURED}
        for band in noise_bands(table)
    ]
    write_json(folder / NOISE, {"bands": bands})
    size = (folder / ROWS).stat().st_size
    replace_file(arguments.card, card(table, size, NoisyCells.read(folder)).encode())
    for name, column in zip(COLUMNS[1:], values.T, strict=True):
        explained = explained_share(X, column, counts)
        print(f"{name}: {100 * explained:.1f} % of the variance of cells left out")
    return 0


MEASURED = ("accuracy", "introspectability", "correlation")


def measured(table: CellTable) -> tuple[list[Genotype], Floats, NDArray[np.int64]]:
    """Return what was measured of each cell that did not fail.

    Returns:
        The cells; (cells, 2) means over seeds of accuracy and introspectability, where
        −inf takes the lowest of the others; and (cells,) numbers of seeds.
    """
    found = {cell: means_of(rows) for cell, rows in table.rows_by_cell.items()}
    known = {cell: one for cell, one in sorted(found.items()) if one is not None}
    values = np.array([(a.accuracy, a.introspectability) for a in known.values()])
    lowest = np.min(values, axis=0, where=np.isfinite(values), initial=np.inf)
    counts = np.array([one.n_seeds for one in known.values()])
    return list(known), np.maximum(values, lowest), counts


def features_of(cells: Sequence[Genotype]) -> Floats:
    """Describe cells: choices that count, operations, and paths of operations.

    Returns:
        (cells, features) float64.
    """
    space = nas_bench_201_search_space((8, 8, 1), (10,), stack_size=1)
    rows = []
    for cell in cells:
        used = dict(cast(Iterable[tuple[int, int]], space.features(cell)[0]))
        row = {f"edge {edge}": choice for edge, choice in used.items()}
        row |= Counter(f"operation {choice}" for choice in used.values())
        row |= Counter(f"path {path}" for path in paths(cell))
        row |= Counter(f"length {len(path)}" for path in paths(cell))
        rows.append(row)
    return np.asarray(DictVectorizer(sparse=False).fit_transform(rows))


def paths(cell: Genotype, node: int = 0) -> Iterator[tuple[int, ...]]:
    """Name the operations on each path from a node to the output, without skips."""
    if node == OUTPUT:
        yield ()
    for (end, start), choice in zip(EDGES, cell, strict=True):
        if start == node and choice != NOTHING:
            begin = () if choice == SKIP else (choice,)
            yield from ((*begin, *rest) for rest in paths(cell, end))


def _model() -> HistGradientBoostingRegressor:
    # Of those tried, this predicts cells left out as well as any, without bias.
    return HistGradientBoostingRegressor(
        max_iter=200,
        learning_rate=0.05,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        early_stopping=False,
    )


def smoothed(X: Floats, values: Floats, counts: NDArray[np.int64]) -> Floats:
    """Return (cells,) what the model says of the cells that it was fitted to."""
    return np.asarray(_model().fit(X, values, sample_weight=counts).predict(X))


def explained_share(X: Floats, values: Floats, counts: NDArray[np.int64]) -> float:
    """Return R² of cells left out, each cell weighted by its seeds."""
    folds = KFold(N_FOLDS, shuffle=True, random_state=0)
    parameters = {"sample_weight": counts}
    found = cross_val_predict(_model(), X, values, cv=folds, params=parameters)
    rest = np.average((values - found) ** 2, weights=counts)
    mean = np.average(values, weights=counts)
    return float(1 - rest / np.average((values - mean) ** 2, weights=counts))


def compressed(cells: Sequence[Genotype], truth: Floats) -> bytes:
    """Return the bytes of the file, the same for the same values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cell, values in zip(cells, truth.round(DIGITS).tolist(), strict=True):
        writer.writerow(["".join(map(str, cell)), *values])
    return gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)


if __name__ == "__main__":
    sys.exit(main())
