"""The training history as a figure."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from xnas.final_training.replicate import Outcome

# Okabe and Ito's palette: told apart by the colour-blind, and by their dashes.
TRAINING = {"color": "#D55E00", "linestyle": (0, (4, 2))}
VALIDATION = {"color": "#0072B2", "linestyle": "solid"}


def curves_svg(outcomes: "Sequence[Outcome]", title: str) -> str:
    """Draw loss and metrics of training and validation against epochs.

    Args:
        outcomes: of all replicates; each is a thin line, their mean a strong one.
        title: of the figure.

    Returns:
        SVG on a light background; text stays text.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    known = outcomes[0].history
    names = [name for name in known if f"val_{name}" in known]
    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "xnas",
        "font.family": "sans-serif",
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(4.2 * len(names), 3.4), layout="constrained")
        figure.set_facecolor("white")
        panels = figure.subplots(1, len(names), squeeze=False)[0]
        for axes, name in zip(panels, names, strict=True):
            _draw(axes, name, [outcome.history for outcome in outcomes])
        panels[0].legend(frameon=False)
        figure.suptitle(title, fontsize="medium")
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def _draw(
    axes: "Axes", name: str, histories: Sequence[Mapping[str, list[float]]]
) -> None:
    from matplotlib.ticker import MaxNLocator

    for key, style, label in (
        (name, TRAINING, "training"),
        (f"val_{name}", VALIDATION, "validation"),
    ):
        lines = [history[key] for history in histories]
        if len(lines) > 1:
            for line in lines:
                axes.plot(
                    range(1, len(line) + 1), line, **style, alpha=0.35, linewidth=0.8
                )
        shortest = min(map(len, lines))
        mean = [sum(line[i] for line in lines) / len(lines) for i in range(shortest)]
        marker = "o" if shortest == 1 else None
        strong: Any = {**style, "linewidth": 1.8, "marker": marker}
        axes.plot(range(1, shortest + 1), mean, label=label, **strong)
    axes.set_xlabel("epoch")
    axes.set_ylabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
