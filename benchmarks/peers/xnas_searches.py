"""XNAS's own searches, through their real loop and files."""

import json
from typing import Any

from benchmarks.peers.objective import Objective
from benchmarks.searching import search
from benchmarks.simulated import SimulatedEvaluator
from xnas.nas_deephyper.adapters import adapter_of
from xnas.objectives import Objective as Sought
from xnas.searches.registry import find_search


def run_xnas(objective: Objective, seed: int, *, kind: str, **settings: Any) -> None:
    """Search with settings as shipped.

    Args:
        objective: what to evaluate with; afterwards, its evaluations stand in the order
            in which they ended.
        seed: of the search.
        kind: name of the search.
        **settings: those that differ.
    """
    if kind == "regevo_xnas":
        settings["weights"] = objective.weights
    rows = search(
        adapter_of(find_search(kind)),
        SimulatedEvaluator(
            lambda job: objective(job["arch_seq"]),
            objective.in_flight,
            objective.seconds,
        ),
        objective.budget,
        seed,
        problem=objective.known.problem,
        objectives=[Sought(f"objective {k}") for k in range(objective.n_objectives)],
        **settings,
    )
    point_of = dict(zip(objective.genotypes, objective.points, strict=True))
    objective.genotypes = [tuple(json.loads(text)) for text in rows["m:arch_seq"]]
    objective.points = [point_of[genotype] for genotype in objective.genotypes]
