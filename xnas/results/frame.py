"""Evaluations as a data frame of numbers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xnas.objectives import Objective
from xnas.records import Evaluation

if TYPE_CHECKING:
    import pandas as pd

_MEASURED = ("n_parameters", "training_time", "xai_time")


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
    beside = dict.fromkeys([*recorded, *_MEASURED])
    columns = {
        "id": np.array([one.id for one in evaluations], np.int64),
        "generation": _whole([one.generation for one in evaluations]),
        "replicate": np.array([one.replicate for one in evaluations], np.int64),
        "parent_ids": [one.parent_ids for one in evaluations],
        "arch_seq": [one.genotype for one in evaluations],
        **{
            objective.name: _shown(evaluations, objective, axis)
            for axis, objective in enumerate(objectives)
        },
        **{
            name: _numbers([one.metadata.get(name) for one in evaluations])
            for name in beside
            if name not in names
        },
        "reason": [one.failure for one in evaluations],
        "timestamp_start": _numbers([one.times.started for one in evaluations]),
        "timestamp_end": _numbers([one.times.ended for one in evaluations]),
        "host": [one.host for one in evaluations],
        "worker": _whole([one.worker for one in evaluations]),
        "pareto_efficient": np.array(
            [one.id in efficient for one in evaluations], bool
        ),
    }
    if "n_parameters" not in names:
        columns["n_parameters"] = _whole(columns["n_parameters"])
    return pd.DataFrame(columns)


def _shown(
    evaluations: Sequence[Evaluation], objective: Objective, axis: int
) -> NDArray[np.float64]:
    missing = float("nan")
    return _numbers(
        [
            missing if one.objectives is None else objective.shown(one.objectives[axis])
            for one in evaluations
        ]
    )


def _numbers(values: Sequence[Any]) -> NDArray[np.float64]:
    """Return (values,) float64, NaN for what is no number."""
    known = (
        value if isinstance(value, (int, float)) else float("nan") for value in values
    )
    return np.fromiter(known, np.float64, len(values))


def _whole(values: Sequence[Any]) -> Any:
    """Return whole numbers, some of which may be missing."""
    import pandas as pd

    return pd.array(np.round(_numbers(values)), dtype="Int64")
