"""pymoo's NSGA-II and SMS-EMOA, with their default population of 100.

Its guide says how to search integers: sample integers, and round after SBX and
polynomial mutation with an index of 3.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.base.genetic import GeneticAlgorithm
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.moo.sms import SMSEMOA
from pymoo.core.problem import ElementwiseProblem
from pymoo.core.termination import NoTermination
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.repair.rounding import RoundingRepair
from pymoo.operators.sampling.rnd import IntegerRandomSampling

from benchmarks.peers.objective import Objective

ETA = 3.0


class _Cells(ElementwiseProblem):
    def __init__(self, objective: Objective) -> None:
        upper = np.array(objective.n_choices) - 1
        super().__init__(
            n_var=len(upper),
            n_obj=objective.n_objectives,
            xl=np.zeros_like(upper),
            xu=upper,
            vtype=int,
        )
        self._objective = objective

    def _evaluate(self, x: NDArray[np.int64], out: dict[str, Any], **_: Any) -> None:
        out["F"] = np.negative(self._objective(x.tolist()))


def run_nsga2(objective: Objective, seed: int) -> None:
    """Search generation by generation with NSGA-II."""
    _run(NSGA2, objective, seed)


def run_sms_emoa(objective: Objective, seed: int) -> None:
    """Search generation by generation, survivors chosen by hypervolume."""
    _run(SMSEMOA, objective, seed)


def _run(kind: type[GeneticAlgorithm], objective: Objective, seed: int) -> None:
    """Search for ever."""
    rounding = {"vtype": float, "repair": RoundingRepair()}
    algorithm = kind(
        sampling=IntegerRandomSampling(),
        crossover=SBX(prob=1.0, eta=ETA, **rounding),
        mutation=PM(prob=1.0, eta=ETA, **rounding),
        eliminate_duplicates=True,
    )
    algorithm.setup(_Cells(objective), termination=NoTermination(), seed=seed)
    while algorithm.has_next():
        algorithm.next()
