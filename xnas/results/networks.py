"""Networks and their evaluations: a network's numbers are means over its replicates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnas.pareto import is_pareto_efficient
from xnas.records import Evaluation, Genotype


@dataclass(frozen=True)
class Network:
    """A network of a run with all its trainings.

    Args:
        evaluations: in order of id.
        mean: the first evaluation that did not fail, with the means over all of those:
            of objectives (−inf where one is) and of what else was measured. The first
            evaluation if all failed.
    """

    evaluations: tuple[Evaluation, ...]
    mean: Evaluation

    @property
    def id(self) -> int:
        """Of the evaluation that stands for the network."""
        return self.mean.id

    @property
    def objectives(self) -> tuple[float, ...] | None:
        """Stored values, ``None`` if all evaluations failed."""
        return self.mean.objectives


def networks_of(evaluations: Sequence[Evaluation]) -> list[Network]:
    """Put the replicates of each network together.

    Args:
        evaluations: of a run, in any order.

    Returns:
        In order of id.
    """
    groups: dict[Genotype | int, list[Evaluation]] = {}
    for one in sorted(evaluations, key=lambda one: one.id):
        # Rows that do not say which network they are stand for themselves.
        groups.setdefault(one.genotype or one.id, []).append(one)
    networks = [Network(tuple(group), _mean(group)) for group in groups.values()]
    return sorted(networks, key=lambda one: one.id)


def _mean(group: Sequence[Evaluation]) -> Evaluation:
    known = [one for one in group if one.objectives is not None]
    if len(known) < 2:
        return known[0] if known else group[0]
    objectives = np.mean(np.array([one.objectives for one in known]), axis=0).tolist()
    measured = {
        name: float(np.mean([one.metadata[name] for one in known]))
        for name, value in known[0].metadata.items()
        if isinstance(value, float)
        and all(isinstance(one.metadata.get(name), float) for one in known)
    }
    return known[0].having(objectives=tuple(objectives), metadata=measured)


def points_of(networks: Sequence[Network], n_objectives: int) -> NDArray[np.float64]:
    """Return (networks, objectives) float64 stored values, NaN where all failed."""
    missing = (float("nan"),) * n_objectives
    points = [one.objectives or missing for one in networks]
    return np.array(points, dtype=np.float64).reshape(-1, n_objectives)


def efficient_ids(evaluations: Sequence[Evaluation]) -> set[int]:
    """Return the ids of the evaluations whose network no other dominates.

    Args:
        evaluations: of a run, in any order, with equally many objectives; those that
            failed are on no front.
    """
    networks = [one for one in networks_of(evaluations) if one.objectives is not None]
    if not networks:
        return set()
    mask = is_pareto_efficient(points_of(networks, len(networks[0].objectives or ())))
    return {
        one.id
        for network, efficient in zip(networks, mask, strict=True)
        if efficient
        for one in network.evaluations
        if one.objectives is not None
    }


def dominates(one: Evaluation, other: Evaluation) -> bool:
    """Whether one is at least as good in every objective and better in one.

    Neither of them failed.
    """
    pairs = list(zip(one.objectives or (), other.objectives or (), strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def front_of(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    """Leave out whatever failed or is dominated.

    Args:
        evaluations: any number with equally many objectives.

    Returns:
        The non-dominated ones, in their order.
    """
    succeeded = [one for one in evaluations if one.objectives is not None]
    if not succeeded:
        return []
    mask = is_pareto_efficient(np.array([one.objectives for one in succeeded]))
    return [one for one, efficient in zip(succeeded, mask, strict=True) if efficient]


def ancestors(one: Evaluation, by_id: Mapping[int, Evaluation]) -> set[int]:
    """Return the ids of an evaluation and of all that it descends from.

    Args:
        one: any.
        by_id: the evaluations of its run; parents that are not there are left out.
    """
    found: set[int] = set()
    waiting = [one.id]
    while waiting:
        number = waiting.pop()
        if number not in found and number in by_id:
            found.add(number)
            waiting.extend(by_id[number].parent_ids)
    return found
