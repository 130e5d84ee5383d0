"""What was compared, as a picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd

from benchmarks.peers.comparison import CHECKPOINTS
from benchmarks.peers.roster import OURS, PEERS
from xnas.final_training.statistics import estimate

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

STYLES = (
    ("#000000", "o", "-"),
    ("#0072B2", "s", "-"),
    ("#56B4E9", "^", "--"),
    ("#D55E00", "D", "-"),
    ("#009E73", "v", "--"),
    ("#CC79A7", "P", "-"),
    ("#E69F00", "X", "--"),
)
"""Okabe and Ito's colours, which the colour-blind tell apart, markers and lines."""

WITH_MODELS = ("MOBO", "TPE", "GP", "CBO", "ParEGO")
"""What the names of searches end in that learn a model of the objectives."""

LOWEST = CHECKPOINTS[0]
"""Evaluations at which the picture begins."""


def draw(rows: pd.DataFrame, column: str, picture: Path) -> None:
    """Draw means over seeds with 95 % intervals against evaluations.

    Args:
        rows: of all searches, see :func:`benchmarks.peers.comparison.measure`.
        column: the share.
        picture: the file to write; its ending says the format.
    """
    plt.rcParams.update({"svg.hashsalt": "xnas", "font.size": 10})
    figure, panels = plt.subplots(
        1, 3, figsize=(14, 5.2), layout="constrained", sharey=True
    )
    rows = rows[rows["evaluations"] >= LOWEST]
    for axes, title, names in zip(panels, *_panels(rows), strict=True):
        for style, name in zip(STYLES, names, strict=False):
            _draw_one(axes, rows[rows["search"] == name], column, style)
        axes.set_title(title)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(CHECKPOINTS))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel("evaluations")
        axes.grid(alpha=0.3)
        if not names:
            continue
        # Below: there is no place in it that no line crosses.
        axes.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.14),
            ncols=2,
            frameon=False,
            fontsize=8,
            columnspacing=1,
            handlelength=1.6,
        )
    panels[0].set_ylabel("hypervolume, of the whole space's")
    # Intervals of few seeds would squeeze everything else.
    means = rows.groupby(["search", "evaluations"])[column].mean()
    panels[0].set_ylim(max(0, float(means.min()) - 0.05), 1)
    figure.savefig(picture, metadata={"Date": None})
    plt.close(figure)


def _panels(rows: pd.DataFrame) -> tuple[tuple[str, ...], tuple[list[str], ...]]:
    """Share the searches out: more than seven lines nobody tells apart."""
    names = [name for name in PEERS if name in set(rows["search"])]
    kin = [name for name in names if "NSGA-II" in name]
    models = [name for name in names if name.split()[-1] in WITH_MODELS]
    others = [name for name in names if name not in (*kin, *models)]
    first = [name for name in names if name == OURS]
    titles = "NSGA-II, ours and others'", "searches with models", "other searches"
    return titles, (kin, first + models, others)


def _draw_one(
    axes: Axes, rows: pd.DataFrame, column: str, style: Sequence[str]
) -> None:
    """Draw one search."""
    shares = rows.pivot(index="evaluations", columns="seed", values=column)
    counts = shares.index.to_numpy()
    found = [estimate(values) for values in shares.to_numpy().tolist()]
    between = [one.interval or (one.mean, one.mean) for one in found]
    colour, marker, line = style
    axes.plot(
        counts,
        [one.mean for one in found],
        color=colour,
        marker=marker,
        linestyle=line,
        markevery=np.flatnonzero(np.isin(counts, CHECKPOINTS)).tolist(),
        markersize=5,
        label=rows["search"].iloc[0],
    )
    lows, highs = np.transpose(between)
    axes.fill_between(counts, lows, highs, color=colour, alpha=0.15, linewidth=0)
