"""One HTML page that holds all it needs."""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import xnas
from xnas.objectives import INTROSPECTABILITY
from xnas.report.columns import curve_content, first_chosen, run_content
from xnas.report.comparison import Comparison
from xnas.report.data import Pick, RunReport
from xnas.report.drawings import draw_one
from xnas.report.tables import file_prefix
from xnas.report.views import (
    effect_rows,
    explained_part,
    front_tables,
    front_words,
    shades_of,
)
from xnas.report.words import FILTERS, counted, duration, moment, whole
from xnas.results.estimated import Z95
from xnas.results.state import State
from xnas.scores import RESCALED

SCRIPTS = (
    *("common", "networks", "cell", "chosen", "tradeoffs", "table", "beside"),
    *("figures", "lineage", "main"),
)

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")

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
        "rescaled": RESCALED,
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


def asset(name: str, package: str = "xnas.report") -> str:
    """Read a file that pages are made with.

    Args:
        name: of the file, such as ``report.css``.
        package: whose file it is.
    """
    return (files(package) / "assets" / name).read_text(encoding="utf-8")


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
    shades = shades_of(run.explanations.values())
    size_of_picked = len(run.front) if run.expected is None else run.expected.front_size
    shown = (
        "label summary infinite front axes succeeded seconds compute_seconds settings "
        "versions gaps picks expected curve effects counts_recorded explained"
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
        "examples": run.stored.examples if "acc" in run.axes[0].name else None,
        "first_beside": _first_beside(run),
        "is_weighted": any(one.is_weighted for one in run.explanations.values()),
        "is_by_layer": any(one.is_by_layer for one in run.explanations.values()),
        "pick_cards": [*_pick_cards(run, rows)],
        "has_bend": size_of_picked > len(run.axes),
        "trade_offs": TRADE_OFFS[len(run.axes) > 1],
        "by_score": any(
            layer.score_share is not None
            for one in run.explanations.values()
            for layer in one.layers[:1]
        ),
        "effect_rows": effect_rows(run),
        "common": front_tables(run),
        "common_words": front_words(run),
        "explanations": [
            explained_part(one, run, shades) for one in run.explanations.values()
        ],
    }


def _first_beside(run: RunReport) -> int:
    """Choose what to compare the network with that the page begins with."""
    ids = [pick.id for pick in run.picks] + run.front["id"].tolist()
    return next((id_ for id_ in ids if id_ != first_chosen(run)), 0)


_STATE_WORDS: Mapping[State, str] = {
    State.NEVER_STARTED: "never started",
    State.STOPPED: "stopped early",
    State.INCOMPLETE: "ended early",
}


def _pick_cards(
    run: RunReport, rows: Mapping[int, Mapping[Any, Any]]
) -> Iterator[dict[str, Any]]:
    """Make a card a pick, or one where a single network is the best in everything."""
    if len({pick.id for pick in run.picks}) > 1:
        for pick in run.picks:
            yield _pick_card([pick], rows[pick.id], run)
    elif run.picks:
        yield _pick_card(run.picks, rows[run.picks[0].id], run)


def _pick_card(
    picks: Sequence[Pick], row: Mapping[Any, Any], run: RunReport
) -> dict[str, Any]:
    pick, *others = picks
    parameters = row["n_parameters"]
    scores = [(axis.label, float(row[axis.name])) for axis in run.axes]
    scores += [(name, float(row[name])) for name in run.extras]
    return {
        "title": ", ".join([pick.title, *(one.spoken for one in others)]),
        "id": pick.id,
        "command": pick.command,
        "drawing": Markup(draw_one(run.space, row["arch_seq"])),
        "expected": [
            (name, mean, Z95 * deviation)
            for name, (mean, deviation) in pick.expected.items()
        ],
        "front_probability": pick.front_probability,
        "observed": [
            {
                "which": f"the {one.spoken}" if others else "it",
                "id": one.observed,
                "values": [(name, *pair) for name, pair in one.surprises.items()],
            }
            for one in picks
            if one.observed is not None
        ],
        "scores": [(name, value) for name, value in scores if value == value],
        "shows_parameters": all(axis.name != "n_parameters" for axis in run.axes),
        "parameters": None if pd.isna(parameters) else int(parameters),
        "page": run.explained.get(pick.id),
        "genotype": str(list(row["arch_seq"])),
    }
