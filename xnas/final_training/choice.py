"""Which network of a run to train."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from xnas.errors import UsageError

if TYPE_CHECKING:
    from xnas.results.run import Run

PICKS = ("accuracy", "introspectability", "knee")

INTROSPECTABILITY = "introspectability"


@dataclass(frozen=True)
class Chosen:
    """One evaluation of a run.

    Args:
        id: its number.
        arch_seq: one choice a variable node.
        scores: what the search recorded, by the names of the objectives;
            introspectability too where it was recorded only.
    """

    id: int
    arch_seq: tuple[int, ...]
    scores: Mapping[str, float]


def choose(run: "Run", pick: str) -> Chosen:
    """Find the evaluation that a user names.

    Args:
        run: the run.
        pick: one of :data:`PICKS`, or the number of an evaluation.

    Raises:
        UsageError: there is no such evaluation, or it failed.
    """
    root = run.folder.root
    if not len(run.evaluations):
        raise UsageError(f"{root} has no evaluation yet, expected one or more")
    if pick in PICKS:
        return _chosen(run, _picked(run, pick))
    if not pick.isdecimal():
        raise UsageError(
            f"--pick is {pick!r}, expected one of {', '.join(PICKS)}, or the number of "
            "an evaluation"
        )
    known = set(run.evaluations["id"])
    if int(pick) not in known:
        raise UsageError(
            f"--pick is {pick}, but {root} has no evaluation {pick}, expected one of "
            f"its {len(known)} from {min(known)} to {max(known)}"
        )
    return _chosen(run, int(pick))


def _picked(run: "Run", pick: str) -> int:
    picks = run.picks()
    if not picks:
        raise UsageError(
            f"--pick is {pick}, but all {len(run.evaluations)} evaluation(s) of "
            f"{run.folder.root} failed, expected one that did not"
        )
    if pick not in picks:
        what = "no introspectability"
        if INTROSPECTABILITY in run.axes:
            what = "no finite introspectability"
        raise UsageError(
            f"--pick is {pick}, but {run.folder.root} records {what}, expected "
            "--pick accuracy or the number of an evaluation"
        )
    return picks[pick]


def _chosen(run: "Run", id_: int) -> Chosen:
    frame = run.evaluations
    row: Any = frame[frame["id"] == id_].iloc[0]
    if isinstance(row["reason"], str):
        raise UsageError(
            f"--pick is {id_}, but evaluation {id_} failed ({row['reason']}), expected "
            "one that did not"
        )
    scores = {name: float(row[name]) for name in run.axes}
    known = {name: value for name, value in scores.items() if not isnan(value)}
    return Chosen(id_, tuple(row["arch_seq"]), known)
