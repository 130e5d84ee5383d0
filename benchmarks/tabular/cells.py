"""Which cells there are, and which are trained with more than one seed."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import inf

import numpy as np

from benchmarks.tabular.settings import TableSettings
from xnas.nas_deephyper.cell_table import TableRow, means_of
from xnas.pareto import is_pareto_efficient
from xnas.records import Genotype
from xnas.space import KSearchSpace

Job = tuple[Genotype, int]
"""A cell and a run seed."""

Done = Mapping[Job, TableRow]

Point = tuple[float, float]
"""Accuracy and introspectability."""


def distinct_cells(space: KSearchSpace) -> list[Genotype]:
    """List one genotype of every distinct connected network, the least of its equals.

    Args:
        space: a space small enough to be listed.

    Returns:
        In lexicographic order.
    """
    seen = set()
    cells = []
    for genotype in product(*(range(high + 1) for _, high in space.choices())):
        if space.is_connected(genotype):
            form = space.canonical_form(genotype)
            if form not in seen:
                seen.add(form)
                cells.append(genotype)
    return cells


def cells_of(settings: TableSettings) -> list[Genotype]:
    """List a table's cells, in lexicographic order."""
    cells = distinct_cells(settings.load_problem().build_space())
    if settings.n_cells is None:
        return cells
    places = np.linspace(0, len(cells) - 1, min(settings.n_cells, len(cells)))
    return [cells[place] for place in places.astype(int)]


def shuffled(cells: Sequence[Genotype]) -> list[Genotype]:
    """Return the order of training: mixed, so that the time left can be estimated."""
    return [cells[i] for i in np.random.default_rng(0).permutation(len(cells))]


def noise_cells(cells: Sequence[Genotype], settings: TableSettings) -> list[Genotype]:
    """Draw the cells from which the noise between seeds is estimated.

    They are drawn blindly: cells near the front are there for their good luck too.
    """
    return shuffled(cells)[: settings.n_noise_cells]


def next_jobs(
    cells: Sequence[Genotype], settings: TableSettings, done: Done
) -> tuple[str, list[Job]]:
    """Say what is to be trained next.

    First every cell with the first seed; then the cells for the noise with all seeds;
    then those near the front. Since a mean over seeds lies below the luck that brought
    a cell to the front, others come near it thereupon, which are repeated as well,
    until there are none or as often as the settings allow. What was taken for near is
    worked out anew from the rows at every call, so that it does not depend on when a
    run was interrupted.

    Args:
        cells: all of them.
        settings: of the table.
        done: rows by cell and run seed, failed ones included.

    Returns:
        A name of this part of the work, and its jobs; none when all is done.
    """
    first, *others = settings.run_seeds
    missing = [(cell, first) for cell in shuffled(cells) if (cell, first) not in done]
    if missing or not others:
        return "first seed of all cells", missing
    repeated = set(noise_cells(cells, settings))
    name = "more seeds of cells drawn at random"
    for number in range(1, settings.n_rounds + 2):
        missing = [
            (cell, seed)
            for cell in sorted(repeated)
            for seed in others
            if (cell, seed) not in done
        ]
        if missing or number > settings.n_rounds:
            break
        near = near_front(_points(cells, repeated, settings, done), settings)
        if near <= repeated:
            break
        repeated |= near
        name = f"more seeds of cells near the front, round {number}"
    return name, missing


def near_front(
    points: Mapping[Genotype, Point], settings: TableSettings
) -> set[Genotype]:
    """Find the cells of the best fronts: the first, the first of the rest, and so on.

    Args:
        points: of every cell that did not fail.
        settings: say how many cells they hold at least.

    Returns:
        Whole fronts, as few as hold that many cells.
    """
    cells = list(points)
    values = np.array(list(points.values()), dtype=float).reshape(-1, 2)
    near: set[Genotype] = set()
    left = np.ones(len(cells), dtype=bool)
    while len(near) < settings.n_near_front and left.any():
        indexes = np.flatnonzero(left)
        front = indexes[is_pareto_efficient(values[indexes])]
        near |= {cells[i] for i in front}
        left[front] = False
    return near


def _points(
    cells: Sequence[Genotype],
    repeated: set[Genotype],
    settings: TableSettings,
    done: Done,
) -> dict[Genotype, Point]:
    """Return means over all seeds for repeated cells, of the first seed for others."""
    points = {}
    for cell in cells:
        seeds = settings.run_seeds if cell in repeated else settings.run_seeds[:1]
        means = means_of([done[cell, seed] for seed in seeds])
        if means is not None and means.introspectability > -inf:
            points[cell] = means.accuracy, means.introspectability
    return points
