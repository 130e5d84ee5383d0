"""The picture at the top of the README, drawn from a run folder.

Run as ``python -m benchmarks.front_picture RUN_DIR PICTURE``.
"""

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd

from xnas.results import RunFolder

mpl.use("svg")
from matplotlib import pyplot as plt

LOWEST = 0.93
"""Task objective below which a network is not shown."""


def draw(run: Path, picture: Path) -> None:
    """Draw both objectives of all evaluations, by generation, with the front.

    Args:
        run: the run folder.
        picture: the file to write; its ending says the format.
    """
    rows = pd.read_csv(RunFolder(run).results)
    objectives = rows[["objective_0", "objective_1"]].apply(
        pd.to_numeric, errors="coerce"
    )
    # The few that hardly learned would squeeze all others into a corner.
    shown = np.isfinite(objectives).all(axis=1) & (objectives["objective_0"] >= LOWEST)
    rows = rows[shown]
    accuracy = rows["objective_0"].astype(float)
    score = rows["objective_1"].astype(float)
    plt.rcParams.update({"svg.hashsalt": "xnas", "font.size": 10})
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    points = axes.scatter(accuracy, score, c=rows["m:generation"], cmap="viridis", s=28)
    front = rows["pareto_efficient"].astype(bool)
    axes.scatter(
        accuracy[front], score[front], s=110, facecolors="none", edgecolors="crimson"
    )
    axes.set_xlabel("validation accuracy")
    axes.set_ylabel("introspectability")
    bar = figure.colorbar(points, label="generation")
    bar.set_ticks(sorted(rows["m:generation"].unique()))
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
