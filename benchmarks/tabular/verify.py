"""Train some cells of the table anew by the plain route: do they fall within noise?

Run as ``python -m benchmarks.tabular.verify``. Trainings by two routes differ as those
with two seeds do, since rounding grows: the difference of two has √2 times the standard
deviation that the data card states for cells of that accuracy.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

import numpy as np

from benchmarks.tabular.command import positive, run_command
from benchmarks.tabular.crew import Crew
from benchmarks.tabular.noise import MEASURES, band_of, mean_accuracy, noise_bands
from benchmarks.tabular.settings import TableSettings
from xnas.cli.exit_status import DONE, FAILED
from xnas.errors import UsageError
from xnas.nas_deephyper.cell_table import CellTable, TableRow
from xnas.nas_deephyper.tabular import SHIPPED

LIMIT = 3.0
"""Standard deviations; of twenty normal numbers one lies beyond in 5 % of cases."""


@dataclass(frozen=True)
class Difference:
    """One number of one cell, trained anew.

    Args:
        cell: the genotype's digits.
        measure: accuracy or introspectability.
        table: what the table says, for the same seed.
        anew: what the training gave.
        deviation: standard deviation of the difference of two such trainings.
    """

    cell: str
    measure: str
    table: float
    anew: float
    deviation: float

    @property
    def standardised(self) -> float:
        """The difference in standard deviations; 0 of equal numbers, −inf too."""
        if self.anew == self.table:
            return 0.0
        return (self.anew - self.table) / self.deviation


def main(argv: Sequence[str] | None = None) -> int:
    """Train cells anew and print both numbers.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        The exit status: 0 all within the noise, 1 if not, 2 wrong usage.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular.verify", description=__doc__
    )
    parser.add_argument("--table", type=Path, default=SHIPPED, help="its folder")
    parser.add_argument("--cells", type=positive, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the choice of cells")
    parser.add_argument("--workers", type=positive, default=1)
    return run_command(_verify, parser.parse_args(argv))


def _verify(arguments: argparse.Namespace) -> int:
    table = CellTable.read(arguments.table)
    rows = drawn_rows(table, arguments.cells, arguments.seed)
    settings = replace(TableSettings.from_json(table.settings), trainer="plain")
    differences = []
    print("cell    measure            table    anew     difference", flush=True)
    with (
        tempfile.TemporaryDirectory() as logs,
        Crew(settings, arguments.workers, Path(logs)) as crew,
    ):
        for anew in crew.rows([(row.genotype, row.run_seed) for row in rows]):
            for difference in compare(table, anew):
                print(_line(difference), flush=True)
                differences.append(difference)
    return judge(differences)


def drawn_rows(table: CellTable, count: int, seed: int) -> list[TableRow]:
    """Draw cells of which the first training did not fail.

    Args:
        table: the table.
        count: how many, at most as many as there are.
        seed: of the choice.

    Returns:
        Their rows of the first run seed.
    """
    first = table.settings["run_seeds"][0]
    rows = [r for r in table.rows if r.run_seed == first and not r.failure]
    drawn = np.random.default_rng(seed).permutation(len(rows))[:count]
    return [rows[i] for i in drawn]


def compare(table: CellTable, anew: TableRow) -> list[Difference]:
    """Hold one training against the table's of the same cell and seed.

    Raises:
        UsageError: it failed, or the table has too few seeds to say how large its
            noise is.
    """
    if anew.failure:
        raise UsageError(f"cell {anew.cell} failed when trained anew: {anew.failure}")
    rows = table.rows_by_cell[anew.genotype]
    bands = noise_bands(table)
    if not bands:
        raise UsageError("the table has no cells with several seeds, expected some")
    noise = band_of(bands, mean_accuracy(rows)).noise
    (known,) = (row for row in rows if row.run_seed == anew.run_seed)
    return [
        Difference(
            anew.cell,
            name,
            getattr(known, name),
            getattr(anew, name),
            sqrt(2) * getattr(noise, name),
        )
        for name in MEASURES
    ]


def judge(differences: Sequence[Difference]) -> int:
    """Say whether all differences, and their means, are within the noise.

    Args:
        differences: of all cells.

    Returns:
        The exit status.
    """
    beyond = sum(abs(one.standardised) > LIMIT for one in differences)
    print(f"{beyond} of {len(differences)} beyond {LIMIT:g} standard deviations")
    biased = False
    for name in MEASURES:
        values = [one.standardised for one in differences if one.measure == name]
        bias = float(np.mean(values)) * sqrt(len(values))
        biased |= not abs(bias) <= LIMIT
        print(f"mean difference of {name}: {bias:+.1f} standard errors")
    return FAILED if beyond or biased else DONE


def _line(one: Difference) -> str:
    return (
        f"{one.cell}  {one.measure:17s}  {one.table:.4f}   {one.anew:.4f}   "
        f"{one.standardised:+.1f} standard deviations"
    )


if __name__ == "__main__":
    sys.exit(main())
