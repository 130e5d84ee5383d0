"""The figures beside the page, as SVG for papers."""

import io
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xnas.drawing.svg import shortened, shortened_title
from xnas.objectives import Objective
from xnas.report.comparison import Comparison, Line
from xnas.report.data import Axis, RunReport
from xnas.report.effects import Effects
from xnas.report.expected import Expected
from xnas.report.explanation import Explanation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, VERMILION = "#0072b2", "#d55e00"
# Okabe and Ito (2008), without yellow, which is hardly seen on white.
COLOURS = (BLUE, VERMILION, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES = ("-", "--", ":", "-.")
MARKERS = "osD^PX*"
MANY = 3000
"""Points above which a picture takes the place of one SVG element each."""


def run_figures(run: RunReport) -> Iterator[tuple[str, bytes]]:
    """Draw a run's figures.

    Args:
        run: any; figures that would be empty are left out.

    Yields:
        Name without ending, and content.
    """
    if run.succeeded:
        across, *others = run.axes
        for i, up in enumerate(others or [across], start=2):
            name = "tradeoffs" if i == 2 else f"tradeoffs-{i}"
            yield name, _svg(_tradeoffs(run, across if others else None, up))
    if run.curve is not None:
        yield from _both_ways("hypervolume", [Line(run.label, run.curve)])
    for i, effects in enumerate(run.effects):
        if not effects.missing:
            yield f"effects-{i + 1}", _svg(_effects(run, effects, run.axes[i].label))
    for id_, explanation in run.explanations.items():
        if not explanation.missing:
            yield f"distances-{id_}", _svg(_distances(explanation))


def comparison_figures(comparison: Comparison) -> Iterator[tuple[str, bytes]]:
    """Draw what compares runs, named as in :func:`run_figures`."""
    if comparison.lines:
        yield from _both_ways("comparison", comparison.lines)
    if comparison.fronts:
        yield "comparison-fronts", _svg(_fronts(comparison))


def _fronts(comparison: Comparison) -> "Axes":
    """Draw the fronts of all runs over each other."""
    across, up = comparison.axes[:2]
    axes = _axes(6.4, 4.4 + 0.12 * len(comparison.fronts))
    for i, front in enumerate(comparison.fronts):
        axes.plot(
            *zip(*front.points, strict=True), **_steps(across), marker=MARKERS[i % 7],
            color=COLOURS[front.colour % len(COLOURS)],
            linestyle=DASHES[front.dash % len(DASHES)]
            if len(comparison.axes) == 2 else "none",
            label=shortened_title(front.label).replace("$", r"\$"),
        )  # fmt: skip
    axes.set_xlabel(_label(across.label))
    axes.set_ylabel(_label(up.label))
    _add_legend(axes)
    return axes


def _steps(across: Objective) -> dict[str, Any]:
    """Return how the edge of what a front dominates is drawn."""
    return {"drawstyle": "steps-pre" if across.maximize else "steps-post"}


def _both_ways(name: str, lines: Sequence[Line]) -> Iterator[tuple[str, bytes]]:
    """Draw hypervolumes against evaluations and, where rows tell it, against time."""
    yield name, _svg(_hypervolume(lines))
    if any(np.isfinite(line.curve.seconds).any() for line in lines):
        yield f"{name}-time", _svg(_hypervolume(lines, by_time=True))


def _axes(width: float, height: float) -> "Axes":
    # Not through pyplot: it would keep figures, and may want a screen.
    from matplotlib.figure import Figure

    axes = Figure(figsize=(width, height), layout="constrained").add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _svg(axes: "Axes") -> bytes:
    import matplotlib

    stream = io.BytesIO()
    figure = axes.get_figure(root=True)
    # Text stays text, and the same run gives the same file.
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "xnas"}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # Viewers have fonts for names that matplotlib's own font cannot write.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        if figure is not None:
            figure.savefig(stream, format="svg", dpi=200, metadata={"Date": None})
    return stream.getvalue()


