"""A run's front, drawn with matplotlib."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

from xnas.objectives import Objective

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_front(
    evaluations: "pd.DataFrame",
    front: "pd.DataFrame",
    shown: Sequence[Objective],
    axes: "Axes | None" = None,
) -> "Axes":
    """Draw all networks and the front.

    Args:
        evaluations: of a run, one row a network.
        front: of it, the best in the first objective first.
        shown: objectives, of which the first goes across and the second up; a single
            one is drawn against the evaluations' numbers.
        axes: new ones if ``None``.

    Returns:
        The axes.
    """
    if axes is None:
        axes = plt.figure(layout="constrained").add_subplot()
    names = [axis.name for axis in shown]
    across, up = names[:2] if len(names) > 1 else ("id", names[0])
    has_generations = evaluations["generation"].notna().any()
    points = axes.scatter(
        evaluations[across].astype(float),
        evaluations[up].astype(float),
        c=evaluations["generation"].astype(float) if has_generations else "0.6",
        cmap="viridis",
        s=18,
        label="networks",
    )
    if has_generations:
        axes.figure.colorbar(points, ax=axes, label="generation")
    # Only two objectives have a front that is a line of steps.
    axes.plot(
        front[across].astype(float),
        front[up].astype(float),
        "o-" if len(names) == 2 else "o",
        drawstyle="steps-post",
        color="#d55e00",
        markerfacecolor="none",
        label="front",
    )
    axes.set_xlabel("evaluation" if across == "id" else across)
    axes.set_ylabel(up)
    axes.legend()
    return axes
