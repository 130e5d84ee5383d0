"""The figures beside the page, as SVG for papers."""

import io
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from xnas.drawing.svg import shortened
from xnas.report.comparison import Comparison
from xnas.report.data import RunReport
from xnas.report.effects import Effects
from xnas.report.explanation import Explanation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, VERMILION = "#0072b2", "#d55e00"
# Okabe and Ito (2008), without yellow, which is hardly seen on white.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
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
        yield "tradeoffs", _svg(_tradeoffs(run))
    if run.curve is not None:
        yield "hypervolume", _svg(_hypervolume([run]))
    for i, effects in enumerate(run.effects, start=1):
        if not effects.missing:
            yield f"effects-{i}", _svg(_effects(run, effects))
    for id_, explanation in run.explanations.items():
        if not explanation.missing:
            yield f"distances-{id_}", _svg(_distances(explanation))


def comparison_figures(
    runs: Sequence[RunReport], comparison: Comparison
) -> Iterator[tuple[str, bytes]]:
    """Draw what compares runs, named as in :func:`run_figures`."""
    if comparison.has_curves:
        yield "comparison", _svg(_hypervolume(runs))


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


def _tradeoffs(run: RunReport) -> "Axes":
    axes = _axes(6.4, 4.2)
    table = run.table[run.table["reason"].isna()]
    down = run.axes[0].name if len(run.axes) > 1 else "id"
    across = run.axes[1 if len(run.axes) > 1 else 0].name
    generations = table["generation"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = bool(np.isfinite(generations).any())
    points = axes.scatter(
        table[down],
        table[across].replace(-np.inf, np.nan),
        **({"c": generations, "cmap": "viridis"} if known else {"c": BLUE}),
        s=8 if len(table) > MANY else 18,
        linewidths=0,
        alpha=0.8,
        rasterized=len(table) > MANY,
    )
    if known:
        figure = axes.figure
        figure.colorbar(points, ax=axes, label="generation")
    front = run.front
    axes.scatter(
        front[down],
        front[across].replace(-np.inf, np.nan),
        s=60,
        facecolors="none",
        edgecolors=VERMILION,
        linewidths=1.5,
        label="front",
    )
    axes.set_xlabel("evaluation" if down == "id" else _label(down))
    axes.set_ylabel(_label(across))
    axes.legend(frameon=False)
    return axes


def _hypervolume(runs: Sequence[RunReport]) -> "Axes":
    axes = _axes(6.4, 3.6)
    for i, run in enumerate(runs):
        if run.curve is not None:
            axes.step(
                [0, *run.curve.evaluations],
                [0.0, *run.curve.values],
                where="post",
                color=COLOURS[i % len(COLOURS)],
                linestyle=("-", "--", ":", "-.")[i % 4],
                label=_label(run.label),
            )
    axes.set_xlabel("evaluations")
    axes.set_ylabel("hypervolume")
    if len(runs) > 1:
        axes.legend(frameon=False)
    return axes


def _effects(run: RunReport, effects: Effects) -> "Axes":
    known = [one for one in effects.effects if one.estimate is not None]
    axes = _axes(6.4, 1.0 + 0.22 * len(known))
    estimates = np.array([one.estimate for one in known], dtype=np.float64)
    lows = np.array([one.low for one in known], dtype=np.float64)
    highs = np.array([one.high for one in known], dtype=np.float64)
    places = np.arange(len(known))
    axes.axvline(0.0, color="0.6", linewidth=1)
    axes.errorbar(
        estimates, places, xerr=[estimates - lows, highs - estimates], fmt="o",
        color=BLUE, markersize=4, linewidth=1.2,
    )  # fmt: skip
    names = [
        f"{run.variables[one.variable].label}  "
        f"{run.variables[one.variable].operations[one.choice]}"
        for one in known
    ]
    axes.set_yticks(places, [_label(name) for name in names], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel(f"change of {_label(effects.objective)}, with 95 % interval")
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
