"""Which network of a run to train."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isnan

from xnas.errors import UsageError
from xnas.objectives import Objective
from xnas.results.estimated import all_alike, other_pick, worded_interval
from xnas.results.picks import By
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
        estimates: mean and standard deviation of what the network is worth over seeds,
            by the names of the objectives; empty where nothing tells.
        front_probability: of being on the front; ``None`` where nothing tells.
        alike: objectives that are the same in all trainings, and in how many.
        observed: the evaluation that is picked by what was observed, if another is.
    """

    id: int
    arch_seq: tuple[int, ...]
    scores: Mapping[str, float]
    axes: tuple[Objective, ...] = ()
    estimates: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    front_probability: float | None = None
    observed: int | None = None
    alike: Mapping[str, int] = field(default_factory=dict)


def choose(run: Run, pick: str, by: By | None = None) -> Chosen:
    """Find the evaluation that a user names.

    Args:
        run: the run.
        pick: what :meth:`xnas.results.run.Run.pick` takes.
        by: likewise.

    Raises:
        UsageError: there is no such evaluation, or it failed.
    """
    try:
        one = run.record(run.pick(pick, by))
    except UsageError as error:
        raise UsageError(f"--pick is {pick!r}, but {error}") from error
    if one.failure is not None:
        raise UsageError(
            f"--pick is {pick!r}, but evaluation {one.id} failed ({one.failure}), "
            "expected one that did not"
        )
    network = run.network(one.id)
    values = run.points(run.axes)[run.networks.index(network)]
    scores = {
        axis.name: axis.shown(value)
        for axis, value in zip(run.axes, values.tolist(), strict=True)
        if not isnan(value)
    }
    chosen = Chosen(one.id, one.genotype, scores, run.axes)
    if run.why_no_estimates is not None:
        return chosen
    found = run.estimated(run.axes)
    row = [each.id for each in found.networks].index(network.id)
    believed = zip(found.means[row].tolist(), found.deviations[row], strict=True)
    return replace(
        chosen,
        estimates={
            axis.name: (axis.shown(mean), float(deviation))
            for axis, (mean, deviation) in zip(run.axes, believed, strict=True)
        },
        front_probability=float(found.front_probability[row]),
        observed=_other(run, pick, one.id),
        alike=run.alike,
    )


def _other(run: Run, pick: str, id_: int) -> int | None:
    """Return what is picked by what was observed, if that is another."""
    observed = run.pick(pick, "observed")
    return None if observed == id_ else observed


def choice_sentences(chosen: Chosen, pick: str) -> Iterator[str]:
    """Say what is believed of a chosen network.

    Args:
        chosen: the network.
        pick: how it was named.
    """
    if chosen.observed is not None:
        yield other_pick(pick, chosen.id, chosen.observed)
    if chosen.estimates:
        values = ", ".join(
            f"{name} {worded_interval(mean, deviation)}"
            for name, (mean, deviation) in chosen.estimates.items()
        )
        yield (
            f"Expected of network {chosen.id} on average over seeds, trained as in the "
            f"search, with 95 % intervals: {values}; on the front with probability "
            f"{chosen.front_probability:.2f}."
        )
    yield from all_alike(chosen.alike)