def _label(text: str) -> str:
    """Keep names short, what XML can hold, and from being read as formulas."""
    return shortened(text).replace("$", r"\$")


def _add_legend(axes: "Axes") -> None:
    """Add a legend above the figure: inside, its signs would look like data."""
    axes.legend(
        frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1), fontsize=9
    )


def _tradeoffs(run: RunReport, across: Axis | None, up: Axis) -> "Axes":
    """Draw two axes against each other, or one against the networks' numbers."""
    axes = _axes(6.4, 4.4)
    table = run.table[run.table["reason"].isna()]
    x = table["id"] if across is None else _finite(table[across.name])
    heights, infinite = _finite(table[up.name]), np.isinf(table[up.name])
    colours = _colours_by_generation(table)
    many = len(table) > MANY
    for rows, marker in ((~infinite, "o"), (infinite, "v")):
        if rows.any():
            points = axes.scatter(
                x[rows], heights[rows], marker=marker,
                **{**colours, "c": colours["c"][rows]},
                s=8 if many else 18, linewidths=0, alpha=0.8, rasterized=many,
            )  # fmt: skip
    if "cmap" in colours:
        from matplotlib.ticker import MaxNLocator

        ticks = MaxNLocator(integer=True)
        axes.figure.colorbar(points, ax=axes, label="generation", ticks=ticks)
    if infinite.any():
        words = f"{_label(up.name)} of {'−inf' if up.objective.maximize else 'inf'}"
        axes.scatter([], [], marker="v", color="0.4", label=words)
    _mark_front(axes, run, across, x, heights)
    if run.expected is not None and across is not None:
        _mark_estimated_front(axes, run, run.expected, across, up)
    axes.set_xlabel("evaluation" if across is None else _label(across.label))
    axes.set_ylabel(_label(up.label))
    _add_legend(axes)
    return axes


