"""Evaluations as a data frame of numbers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from xnas.objectives import Objective
from xnas.records import Evaluation

if TYPE_CHECKING:
    import pandas as pd

_MEASURED = ("n_parameters", "training_time", "xai_time")
_WHOLE = ("generation", "n_parameters", "worker")


def evaluations_frame(
    evaluations: Sequence[Evaluation],
    objectives: Sequence[Objective],
    recorded: Sequence[str],
    efficient: set[int],
) -> "pd.DataFrame":
    """Put evaluations into a data frame; values are as they were measured.

    Args:
        evaluations: of a run.
        objectives: what it looks for.
        recorded: names of what is recorded beside.
        efficient: ids of what no other network dominates.

    Returns:
        One row an evaluation, in their order; see
        :attr:`xnas.results.run.Run.evaluations`.
    """
    import pandas as pd

    names = [objective.name for objective in objectives]
    beside = [name for name in (*recorded, *_MEASURED) if name not in names]
    columns = {
        "id": [one.id for one in evaluations],
        "generation": [one.generation for one in evaluations],
        "replicate": [one.replicate for one in evaluations],
        "parent_ids": [one.parent_ids for one in evaluations],
        "arch_seq": [one.genotype for one in evaluations],
        **{
            objective.name: _shown(evaluations, objective, position)
            for position, objective in enumerate(objectives)
        },
        **{
            name: [_number(one.metadata.get(name)) for one in evaluations]
            for name in dict.fromkeys(beside)
        },
        "reason": [one.failure for one in evaluations],
        "timestamp_start": [_number(one.times.started) for one in evaluations],
        "timestamp_end": [_number(one.times.ended) for one in evaluations],
        "host": [one.host for one in evaluations],
        "worker": [one.worker for one in evaluations],
        "pareto_efficient": np.array(
            [one.id in efficient for one in evaluations], bool
        ),
    }
    frame = pd.DataFrame(columns)
    types: dict[str, Any] = {name: np.float64 for name in (*names, *beside)}
    types |= {"id": np.int64, "replicate": np.int64}
    types |= dict.fromkeys(("timestamp_start", "timestamp_end"), np.float64)
    types |= {name: "Int64" for name in _WHOLE if name not in names}
    frame = frame.astype({"generation": float, "worker": float}, errors="ignore")
    return frame.astype(types)


def _shown(
    evaluations: Sequence[Evaluation], objective: Objective, position: int
) -> list[float]:
    return [
        float("nan")
        if one.objectives is None
        else objective.shown(one.objectives[position])
        for one in evaluations
    ]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")
