"""Tables as CSV."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from xnas.exporters.content import Content
from xnas.results.folder import replace_file
from xnas.results.texts import csv_text

NEEDED = ()


def export(content: Content, output: Path) -> str:
    """Write ``evaluations``, ``histories``, ``search`` and ``run.csv``.

    Args:
        content: of the run.
        output: the folder to write to.

    Returns:
        The folder.
    """
    tables = {
        "evaluations": _evaluations(content),
        "histories": _histories(content),
        "search": _search(content),
        "run": _run(content),
    }
    for name, (header, *rows) in tables.items():
        text = csv_text(header, rows).encode(errors="replace")
        replace_file(output / f"{name}.csv", text)
    return str(output)


def _evaluations(content: Content) -> Iterator[Sequence[Any]]:
    """Name columns by what they hold: a node ``p:``, a fact ``m:``."""
    rows = content.rows
    nodes = _names(row.operations for row in rows)
    metrics = _names(row.metrics for row in rows)
    facts = _names(row.facts for row in rows)
    known = ("failure", "front", "started", "ended")
    beside = (*(f"p:{name}" for name in nodes), *(f"m:{name}" for name in facts))
    yield ("id", *metrics, *known, *beside)
    for row in rows:
        yield (
            row.id,
            *(row.metrics.get(name) for name in metrics),
            *(getattr(row, name) for name in known),
            *(row.operations.get(name) for name in nodes),
            *(_cell(row.facts.get(name)) for name in facts),
        )


def _names(mappings: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(name for one in mappings for name in one))


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, tuple, dict)) else value


def _histories(content: Content) -> Iterator[Sequence[Any]]:
    yield ("id", "metric", "epoch", "value")
    for row in content.rows:
        for name, values in content.run.history(row.id).items():
            for epoch, value in enumerate(values):
                yield (row.id, name, epoch, value)


def _search(content: Content) -> Iterator[Sequence[Any]]:
    yield ("figure", "evaluations", "value", "time")
    for one in content.series():
        for point in zip(one.steps, one.values, one.times, strict=True):
            yield (one.name, *point)


def _run(content: Content) -> Iterator[Sequence[Any]]:
    yield ("name", "value")
    yield ("run", content.name)
    yield ("state", content.summary.state.value)
    yield from content.marks.items()
    yield from content.settings.items()