def _finite(values: "pd.Series[float]") -> "pd.Series[float]":
    """Put infinite values, which have no place of their own, at the edges."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    room = 0.07 * ((high - low) or 1.0)
    return values.clip(low - room, high + room).where(np.isinf(values), values)


def _colours_by_generation(table: pd.DataFrame) -> dict[str, Any]:
    """Return colours of all points, on a scale if there are several generations."""
    generations = table["generation"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = generations[np.isfinite(generations)]
    if not len(known) or known.min() == known.max():
        return {"c": np.full(len(table), BLUE)}
    limits = {"vmin": known.min(), "vmax": known.max()}
    return {"c": generations, "cmap": "viridis", **limits}


def _mark_front(
    axes: "Axes",
    run: RunReport,
    across: Axis | None,
    x: "pd.Series[float]",
    heights: "pd.Series[float]",
) -> None:
    """Circle the front, and draw the edge of what it dominates in two axes."""
    rows = run.front.index.intersection(x.index)
    x, y = x[rows].sort_values(), heights[rows]
    if across is not None and len(run.axes) == 2:
        steps = _steps(across.objective)
        axes.plot(x, y[x.index], **steps, color=VERMILION, linewidth=1)
    axes.scatter(
        x, y[x.index], s=60, facecolors="none", edgecolors=VERMILION, linewidths=1.5,
        label="front", zorder=3,
    )  # fmt: skip


def _hypervolume(lines: Sequence[Line], *, by_time: bool = False) -> "Axes":
    axes = _axes(6.4, 3.6 + 0.12 * len(lines))
    unit, name = _time_unit(lines) if by_time else (1, "evaluations")
    for line in lines:
        colour = COLOURS[line.colour % len(COLOURS)]
        curve = line.curve
        counts = np.array(curve.seconds if by_time else curve.evaluations) / unit
        axes.step(
            [0, *counts], [0.0, *curve.values], where="post", color=colour,
            linestyle=DASHES[line.dash % len(DASHES)],
            label=shortened_title(line.label).replace("$", r"\$"),
        )  # fmt: skip
        if line.band is not None and not by_time:
            band = line.band
            axes.fill_between(
                band.evaluations, band.low, band.high, step="post", color=colour,
                alpha=0.15, linewidth=0,
            )  # fmt: skip
    axes.set_xlim(left=0)
    axes.set_ylim(*_where_it_changes(lines))
    axes.set_xlabel(name)
    axes.set_ylabel("hypervolume")
    if len(lines) > 1:
        _add_legend(axes)
    return axes


def _time_unit(lines: Sequence[Line]) -> tuple[int, str]:
    longest = np.nanmax([second for line in lines for second in line.curve.seconds])
    for seconds, name in ((3600, "hours"), (60, "minutes")):
        if longest > 2 * seconds:
            return seconds, name
    return 1, "seconds"


def _mark_estimated_front(
    axes: "Axes", run: RunReport, expected: Expected, across: Axis, up: Axis
) -> None:
    """Draw what networks of the estimated front are expected to give."""
    front = expected.means[expected.front]
    front = front[np.argsort(front[:, run.axes.index(across)])]
    x, y = front[:, run.axes.index(across)], front[:, run.axes.index(up)]
    if len(run.axes) == 2:
        steps = _steps(across.objective)
        axes.plot(x, y, **steps, color="0.2", linewidth=1, linestyle="--")
    axes.scatter(
        x, y, s=30, marker="D", facecolors="white", edgecolors="0.2", linewidths=1.2,
        zorder=3, label="front expected over seeds",
    )  # fmt: skip


def _where_it_changes(lines: Sequence[Line]) -> tuple[float, float]:
    """Return limits; most of a hypervolume is there after the first networks."""
    values = [value for line in lines for value in line.curve.values if value > 0]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = 0.08 * ((high - low) or high)
    return max(low - 2 * room, 0.0), high + room


def _effects(run: RunReport, effects: Effects, name: str) -> "Axes":
    known = [one for one in effects.effects if one.estimate is not None]
    names: list[str] = []
    heights: list[int] = []
    titles: list[int] = []
    node = None
    for one in known:
        variable = run.variables[one.variable]
        if one.variable != node:
            titles.append(len(names))
            names.append(_label(variable.label))
            node = one.variable
        heights.append(len(names))
        names.append(_label(variable.operations[one.choice]))
    estimates = np.array([one.estimate for one in known], dtype=np.float64)
    lows = np.array([one.low for one in known], dtype=np.float64)
    highs = np.array([one.high for one in known], dtype=np.float64)
    significant = (lows > 0) | (highs < 0)

    axes = _axes(6.4, 0.8 + 0.19 * len(names))
    axes.axvline(0.0, color="0.6", linewidth=1, zorder=0)
    axes.hlines(heights, lows, highs, color=BLUE, linewidth=1.2, zorder=1)
    axes.scatter(
        estimates, heights, s=22, edgecolors=BLUE, zorder=2,
        facecolors=np.where(significant, BLUE, "white"),
    )  # fmt: skip
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for i in titles:
        axes.get_yticklabels()[i].set_fontweight("bold")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel(f"change of {_label(name)}, with 95 % interval")
    return axes


def _distances(explanation: Explanation) -> "Axes":
    size = min(max(3.2, 0.34 * len(explanation.classes) + 1.4), 12.0)
    axes = _axes(size * 1.15, size)
    matrix = np.array(explanation.distances)
    np.fill_diagonal(matrix, np.nan)
    image = axes.imshow(matrix, cmap="cividis")
    names = [_label(name) for name in explanation.classes]
    ticks = np.arange(len(names))
    small = 8 if len(names) <= 40 else 4
    axes.set_xticks(ticks, names, rotation=90, fontsize=small)
    axes.set_yticks(ticks, names, fontsize=small)
    axes.figure.colorbar(image, ax=axes, label="cosine distance")
    return axes
