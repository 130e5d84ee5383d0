"""Which members of a population survive: non-dominated sorting and crowding distance.

Deb et al., *A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II*, IEEE
Transactions on Evolutionary Computation 6(2), 2002, sections III-A and III-B; composed
from pymoo.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.operators.survival.rank_and_crowding import RankAndCrowding

from xnas.records import Evaluation


def finite_objectives(objectives: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace −inf by the next value below an objective's lowest finite one.

    Sorting keeps such a point strictly last in that objective, and crowding
    distances, which divide by the range, stay finite.

    Args:
        objectives: (points, objectives) float64, maximised; not changed.

    Returns:
        (points, objectives) float64, all finite.
    """
    columns = []
    for column in objectives.T:
        finite = column[np.isfinite(column)]
        worst = np.nextafter(finite.min(), -np.inf) if finite.size else 0.0
        columns.append(np.where(np.isneginf(column), worst, column))
    return np.stack(columns, axis=1)


def population_of(evaluations: Sequence[Evaluation]) -> Population:
    """Put evaluations into pymoo's form, which minimises.

    Args:
        evaluations: none of them failed.

    Returns:
        (evaluations,) with ``index``, their position.
    """
    objectives = np.array([one.objectives for one in evaluations], dtype=np.float64)
    return Population.new(
        "X",
        np.array([one.genotype for one in evaluations], dtype=float),
        "F",
        -finite_objectives(objectives),
        "index",
        np.arange(len(evaluations)),
    )


UNCONSTRAINED = Problem(n_var=1, n_obj=1)
"""All that pymoo's survival has to know of a space."""


def select_survivors(
    evaluations: Sequence[Evaluation], size: int, rng: np.random.Generator
) -> list[Evaluation]:
    """Keep the best by non-dominated sorting, then by crowding distance.

    Args:
        evaluations: parents and offspring; failed ones are passed over.
        size: how many to keep.
        rng: breaks ties.

    Returns:
        Up to ``size`` of them.
    """
    succeeded = [one for one in evaluations if one.objectives is not None]
    if len(succeeded) <= size:
        return succeeded
    survivors = RankAndCrowding().do(
        UNCONSTRAINED,
        population_of(succeeded),
        n_survive=size,
        random_state=rng,
    )
    return [succeeded[i] for i in sorted(survivors.get("index"))]
