"""A run's front, drawn with matplotlib."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from xnas.results.run import Run


def plot_front(run: "Run", axes: "Axes | None" = None) -> "Axes":
    """Draw all evaluations and the front.

    Args:
        run: of one objective (drawn against the evaluations' numbers) or two.
        axes: new ones if ``None``.

    Returns:
        The axes.
    """
    if axes is None:
        axes = plt.figure(layout="constrained").add_subplot()
    evaluations = run.evaluations
    if len(run.axes) > 1:
        down, across = run.axes[:2]
    else:
        down, across = "id", run.axes[0]
    has_generations = evaluations["generation"].notna().any()
    points = axes.scatter(
        evaluations[down].astype(float),
        evaluations[across].astype(float),
        c=evaluations["generation"].astype(float) if has_generations else "0.6",
        cmap="viridis",
        s=18,
        label="evaluations",
    )
    if has_generations:
        axes.figure.colorbar(points, ax=axes, label="generation")
    front = run.front
    axes.plot(
        front[down].astype(float),
        front[across].astype(float),
        "o-" if len(run.objectives) > 1 else "o",
        drawstyle="steps-post",
        color="#d55e00",
        markerfacecolor="none",
        label="front",
    )
    axes.set_xlabel("evaluation" if down == "id" else down)
    axes.set_ylabel(across)
    axes.legend()
    return axes
