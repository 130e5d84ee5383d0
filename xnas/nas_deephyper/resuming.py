"""Whether a resumed search is still the same one, and what it takes over."""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xnas.errors import UsageError
from xnas.evaluation.settings import RunSettings
from xnas.objectives import recorded_objectives
from xnas.records import Candidate, Genotype
from xnas.results import Recorder
from xnas.results.differences import differences, shown
from xnas.searches import Search
from xnas.space import FORM_VERSION

DECISIVE = (
    *("run", "run_settings", "search", "problem", "space", "objectives"),
    *("class_names", "similarity"),
)
"""Entries of ``init_infos.json`` that decide what rows hold; flags come first, since
others follow from them."""

CHANGEABLE = {
    ("search", "max_evals"),
    ("run_settings", "log_dir"),
    # What it comes to is compared with the task's other hyperparameters; runs of older
    # versions state it where it was not asked for.
    ("run_settings", "hyperparameters", "weight_decay"),
}

FLAGS = {
    ("run",): "--run",
    ("search", "type"): "the search",
    ("run_settings", "hyperparameters"): "--set",
    ("objectives",): "--objectives",
}
"""How the command line calls what it does not call by the recorded name."""


@dataclass(frozen=True)
class Started:
    """What a run handed out.

    Args:
        candidates: in order of id.
        forms: of their genotypes, see
            :meth:`~xnas.space.KSearchSpace.canonical_form`.
    """

    candidates: list[Candidate]
    forms: dict[Genotype, Hashable]


def read_started(entries: Sequence[Mapping[str, Any]]) -> Started:
    """Read the record of what was handed out.

    Args:
        entries: lines of ``started.jsonl``; one that was handed out again after a
            resume is there again.
    """
    by_id = {entry["id"]: entry for entry in entries}
    candidates = [
        Candidate(
            number,
            tuple(entry["arch_seq"]),
            tuple(entry["parent_ids"]),
            entry["generation"],
            entry.get("replicate", 0),
        )
        for number, entry in sorted(by_id.items())
    ]
    forms: dict[Genotype, Hashable] = {
        tuple(entry["arch_seq"]): bytes.fromhex(entry["form"])
        for entry in by_id.values()
        if "form" in entry
    }
    return Started(candidates, forms)


def take_over(
    recorder: Recorder,
    algorithm: Search,
    recorded: Mapping[str, Any],
    now: Mapping[str, Any],
) -> dict[int, Candidate]:
    """Have a search go on from what a run left; the folder stays locked.

    Args:
        recorder: of the folder.
        algorithm: fresh; becomes what it was.
        recorded: ``init_infos.json`` of the run.
        now: the same of the search that is to go on with it.

    Returns:
        By id, what was handed out and has no row.

    Raises:
        UsageError: another process writes there, or the run was another search's.
    """
    recorder.folder.claim()
    try:
        refuse_differences(recorded, now, recorder.folder.root)
        started = read_started(recorder.take_over())
        if recorded.get("form_version", FORM_VERSION) == FORM_VERSION:
            algorithm.networks.remember(started.forms)
        done = {one.id for one in recorder.evaluations}
        left = {one.id: one for one in started.candidates if one.id not in done}
        recorder.infos = recorded
        searched = recorder.confirmations.searched
        algorithm.restore(searched(recorder.evaluations), searched(left.values()))
        algorithm.skip(recorder.confirmations.ids)
    except BaseException:
        recorder.folder.release()
        raise
    return left


def begin(recorder: Recorder, infos: Mapping[str, Any]) -> None:
    """Write ``init_infos.json`` before the first row; add to it when resumed.

    Args:
        recorder: of the run.
        infos: what the file would hold of a new run.

    Raises:
        UsageError: the folder of a new run holds one.
    """
    if recorder.infos:
        infos = resumed_infos(recorder.infos, infos)
    else:
        recorder.folder.refuse_if_taken()
    recorder.begin(infos)


def resumed_infos(
    recorded: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """Add to ``init_infos.json`` that a run goes on.

    Args:
        recorded: what it holds.
        now: what it would hold of a new run; ``max_evals`` of 0 leaves the limit as it
            was.
    """
    max_evals = now["search"]["max_evals"] or recorded["search"].get("max_evals", -1)
    start = {key: now[key] for key in ("started", "xnas", "environment")}
    start |= {"max_evals": max_evals, "workers": now.get("workers")}
    renewed = {
        key: now[key] for key in ("arguments", "workers") if now.get(key) is not None
    }
    return {
        **recorded,
        **renewed,
        "search": {**recorded["search"], "max_evals": max_evals},
        "resumed": [*recorded.get("resumed", []), start],
    }


def refuse_differences(
    recorded: Mapping[str, Any], now: Mapping[str, Any], folder: Path
) -> None:
    """Check that a search would go on as it began.

    Args:
        recorded: ``init_infos.json`` of the run, of this version or an earlier one.
        now: the same of the search that is to go on with it.
        folder: the run folder.

    Raises:
        UsageError: something that decides rows differs; names it.
    """
    recorded = in_todays_form(recorded, now)
    # Through JSON, which knows neither tuples nor keys that are numbers.
    now = json.loads(json.dumps({key: now.get(key) for key in DECISIVE}))
    for key in DECISIVE:
        both = recorded.get(key), now[key]
        for path, old, new in differences((key,), *both, CHANGEABLE):
            raise UsageError(
                f"{_name(path)} is {shown(new)}, but the run in {folder} was started "
                f"with {shown(old)}, expected the same"
            )


def in_todays_form(
    recorded: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """Put what an earlier version recorded into the form of this one.

    Args:
        recorded: ``init_infos.json`` of a run.
        now: of the search that is to go on; its options stand for those that were not
            there yet, and had no effect.
    """
    found = dict(recorded)
    if recorded.get("run_settings"):
        sample = {"scored_sample": "first"}  # which earlier versions do not record
        found["run_settings"] = {**sample, **recorded["run_settings"]}
    if "format" not in recorded:
        found["objectives"] = [one.to_json() for one in recorded_objectives(recorded)]
        search = dict(recorded["search"])
        if "weight_perf" in search:
            weights = [search.pop("weight_perf"), search.pop("weight_xai")]
            search["weights"] = weights[: len(found["objectives"])]
        if "variation" in now["search"]:
            search.setdefault("variation", "sbx")
        found["search"] = search
        if recorded.get("run_settings"):
            names = [one.text for one in recorded_objectives(recorded)]
            settings = RunSettings.from_json(recorded["run_settings"], names)
            found["run_settings"] = settings.to_json()
    found = json.loads(json.dumps(found))
    _tell_apart(found.get("space") or {}, now.get("space") or {})
    return found


def _tell_apart(recorded: dict[str, Any], now: Mapping[str, Any]) -> None:
    """Take over names of operations that an earlier version did not tell apart."""
    today = {node["name"]: node["operations"] for node in now.get("nodes", ())}
    for node in recorded.get("nodes", ()):
        old, new = node["operations"], today.get(node["name"], ())
        if len({*old}) < len(old) == len(new):
            node["operations"] = list(new)


def _name(path: Sequence[str]) -> str:
    for length in range(len(path), 0, -1):
        flag = FLAGS.get(tuple(path[:length]))
        if flag is not None:
            return " ".join([flag, *path[length:]])
    if path[0] in ("search", "run_settings"):
        return "--" + path[1].replace("_", "-")
    return ".".join(path)
