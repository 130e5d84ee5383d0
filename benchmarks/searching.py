"""A whole search of XNAS, in a folder that is thrown away."""

import tempfile
from typing import Any

import pandas as pd

from benchmarks.bookkeeping import make_problem
from xnas.nas_deephyper.evaluator.base import XNASEvaluator
from xnas.nas_deephyper.search import XNASSearch
from xnas.problem import NaProblem


def search(
    kind: type[XNASSearch],
    evaluator: XNASEvaluator,
    evaluations: int,
    seed: int,
    problem: NaProblem | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Search once.

    Args:
        kind: the search.
        evaluator: evaluates, and is closed.
        evaluations: how many.
        seed: of the search.
        problem: has the space; the cells of NAS-Bench-201 if ``None``.
        **settings: more that the search takes.

    Returns:
        The rows, in the order in which evaluations ended.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            problem = problem or make_problem(n_nodes=4)
            made = kind(problem, random_state=seed, log_dir=folder, **settings)
            rows = made.search(evaluator, max_evals=evaluations)
        finally:
            evaluator.close()
    if rows is None or len(rows) != evaluations:
        raise RuntimeError(f"expected {evaluations} rows")
    return rows
