"""Which network of a run to train."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

from xnas.errors import UsageError
from xnas.objectives import Objective
from xnas.results.run import Run


@dataclass(frozen=True)
class Chosen:
    """One evaluation of a run.

    Args:
        id: its number.
        arch_seq: one choice a variable node.
        scores: what the search recorded, by the names of the objectives, as measured
            (means over its network's replicates); introspectability too where it was
            recorded only.
        axes: what the scores are.
    """

    id: int
    arch_seq: tuple[int, ...]
    scores: Mapping[str, float]
    axes: tuple[Objective, ...] = ()


def choose(run: Run, pick: str) -> Chosen:
    """Find the evaluation that a user names.

    Args:
        run: the run.
        pick: what :meth:`xnas.results.run.Run.pick` takes.

    Raises:
        UsageError: there is no such evaluation, or it failed.
    """
    try:
        one = run.record(run.pick(pick))
    except UsageError as error:
        raise UsageError(f"--pick is {pick!r}, but {error}") from error
    if one.failure is not None:
        raise UsageError(
            f"--pick is {pick!r}, but evaluation {one.id} failed ({one.failure}), "
            "expected one that did not"
        )
    row = run.networks.index(run.network(one.id))
    values = run.points(run.axes)[row]
    scores = {
        axis.name: axis.shown(value)
        for axis, value in zip(run.axes, values.tolist(), strict=True)
        if not isnan(value)
    }
    return Chosen(one.id, one.genotype, scores, run.axes)
