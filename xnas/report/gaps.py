"""What a report cannot show of a run, and why."""

from collections.abc import Iterator, Mapping

import numpy as np

from xnas.report.choices import Variable
from xnas.report.explanation import Explanation
from xnas.results import Run
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
    State.ENDED: "The search ended before its last evaluation; how is not recorded.",
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
    yield from _gaps_of_table(run)
    if run.hypervolume_reference is None:
        yield (
            "There is no hypervolume: its reference is known for accuracies only, and "
            f"the task's objective is {run.objectives[0]}."
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
    table = run.evaluations
    sound = table[table["reason"].isna()]
    if table.empty:
        yield "No evaluation has ended: there is no network to show."
        return
    if sound.empty:
        yield (
            f"All evaluations failed ({len(table)}): there is no network to show. "
            f"Tracebacks are in {run.folder.logs}."
        )
        return
    if "introspectability" not in run.axes:
        yield (
            "Introspectability was neither searched for nor recorded: there is one "
            "objective, and nothing on classes and layers."
        )
        return
    if "introspectability" not in run.objectives:
        yield (
            f"The search maximised {run.objectives[0]} alone; introspectability was "
            "recorded. The front is that of the trade-offs among what the search "
            "happened to evaluate."
        )
    infinite = int(np.isneginf(sound["introspectability"]).sum())
    if infinite == len(sound):
        yield (
            "Introspectability is −inf throughout: each network predicted one class "
            "only, as barely trained ones do."
        )
