"""How much the numbers of one cell differ from seed to seed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np

from benchmarks.tabular.cells import noise_cells
from benchmarks.tabular.settings import TableSettings
from xnas.nas_deephyper.cell_table import CellTable, TableRow, means_of
from xnas.records import Genotype

MEASURES = ("accuracy", "introspectability")


@dataclass(frozen=True)
class Noise:
    """Standard deviations over the seeds of a cell, pooled over cells.

    Args:
        accuracy: of the accuracy.
        introspectability: likewise, −inf left out.
        correlation: of the two, cells with −inf left out.
        n_cells: how many cells.
    """

    accuracy: float
    introspectability: float
    correlation: float
    n_cells: int


@dataclass(frozen=True)
class NoiseBand:
    """The noise of cells of like accuracy: poor cells are noisier.

    Args:
        low: lowest mean accuracy that belongs to it.
        noise: of its cells.
    """

    low: float
    noise: Noise


def pooled(values_by_cell: Iterable[Sequence[float]]) -> float:
    """Pool standard deviations: the root of summed squares over degrees of freedom.

    Args:
        values_by_cell: of each cell the values over its seeds.

    Returns:
        NaN where no cell has two finite values.
    """
    squares, degrees = 0.0, 0
    for values in values_by_cell:
        finite = np.array([value for value in values if isfinite(value)])
        if len(finite) > 1:
            squares += float(((finite - finite.mean()) ** 2).sum())
            degrees += len(finite) - 1
    return sqrt(squares / degrees) if degrees else float("nan")


def noise_of(table: CellTable, cells: Collection[Genotype]) -> Noise:
    """Estimate the noise from some cells with several seeds."""
    rows = [table.rows_by_cell[cell] for cell in cells]

    def deviation(name: str) -> float:
        return pooled([getattr(row, name) for row in of_cell] for of_cell in rows)

    accuracy, introspectability = map(deviation, MEASURES)
    return Noise(accuracy, introspectability, correlation(rows), len(rows))


def correlation(rows_by_cell: Iterable[Sequence[TableRow]]) -> float:
    """Correlate the deviations of both measures from their means over a cell's seeds.

    Args:
        rows_by_cell: of each cell the rows over its seeds.

    Returns:
        NaN where no cell has two rows with finite values.
    """
    found = []
    for rows in rows_by_cell:
        values = np.array([(row.accuracy, row.introspectability) for row in rows])
        if np.isfinite(values).all():
            found.append(values - values.mean(axis=0))
    deviations = np.concatenate(found) if found else np.zeros((0, 2))
    products = deviations.T @ deviations
    scale = sqrt(products[0, 0] * products[1, 1])
    return float(products[0, 1] / scale) if scale else float("nan")


def drawn_cells(table: CellTable) -> list[Genotype]:
    """Return the cells that were drawn blindly to be trained with all seeds."""
    settings = TableSettings.from_json(table.settings)
    return noise_cells(sorted(table.rows_by_cell), settings)


def near_cells(table: CellTable) -> list[Genotype]:
    """Return the cells that have several seeds for being near the front."""
    drawn = set(drawn_cells(table))
    several = (cell for cell, rows in table.rows_by_cell.items() if len(rows) > 1)
    return [cell for cell in several if cell not in drawn]


def noise_bands(table: CellTable) -> list[NoiseBand]:
    """Estimate the noise in each quarter of the cells by accuracy.

    Args:
        table: with several seeds of the cells drawn.

    Returns:
        From the least accurate quarter to the most accurate; a quarter too small for
        an estimate belongs to the one below it.
    """
    accuracy = {cell: mean_accuracy(rows) for cell, rows in table.rows_by_cell.items()}
    edges = np.nanquantile(list(accuracy.values()), [0, 0.25, 0.5, 0.75])
    bands: list[NoiseBand] = []
    for low, high in zip(edges, [*edges[1:], np.inf], strict=True):
        members = [c for c in drawn_cells(table) if low <= accuracy[c] < high]
        noise = noise_of(table, members)
        if isfinite(noise.accuracy) and isfinite(noise.introspectability):
            bands.append(NoiseBand(float(low), noise))
    return bands


def mean_accuracy(rows: Sequence[TableRow]) -> float:
    """Return a cell's mean accuracy, NaN if it failed."""
    means = means_of(rows)
    return float("nan") if means is None else means.accuracy


def band_of(bands: Sequence[NoiseBand], accuracy: float) -> NoiseBand:
    """Return the band that a mean accuracy belongs to."""
    below = [band for band in bands if band.low <= accuracy]
    return below[-1] if below else bands[0]
