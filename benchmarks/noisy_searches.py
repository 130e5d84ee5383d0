"""Searches on noisy trainings of cells whose worth is known, without files or workers.

Trainings are those of :func:`xnas.nas_deephyper.tabular.noisy_run`; what a cell is
worth on average over seeds is the truth that searches are judged by.
"""

from collections.abc import Hashable, Sequence
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from xnas.distances import Distances
from xnas.drawing.description import Description, read_description
from xnas.evaluation.settings import RunSettings
from xnas.nas_deephyper.cell_table import CellTable
from xnas.nas_deephyper.noise import NoisyCells
from xnas.nas_deephyper.tabular import SHIPPED, noisy_run
from xnas.objectives import Objective
from xnas.pareto import hypervolume
from xnas.records import Candidate, Evaluation, Genotype, evaluated
from xnas.searches import Networks, Search
from xnas.searches.confirming import next_replicates
from xnas.space import KSearchSpace, nas_bench_201_search_space

TASK = "experiments.digits.problem.Problem"
OBJECTIVES = (Objective("val_acc__last", True), Objective("introspectability", True))

Floats = NDArray[np.float64]


@cache
def space() -> KSearchSpace:
    """Return the space of the cells."""
    return nas_bench_201_search_space((8, 8, 1), (10,), stack_size=1)


@cache
def description() -> Description:
    """Return the space as runs record it."""
    return read_description(space().describe())


@cache
def _forms() -> dict[Genotype, Hashable]:
    """Say once for all searches what genotypes compute."""
    genotypes = product(*(range(high + 1) for _, high in space().choices()))
    return {genotype: space().canonical_form(genotype) for genotype in genotypes}


@cache
def _distances() -> Distances:
    return Distances(space().features, len(description().variables))


@cache
def _cells() -> tuple[CellTable, NoisyCells]:
    return CellTable.read(SHIPPED), NoisyCells.read(SHIPPED)


@cache
def truth_of(genotype: Genotype) -> tuple[float, float]:
    """Return what a network is worth: accuracy and introspectability."""
    table, noisy = _cells()
    return noisy.truth[table.cell_of(genotype)]


def noise_of(genotype: Genotype) -> tuple[float, float]:
    """Return the standard deviations of one training of a network."""
    table, noisy = _cells()
    band = noisy.band(table.cell_of(genotype))
    return band.accuracy, band.introspectability


def share(points: Floats) -> float:
    """Compute a hypervolume as a share of that of all cells.

    Args:
        points: (networks, 2) float64, what networks are worth.

    Returns:
        Of the hypervolumes above what cells are worth on average.
    """
    worth = np.array([*_cells()[1].truth.values()])
    corner = worth.mean(axis=0)
    return hypervolume(points, corner) / hypervolume(worth, corner)


def train(candidate: Candidate, seed: int) -> Evaluation:
    """Train a candidate of a run with a seed."""
    job = {"arch_seq": candidate.genotype, "replicate": candidate.replicate}
    return evaluated(candidate, noisy_run(job, RunSettings(TASK, seed)))


def searched(
    kind: type[Search], seed: int, count: int, **settings: int
) -> list[Evaluation]:
    """Search, one network at a time.

    Args:
        kind: the search.
        seed: of the run.
        count: how many networks.
        **settings: of the search.
    """
    networks = Networks(space())
    networks.remember(_forms())
    search = kind(networks, OBJECTIVES, seed, **settings)
    rows: list[Evaluation] = []
    while len(rows) < count:
        for candidate in search.ask(1):
            rows.append(train(candidate, seed))
            search.tell(rows[-1])
    return rows


def confirmed(
    rows: Sequence[Evaluation], seed: int, count: int, at_once: int = 2
) -> list[Evaluation]:
    """Train networks again where membership of the front is least certain.

    Args:
        rows: of a search.
        seed: of the run.
        count: how many trainings.
        at_once: how many of them are chosen before one of them is known.

    Returns:
        All rows.
    """
    found = list(rows)
    while len(found) < len(rows) + count:
        n_chosen = min(at_once, len(rows) + count - len(found))
        chosen = next_replicates(found, [], n_chosen, len(OBJECTIVES), _distances())
        for genotype in chosen:
            replicate = sum(one.genotype == genotype for one in found)
            candidate = Candidate(len(found), genotype, replicate=replicate)
            found.append(train(candidate, seed))
    return found
