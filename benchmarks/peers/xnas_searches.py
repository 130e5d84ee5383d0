"""XNAS's own searches, through their real loop and files."""

from typing import Any

from benchmarks.peers.objective import Objective
from benchmarks.searching import search
from benchmarks.simulated import SimulatedEvaluator
from xnas.nas_deephyper.search import XNASSearch


def run_xnas(
    objective: Objective, seed: int, *, kind: type[XNASSearch], **settings: Any
) -> None:
    """Search with one worker, settings as shipped.

    Args:
        objective: what to evaluate with.
        seed: of the search.
        kind: the search.
        **settings: those that differ.
    """
    evaluator = SimulatedEvaluator(
        lambda job: objective(job["arch_seq"]), 1, lambda genotype: 1.0
    )
    search(kind, evaluator, objective.budget, seed, **settings)
