"""Estimates in the words of the objectives: table, intervals, what a file says."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xnas.objectives import Objective, short_number
from xnas.pareto import is_pareto_efficient
from xnas.results.folder import RunFolder

if TYPE_CHECKING:
    import pandas as pd

    from xnas.results.estimates import Estimates

Z95 = 1.959964
"""Standard deviations to either side that hold 95 % of a normal distribution."""

LIKELY = 0.5
"""Probability from which a network is more likely on the front than not."""

PROBABILITY = "front_probability"

EVALUATIONS = "evaluations"
"""Column of the file that says how many rows of the table the estimates rest on."""


def interval(mean: float, deviation: float) -> tuple[float, float]:
    """Return the ends of a 95 % interval.

    Args:
        mean: of what is believed.
        deviation: its standard deviation.
    """
    return mean - Z95 * deviation, mean + Z95 * deviation


def worded_interval(mean: float, deviation: float) -> str:
    """Word what is believed of a measured value, with its 95 % interval.

    Args:
        mean: of it.
        deviation: its standard deviation, 0 if it is known exactly.
    """
    if not deviation:
        return short_number(mean)
    low, high = map(short_number, interval(mean, deviation))
    return f"{short_number(mean)} ({low} to {high})"


def estimates_frame(
    found: "Estimates", objectives: Sequence[Objective]
) -> "pd.DataFrame":
    """Put estimates into a table, as :attr:`xnas.results.Run.estimates` has it.

    Args:
        found: of the networks.
        objectives: that they are in.
    """
    import pandas as pd

    columns: dict[str, Any] = {
        "id": [one.id for one in found.networks],
        "arch_seq": [one.mean.genotype for one in found.networks],
    }
    for axis, objective in enumerate(objectives):
        sign = 1.0 if objective.maximize else -1.0
        columns[objective.name] = sign * found.means[:, axis]
        columns[f"{objective.name}_sd"] = found.deviations[:, axis]
    columns["replicates"] = [len(one.evaluations) for one in found.networks]
    columns[PROBABILITY] = found.front_probability
    return pd.DataFrame(columns)


@dataclass(frozen=True)
class BestEstimate:
    """The best expected value of one objective.

    Args:
        objective: its name.
        value: expected mean over trainings with other seeds, as measured.
        low: where the 95 % interval of that mean begins.
        high: where it ends.
        id: of the network.
    """

    objective: str
    value: float
    low: float
    high: float
    id: int


@dataclass(frozen=True)
class StoredEstimates:
    """What stored estimates come to.

    Args:
        evaluations: rows that they rest on.
        front_size: networks that no other dominates by expected means.
        likely: networks that are on the front with a probability of 0.5 or more.
        best: one an objective.
    """

    evaluations: int
    front_size: int
    likely: int
    best: tuple[BestEstimate, ...]


def read_estimates(
    folder: RunFolder, objectives: Sequence[Objective]
) -> StoredEstimates | None:
    """Read what was stored; nothing is computed anew.

    Args:
        folder: of the run.
        objectives: of the run.

    Returns:
        ``None`` where nothing is stored that can be read.
    """
    with suppress(OSError, ValueError, KeyError, TypeError, csv.Error):
        with open(folder.estimates, newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        if rows:
            return _summarised(rows, objectives)
    return None


def _summarised(
    rows: Sequence[dict[str, str]], objectives: Sequence[Objective]
) -> StoredEstimates:
    signs = np.array([1.0 if one.maximize else -1.0 for one in objectives])
    shown = np.array([[float(row[one.name]) for one in objectives] for row in rows])
    return StoredEstimates(
        evaluations=int(rows[0][EVALUATIONS]),
        front_size=int(is_pareto_efficient(shown * signs).sum()),
        likely=sum(float(row[PROBABILITY]) >= LIKELY for row in rows),
        best=tuple(_best(rows, shown * signs, objectives)),
    )


def _best(
    rows: Sequence[dict[str, str]], stored: np.ndarray, objectives: Sequence[Objective]
) -> Iterator[BestEstimate]:
    for row, objective in zip(stored.argmax(axis=0), objectives, strict=True):
        value = float(rows[row][objective.name])
        low, high = interval(value, float(rows[row][f"{objective.name}_sd"]))
        yield BestEstimate(objective.name, value, low, high, int(rows[row]["id"]))


def other_pick(name: str, picked: int, observed: int) -> str:
    """Say that estimates pick another network than what was observed.

    Args:
        name: of the pick.
        picked: its number, by estimates.
        observed: by what was observed.
    """
    return (
        f"By what they are expected to give with other seeds, {name} is network "
        f"{picked}; by what was observed it is network {observed} (--by observed)."
    )


def all_alike(found: Mapping[str, int]) -> Iterator[str]:
    """Say that trainings which are all alike tell nothing of other seeds.

    Args:
        found: what :attr:`xnas.results.Run.alike` says.
    """
    for name, count in found.items():
        yield (
            f"All {count} trainings have the same {name}, so that nothing tells how "
            "far another seed would change it."
        )


def no_estimates(why: str) -> str:
    """Say that there are no estimates.

    Args:
        why: what :attr:`xnas.results.Run.why_no_estimates` says.
    """
    return f"There are no estimates of what other seeds would give: {why}."
