"""One HTML page that holds all it needs."""

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import xnas
from xnas.objectives import INTROSPECTABILITY, LAYER_MEAN
from xnas.report.columns import MOST_IN_TABLE, curve_content, run_content
from xnas.report.comparison import Comparison
from xnas.report.data import Pick, RunReport
from xnas.report.drawings import draw_one
from xnas.report.explanation import Explanation
from xnas.report.tables import file_prefix
from xnas.report.views import effect_rows, front_tables, front_words
from xnas.report.words import FILTERS, counted, duration, moment, whole
from xnas.results.estimated import Z95
from xnas.results.state import State

SCRIPTS = (
    "common",
    "networks",
    "cell",
    "chosen",
    "tradeoffs",
    "table",
    "beside",
    "figures",
    "lineage",
    "main",
)

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")

LONGEST_LEVEL = 7
"""Characters of a class's name above its column; longer ones stand upright."""

RULING = 0.5
"""Share of a score above which a layer is remarked on."""

TRADE_OFFS = ("All evaluations", "Trade-offs")
"""Of one objective, and of several."""


TEMPLATES = Environment(
    loader=PackageLoader("xnas.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(FILTERS)


def make_page(
    runs: Sequence[RunReport], comparison: Comparison | None, files_name: str
) -> bytes:
    """Write the page.

    Args:
        runs: one or more.
        comparison: of several runs.
        files_name: of the folder beside the page that has tables and figures.
    """
    needs_plotly = any(run.summary.done for run in runs)
    text = TEMPLATES.get_template("page.html.j2").render(
        **_body(runs, comparison, files_name),
        version=xnas.__version__,
        written=moment(time.time()),
        data=Markup(json_for_script(page_content(runs, comparison))),
        plotly=Markup(plotly()) if needs_plotly else "",
        style=Markup(asset("report.css")),
        script=Markup(scripts(SCRIPTS)),
    )
    return text.encode(errors="replace")


def make_body(
    runs: Sequence[RunReport], comparison: Comparison | None, files_name: str
) -> str:
    """Write what a page says, without what it is said with.

    Args:
        runs: one or more.
        comparison: of several runs.
        files_name: of the folder beside the page that has tables and figures.

    Returns:
        HTML: head, contents and the main part.
    """
    values = _body(runs, comparison, files_name)
    return TEMPLATES.get_template("body.html.j2").render(**values)


def _body(
    runs: Sequence[RunReport], comparison: Comparison | None, files_name: str
) -> dict[str, Any]:
    return {
        "title": page_title(runs),
        "lead": _lead(runs),
        "contents": _contents(runs, comparison),
        "single": len(runs) == 1,
        "runs": [_view(run, len(runs), i, files_name) for i, run in enumerate(runs)],
        "comparison": comparison,
        "files": _link(files_name),
        "files_name": files_name,
    }


def _link(name: str) -> str:
    """Write a file's name as an address; a ``#`` in it begins nothing."""
    return quote(os.fsencode(name))


def json_for_script(value: Any) -> str:
    """Write JSON that stays text within a ``<script>`` element.

    Args:
        value: what JSON can express; neither NaN nor infinities.
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def asset(name: str) -> str:
    """Read a file that pages are made with.

    Args:
        name: of the file, such as ``report.css``.
    """
    return (files("xnas.report") / "assets" / name).read_text(encoding="utf-8")


def scripts(names: Iterable[str]) -> str:
    """Read scripts, one after the other.

    Args:
        names: of their files, without ending.
    """
    return "\n".join(asset(f"{name}.js") for name in names)


def plotly() -> str:
    """Return the library that draws figures."""
    from plotly.offline import get_plotlyjs

    text: str = get_plotlyjs()
    return text


def page_content(
    runs: Sequence[RunReport], comparison: Comparison | None
) -> dict[str, Any]:
    """Return what the scripts of a page read, in JSON's terms.

    Args:
        runs: one or more.
        comparison: of several runs.
    """
    lines = () if comparison is None else comparison.lines
    fronts = () if comparison is None else comparison.fronts
    return {
        "runs": [run_content(run) for run in runs],
        "curves": [
            {
                "name": line.label,
                "curve": curve_content(line.curve),
                "colour": line.colour,
                "dash": DASHES[line.dash % len(DASHES)],
                "band": None if line.band is None else asdict(line.band),
            }
            for line in lines
        ],
        "fronts": [
            {**asdict(one), "dash": DASHES[one.dash % len(DASHES)]} for one in fronts
        ],
    }


def page_title(runs: Sequence[RunReport]) -> str:
    """Say what a page is about.

    Args:
        runs: one or more.
    """
    tasks = list(dict.fromkeys(run.summary.task or "unknown task" for run in runs))
    if len(runs) == 1:
        return f"Networks for {tasks[0]}"
    return f"{len(runs)} searches for {' and '.join(tasks)}"


def _lead(runs: Sequence[RunReport]) -> list[str]:
    if len(runs) > 1:
        done = sum(run.summary.done for run in runs)
        return [f"{whole(done)} evaluations in all, by {len(runs)} runs."]
    run = runs[0]
    search = run.summary.search or "The search"
    words = f"{search} evaluated {counted(len(run.table), 'network')}"
    if len(run.table) < run.summary.done:
        words += f" {whole(run.summary.done)} times in all"
    if run.seconds is not None:
        words += f" in {duration(run.seconds)}"
    if run.summary.state.is_alive:
        words += " so far"
    if run.succeeded:
        words += f"; {whole(len(run.front))} on the front"
        names = [_spoken(axis.name) for axis in run.axes]
        if len(names) > 1 and not run.counts_recorded:
            listed = ", ".join(names[:-1])
            words += f" of best trade-offs between {listed} and {names[-1]}"
    return [f"{words}."]


def _spoken(name: str) -> str:
    return "accuracy" if name.startswith("val_acc") else name


def _contents(
    runs: Sequence[RunReport], comparison: Comparison | None
) -> list[tuple[str, str]]:
    if comparison is not None:
        labels = [(f"run-{i}", run.label) for i, run in enumerate(runs)]
        return [("comparison", "Comparison"), *labels]
    run = runs[0]
    entries = [("glance", "At a glance", True)]
    entries += [
        ("picks", "Picks", bool(run.picks)),
        ("tradeoffs", TRADE_OFFS[len(run.axes) > 1], run.succeeded > 0),
        ("networks", "All networks", run.summary.done > 0),
        ("beside", "Side by side", run.succeeded > 0 and len(run.table) > 1),
        ("hypervolume", "Progress", bool(run.curve and run.succeeded)),
        ("lineage", "Lineage", run.succeeded > 0),
        ("matters", "What matters", run.succeeded > 0),
        ("explained", "Introspectability", bool(run.explanations)),
    ]
    return [(f"{anchor}-0", text) for anchor, text, present in entries if present]


def _view(run: RunReport, n_runs: int, position: int, files_name: str) -> dict:
    """Return what the templates need of a run."""
    picked = run.table[run.table["id"].isin([pick.id for pick in run.picks])]
    rows = {int(row["id"]): row for row in picked.to_dict("records")}
    summary = run.summary
    shades = _shades(run.explanations.values())
    shown = (
        "label summary infinite front axes succeeded seconds compute_seconds settings "
        "versions gaps picks expected curve effects counts_recorded"
    )
    return {
        **{name: getattr(run, name) for name in shown.split()},
        "file": f"{_link(files_name)}/{file_prefix(position, n_runs)}",
        "state_word": _STATE_WORDS.get(summary.state, summary.state.replace("_", " ")),
        "read_at": moment(summary.time),
        "reference": summary.hypervolume_reference,
        "is_classic": [axis.name for axis in run.axes[1:]] == [INTROSPECTABILITY]
        and _spoken(run.axes[0].name) == "accuracy",
        "has_generations": bool(run.table["generation"].notna().any()),
        "front_size": len(run.front),
        "n_networks": len(run.table),
        "first_beside": next((pick.id for pick in run.picks), 0),
        "is_weighted": any(one.is_weighted for one in run.explanations.values()),
        "is_by_layer": any(one.is_by_layer for one in run.explanations.values()),
        "pick_cards": [_pick_card(pick, rows[pick.id], run) for pick in run.picks],
        "has_bend": _size_of_picked(run) > len(run.axes),
        "trade_offs": TRADE_OFFS[len(run.axes) > 1],
        "by_score": any(
            layer.score_share is not None
            for one in run.explanations.values()
            for layer in one.layers[:1]
        ),
        "effect_rows": effect_rows(run),
        "common": front_tables(run),
        "common_words": front_words(run),
        "explained": [
            _explained(one, run, shades) for one in run.explanations.values()
        ],
    }


_STATE_WORDS: Mapping[State, str] = {
    State.NEVER_STARTED: "never started",
    State.STOPPED: "stopped early",
    State.INCOMPLETE: "ended early",
}


def _size_of_picked(run: RunReport) -> int:
    """Count the front that picks are from."""
    return len(run.front) if run.expected is None else run.expected.front_size


def _pick_card(pick: Pick, row: Mapping[Any, Any], run: RunReport) -> dict[str, Any]:
    parameters = row["n_parameters"]
    explained = run.explanations.get(pick.id)
    scores = [(axis.label, float(row[axis.name])) for axis in run.axes]
    scores += [(name, float(row[name])) for name in run.extras]
    if explained and not explained.is_by_layer and LAYER_MEAN not in row:
        scores.append((LAYER_MEAN, explained.layer_mean or float("nan")))
    return {
        "title": pick.title,
        "id": pick.id,
        "command": pick.command,
        "drawing": Markup(draw_one(run.space, row["arch_seq"])),
        "expected": [
            (name, mean, Z95 * deviation)
            for name, (mean, deviation) in pick.expected.items()
        ],
        "front_probability": pick.front_probability,
        "observed": pick.observed is not None
        and {
            "id": pick.observed,
            "values": [(name, *pair) for name, pair in pick.surprises.items()],
        },
        "scores": [(name, value) for name, value in scores if value == value],
        "shows_parameters": all(axis.name != "n_parameters" for axis in run.axes),
        "parameters": None if pd.isna(parameters) else int(parameters),
        "genotype": str(list(row["arch_seq"])),
    }


def _shades(explanations: Iterable[Explanation]) -> tuple[float, float]:
    """Return the least and the greatest distance, to see what differs between them."""
    known = [
        value
        for one in explanations
        for i, row in enumerate(one.distances)
        for value in row[:i]
        if value == value
    ]
    return min(known, default=0.0), max(known, default=1.0)


def _explained(
    one: Explanation, run: RunReport, shades: tuple[float, float]
) -> dict[str, Any]:
    names = [pick.title for pick in run.picks if pick.id == one.id]
    names = [name[0].lower() + name[1:] for name in names]
    low, high = shades
    by_score = bool(one.layers) and one.layers[0].score_share is not None
    shares = [
        layer.score_share if layer.score_share is not None else layer.length_share
        for layer in one.layers
    ]
    largest = max(shares, default=0.0)
    ruling = one.layers[shares.index(largest)] if largest > RULING else None
    as_they_are = (
        "id recorded recomputed missing classes never_predicted alike apart layer_mean"
    )
    return {
        **{key: getattr(one, key) for key in as_they_are.split()},
        "title": f"Network {one.id}: {', '.join(names)}",
        "as_table": len(one.classes) <= MOST_IN_TABLE,
        "by_score": by_score,
        "ruling": ruling if by_score and len(shares) > 1 else None,
        "has_long_names": max(map(len, one.classes), default=0) > LONGEST_LEVEL,
        "rows": [
            {
                "name": name,
                "cells": [
                    None
                    if i == j
                    else {
                        "value": value if value == value else None,
                        "part": (value - low) / (high - low or 1.0)
                        if value == value
                        else 0.0,
                    }
                    for j, value in enumerate(row)
                ],
            }
            for i, (name, row) in enumerate(
                zip(one.classes, one.distances, strict=True)
            )
        ],
        "layers": [
            {
                "name": layer.name,
                "features": layer.features,
                "share": share,
                "length_share": layer.length_share,
                "part": max(share, 0.0) / (largest or 1.0),
            }
            for layer, share in zip(one.layers, shares, strict=True)
        ],
    }
