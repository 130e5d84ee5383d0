"""What a report cannot show of a run, and why."""

from collections.abc import Iterator, Mapping

import numpy as np

from xnas.objectives import INTROSPECTABILITY
from xnas.report.choices import Variable
from xnas.report.explanation import Explanation
from xnas.results import Run
from xnas.results.estimated import all_alike, no_estimates
from xnas.results.regularized import meaning_of_mark
from xnas.results.state import State
from xnas.results.summary import Summary

_STATES = {
    State.PREPARING: "The search is being prepared.",
    State.RUNNING: "The search is under way: this is what it had found by then.",
    State.STOPPING: "The search is stopping: its last evaluations are not in yet.",
    State.STOPPED: "The search was stopped early; it can be carried on.",
    State.INTERRUPTED: "The search was interrupted; it can be carried on.",
    State.FAILED: "The search failed before its end; deephyper.log says why.",
    State.DIED: "The search died before its end; it can be carried on.",
    State.NEVER_STARTED: "The search never began to evaluate.",
    State.INCOMPLETE: "The search ended before its last evaluation; nothing says how.",
    State.UNKNOWN: "Whether the search is under way is not recorded.",
}


def find_gaps(
    run: Run,
    summary: Summary,
    explanations: Mapping[int, Explanation],
    variables: tuple[Variable, ...],
) -> tuple[str, ...]:
    """Say what is missing.

    Args:
        run: as it was read.
        summary: of the same run.
        explanations: of its picks.
        variables: of its space.

    Returns:
        Sentences.
    """
    return tuple(_gaps(run, summary, explanations, variables))


def _gaps(
    run: Run,
    summary: Summary,
    explanations: Mapping[int, Explanation],
    variables: tuple[Variable, ...],
) -> Iterator[str]:
    if summary.state in _STATES:
        yield _STATES[summary.state]
    if summary.regularized:
        yield meaning_of_mark(summary.regularized)
    yield from _gaps_of_table(run)
    unknown = [one.name for one in run.objectives if one.reference is None]
    if unknown:
        yield (
            "There is no hypervolume, as no reference is known for "
            f"{' and '.join(unknown)}."
        )
    if not variables:
        yield (
            "The search space is not described in init_infos.json: there are no "
            "drawings, and nothing on what matters."
        )
    lost = [str(id_) for id_, one in explanations.items() if one.missing]
    if lost:
        yield (
            f"Introspectability of network {', '.join(lost)} cannot be taken apart: "
            "the Gram matrices are missing or damaged."
        )


def _gaps_of_table(run: Run) -> Iterator[str]:
    succeeded = run.means[run.means["reason"].isna()]
    if not run.records:
        yield "No evaluation has ended: there is no network to show."
        return
    if succeeded.empty:
        yield (
            f"All evaluations failed ({len(run.records)}): there is no network to "
            f"show. Tracebacks are in {run.folder.logs}."
        )
        return
    if run.why_no_estimates is not None:
        yield no_estimates(run.why_no_estimates)
    else:
        yield from all_alike(run.alike)
    if INTROSPECTABILITY not in succeeded:
        single = "one objective, and " if len(run.objectives) == 1 else ""
        yield (
            "Introspectability was neither searched for nor recorded: there is "
            f"{single}nothing on classes and layers."
        )
        return
    if run.axes != run.objectives:
        yield (
            f"{_sought(run)}; introspectability was recorded. The front is that of the "
            "trade-offs among what the search happened to evaluate: in the CSV files "
            "trade_off marks it, and pareto_efficient the front of what was searched "
            "for."
        )
    infinite = int(np.isneginf(succeeded[INTROSPECTABILITY]).sum())
    if infinite == len(succeeded):
        yield (
            "Introspectability is −inf throughout: each network predicted one class "
            "only, as barely trained ones do."
        )


def _sought(run: Run) -> str:
    first, *others = run.objectives
    if others:
        names = ", ".join(one.text for one in run.objectives)
        return f"The search looked for {names} alone"
    verb = "maximised" if first.maximize else "minimised"
    return f"The search {verb} {first.name} alone"
