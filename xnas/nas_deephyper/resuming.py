"""What a resumed search takes over, and whether it is still the same search."""

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xnas.errors import UsageError
from xnas.results import Columns, Row, RunFolder, mended_rows
from xnas.searches.candidates import Candidate, Evaluated, Genotype

DECISIVE = (
    "run",
    "run_settings",
    "search",
    "problem",
    "space",
    "objectives",
    "class_names",
    "similarity",
)
"""Entries of ``init_infos.json`` that decide what rows hold; flags come first, since
others follow from them."""

CHANGEABLE = {("search", "max_evals"), ("run_settings", "log_dir")}

FLAGS = {
    ("run",): "--run",
    ("search", "type"): "the search",
    ("run_settings", "score_introspectability"): "--multiobjective-explainability",
    ("run_settings", "optimise_introspectability"): "--record-mo-xai-only",
    ("run_settings", "hyperparameters"): "--set",
}
"""How the command line calls what it does not call by the recorded name."""


@dataclass(frozen=True)
class Earlier:
    """What a run left behind.

    Args:
        rows: of the table, as they were written.
        evaluated: the same, for the search.
        in_flight: what was handed out and did not end, by id.
        forms: of the genotypes, see :meth:`~xnas.space.KSearchSpace.canonical_form`.
    """

    rows: list[Row] = field(default_factory=list)
    evaluated: list[Evaluated] = field(default_factory=list)
    in_flight: dict[int, Candidate] = field(default_factory=dict)
    forms: dict[Genotype, Hashable] = field(default_factory=dict)


def read_earlier(folder: RunFolder, columns: Columns) -> Earlier:
    """Read what a run left, mending what a kill left half-written.

    Args:
        folder: the run folder, locked by this process.
        columns: of its table.

    Returns:
        All of it.

    Raises:
        UsageError: a file of the folder was changed by something else.
    """
    rows = mended_rows(folder.results, columns)
    try:
        evaluated = [_evaluated(row, columns) for row in rows]
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"{folder.results} holds a row that is none of this tool's: {error}"
        ) from error
    done = {one.id for one in evaluated}
    if len(done) < len(evaluated):
        raise UsageError(f"{folder.results} holds the same evaluation (m:id) twice")
    started = {entry["id"]: entry for entry in folder.mended_started()}
    in_flight = {
        number: Candidate(
            tuple(entry["arch_seq"]), tuple(entry["parent_ids"]), entry["generation"]
        )
        for number, entry in sorted(started.items())
        if number not in done
    }
    forms: dict[Genotype, Hashable] = {
        tuple(entry["arch_seq"]): bytes.fromhex(entry["form"])
        for entry in started.values()
        if "form" in entry
    }
    return Earlier(rows, evaluated, in_flight, forms)


def _evaluated(row: Row, columns: Columns) -> Evaluated:
    generation = row["m:generation"]
    candidate = Candidate(
        tuple(json.loads(row["m:arch_seq"])),
        tuple(json.loads(row["m:parent_ids"])),
        int(generation) if generation else None,
    )
    values = [row[name] for name in columns.objectives]
    failed = any(value.startswith("F") for value in values)
    objectives = None if failed else tuple(map(float, values))
    return Evaluated(int(row["m:id"]), candidate, objectives)


def refuse_differences(
    recorded: Mapping[str, Any], now: Mapping[str, Any], folder: Path
) -> None:
    """Check that a search would go on as it began.

    Args:
        recorded: ``init_infos.json`` of the run.
        now: the same of the search that is to go on with it.
        folder: the run folder.

    Raises:
        UsageError: something that decides rows differs; names it.
    """
    # Through JSON, which knows neither tuples nor keys that are numbers.
    now = json.loads(json.dumps({key: now.get(key) for key in DECISIVE}))
    for key in DECISIVE:
        for path, old, new in _differences((key,), recorded.get(key), now[key]):
            raise UsageError(
                f"{_name(path)} is {_short(new)}, but the run in {folder} was started "
                f"with {_short(old)}, expected the same"
            )


def _differences(
    path: tuple[str, ...], old: Any, new: Any
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if path in CHANGEABLE or old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differences((*path, key), old.get(key), new.get(key))
        return
    yield path, old, new


def _name(path: Sequence[str]) -> str:
    for length in range(len(path), 0, -1):
        flag = FLAGS.get(tuple(path[:length]))
        if flag is not None:
            return " ".join([flag, *path[length:]])
    if path[0] in ("search", "run_settings"):
        return "--" + path[1].replace("_", "-")
    return ".".join(path)


def _short(value: Any) -> str:
    text = "unset" if value is None else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
