"""A table of trained cells: its rows, its files, and how a network is found in it."""

import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cached_property, lru_cache
from math import isnan, nan
from pathlib import Path
from statistics import fmean
from typing import Any

from xnas.errors import EvaluationError, UsageError
from xnas.records import Genotype
from xnas.space import KSearchSpace, nas_bench_201_search_space

ROWS = "cells.csv.gz"
SETTINGS = "settings.json"
"""The files of a table's folder."""


@dataclass(frozen=True)
class TableRow:
    """One cell, trained once.

    Args:
        cell: the genotype's digits, such as ``012340``.
        run_seed: that of the search that would have trained it so.
        accuracy: on the validation data, after the last epoch.
        introspectability: −inf where fewer than two classes were predicted.
        n_parameters: of the network, trainable or not.
        training_time: seconds.
        xai_time: seconds that scoring took.
        failure: why there are no numbers, empty where there are.
    """

    cell: str
    run_seed: int
    accuracy: float = nan
    introspectability: float = nan
    n_parameters: int = 0
    training_time: float = nan
    xai_time: float = nan
    failure: str = ""

    @property
    def genotype(self) -> Genotype:
        """One choice a variable node."""
        return tuple(map(int, self.cell))


COLUMNS = tuple(field.name for field in fields(TableRow))
"""Of a table's CSV file, in order."""


def text_of_rows(rows: Iterable[TableRow]) -> str:
    """Write rows as lines of CSV, without a header.

    Args:
        rows: what to write; NaN becomes an empty field.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        values = astuple(row)
        writer.writerow(
            ["" if isinstance(v, float) and isnan(v) else v for v in values]
        )
    return text.getvalue()


def rows_of_text(text: str, path: Path) -> list[TableRow]:
    """Read what :func:`text_of_rows` wrote, below its header.

    Args:
        text: of the CSV file.
        path: where it is from, for errors.

    Raises:
        UsageError: it is no such table.
    """
    lines = list(csv.reader(io.StringIO(text)))
    if not lines or tuple(lines[0]) != COLUMNS:
        raise UsageError(f"{path} does not begin with the columns {','.join(COLUMNS)}")
    rows = []
    for number, line in enumerate(lines[1:], start=1):
        try:
            cell, run_seed, *numbers, failure = line
            accuracy, score, parameters, training, scoring = numbers
            rows.append(
                TableRow(
                    cell,
                    int(run_seed),
                    float(accuracy or nan),
                    float(score or nan),
                    int(parameters),
                    float(training or nan),
                    float(scoring or nan),
                    failure,
                )
            )
        except ValueError as error:
            raise UsageError(f"{path}: row {number} cannot be read: {error}") from None
    return rows


@dataclass(frozen=True)
class CellMeans:
    """What the table says of a network: means over the seeds of its cell.

    Args:
        accuracy: on the validation data.
        introspectability: −inf where it is that for any seed.
        n_parameters: of the network.
        training_time: seconds.
        xai_time: seconds.
        n_seeds: how many trainings the means are of.
    """

    accuracy: float
    introspectability: float
    n_parameters: int
    training_time: float
    xai_time: float
    n_seeds: int


class CellTable:
    """All rows, found by any genotype of their cells.

    Args:
        rows: each cell under one of its genotypes, with one row or more.
        settings: what the rows were made with.
    """

    def __init__(self, rows: Sequence[TableRow], settings: Mapping[str, Any]) -> None:
        self.rows = list(rows)
        self.settings = settings
        self.rows_by_cell: dict[Genotype, list[TableRow]] = defaultdict(list)
        for row in rows:
            self.rows_by_cell[row.genotype].append(row)

    @classmethod
    def read(cls, folder: Path) -> "CellTable":
        """Read a table's folder.

        Raises:
            UsageError: there is none, or it cannot be read.
        """
        path = folder / ROWS
        try:
            text = gzip.decompress(path.read_bytes()).decode()
            settings = json.loads((folder / SETTINGS).read_text())
        except FileNotFoundError:
            raise UsageError(
                f"there is no table in {folder}; python -m benchmarks.tabular.make "
                "and then python -m benchmarks.tabular.finish make it"
            ) from None
        except (OSError, EOFError, ValueError) as error:
            raise UsageError(
                f"the table in {folder} cannot be read: {error}"
            ) from error
        return cls(rows_of_text(text, path), settings)

    @cached_property
    def _cells(self) -> dict[Hashable, Genotype]:
        # Not stored beside the rows: the form is this version's, the rows are not.
        return {_space().canonical_form(cell): cell for cell in self.rows_by_cell}

    def cell_of(self, genotype: Sequence[int]) -> Genotype:
        """Return the genotype under which the table holds a network.

        Args:
            genotype: one choice a variable node.

        Raises:
            EvaluationError: the network has no path from input to output, or the
                table does not hold it.
            SpaceError: the choices are none of the space.
        """
        choices = _space().denormalize(genotype)
        if choices in self.rows_by_cell:
            return choices
        if not _space().is_connected(choices):
            raise EvaluationError(
                "exception",
                f"network {list(choices)} has no path from input to output, so the "
                "table does not hold it",
            )
        try:
            return self._cells[_space().canonical_form(choices)]
        except KeyError:
            raise EvaluationError(
                "exception",
                f"network {list(choices)} is not among the {len(self.rows_by_cell)} "
                "cells of the table",
            ) from None

    def means(self, genotype: Sequence[int]) -> CellMeans:
        """Look a network up.

        Args:
            genotype: one choice a variable node.

        Raises:
            EvaluationError: as for :meth:`cell_of`, or its trainings all failed.
            SpaceError: likewise.
        """
        rows = self.rows_by_cell[self.cell_of(genotype)]
        found = means_of(rows)
        if found is None:
            raise EvaluationError(
                rows[0].failure, f"cell {rows[0].cell} failed when the table was made"
            )
        return found


def means_of(rows: Sequence[TableRow]) -> CellMeans | None:
    """Take the means over the rows of one cell.

    Args:
        rows: of one cell.

    Returns:
        Means over those that did not fail; ``None`` if all did.
    """
    succeeded = [row for row in rows if not row.failure]
    if not succeeded:
        return None
    return CellMeans(
        fmean(row.accuracy for row in succeeded),
        fmean(row.introspectability for row in succeeded),
        succeeded[0].n_parameters,
        fmean(row.training_time for row in succeeded),
        fmean(row.xai_time for row in succeeded),
        len(succeeded),
    )


@lru_cache(maxsize=1)
def _space() -> KSearchSpace:
    # Only forms are asked of it, to which shapes and the number of cells are nothing.
    return nas_bench_201_search_space((8, 8, 1), (10,), stack_size=1)
