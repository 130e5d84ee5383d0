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
    rows = rows[np.isfinite(objectives).all(axis=1)]
    accuracy = rows["objective_0"].astype(float)
    score = rows["objective_1"].astype(float)
    plt.rcParams.update({"svg.hashsalt": "xnas", "font.size": 10})
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    points = axes.scatter(accuracy, score, c=rows["m:generation"], cmap="viridis", s=28)
    front = rows["pareto_efficient"].astype(bool)
    axes.scatter(
        accuracy[front], score[front], s=110, facecolors="none", edgecolors="crimson"
    )
    best = rows[front].sort_values("objective_1", ascending=False)
    for _, row in best.iterrows():
        axes.annotate(
            row["m:arch_seq"],
            (float(row["objective_0"]), float(row["objective_1"])),
            xytext=(-9, -11),
            textcoords="offset points",
            ha="right",
            fontsize=8,
        )
    # The few that hardly learned would squeeze all others into a corner.
    axes.set_xlim(left=max(float(accuracy.min()), 0.93))
    axes.set_xlabel("validation accuracy")
    axes.set_ylabel("introspectability")
    bar = figure.colorbar(points, label="generation")
    bar.set_ticks(sorted(rows["m:generation"].unique()))
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
