"""All searches that are compared."""

import functools
from collections.abc import Callable
from contextlib import suppress

from benchmarks.peers import (
    deephyper_searches,
    optuna_searches,
    pymoo_searches,
    random_search,
)
from benchmarks.peers.objective import BudgetSpent, Objective
from benchmarks.peers.xnas_searches import run_xnas
from xnas.nas_deephyper.mobo import MOBO
from xnas.nas_deephyper.nsga_ii import NSGAII, AsynchronousNSGAII
from xnas.nas_deephyper.regevo_xnas import RegularizedEvolutionXNAS

Peer = Callable[[Objective, int], None]
"""Searches with an objective and a seed, until its evaluations are spent."""

OURS = "XNAS NSGA-II"

PEERS: dict[str, Peer] = {
    OURS: functools.partial(run_xnas, kind=NSGAII),
    "XNAS NSGA-II, asynchronous": functools.partial(run_xnas, kind=AsynchronousNSGAII),
    "XNAS NSGA-II, deduplicate genotype": functools.partial(
        run_xnas, kind=NSGAII, deduplicate="genotype"
    ),
    "XNAS NSGA-II, population 16": functools.partial(
        run_xnas, kind=NSGAII, population_size=16
    ),
    "XNAS MOBO": functools.partial(run_xnas, kind=MOBO),
    "XNAS regularised evolution": functools.partial(
        run_xnas, kind=RegularizedEvolutionXNAS
    ),
    "Optuna NSGA-II": optuna_searches.run_nsga2,
    "pymoo NSGA-II": pymoo_searches.run_nsga2,
    "DeepHyper CBO": deephyper_searches.run_cbo,
    "DeepHyper regularised evolution": deephyper_searches.run_regularized_evolution,
    "DeepHyper random": deephyper_searches.run_random,
    "random": random_search.draw_blindly,
    "random, no network twice": random_search.draw_networks,
}


def search_with(name: str, objective: Objective, seed: int) -> None:
    """Search with one of ``PEERS`` until the objective's budget is spent.

    Args:
        name: which.
        objective: remembers what was evaluated.
        seed: of the search.
    """
    with suppress(BudgetSpent):
        PEERS[name](objective, seed)
    if len(objective.points) != objective.budget:
        raise RuntimeError(
            f"{name} made {len(objective.points)} evaluations, expected "
            f"{objective.budget}"
        )
