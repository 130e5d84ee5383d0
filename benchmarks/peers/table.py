"""What was compared, as a table in Markdown."""

from collections.abc import Sequence

import pandas as pd

from benchmarks.known_space import in_words
from benchmarks.peers.comparison import CHECKPOINTS


def in_order(rows: pd.DataFrame, column: str) -> list[str]:
    """Name the searches, from the best to the worst; those cut short come last."""
    last = rows.loc[rows.groupby(["search", "seed"])["evaluations"].idxmax()]
    means = last.groupby("search")[["evaluations", column]].mean()
    return [
        str(name)
        for name in means.sort_values(["evaluations", column], ascending=False).index
    ]


def markdown(rows: pd.DataFrame, column: str) -> str:
    """Write one line a search: means over seeds with 95 % intervals.

    Args:
        rows: of all searches, see :func:`benchmarks.peers.comparison.measure`; some
            may have made fewer evaluations than others.
        column: the share to show.
    """
    found = sorted(rows["evaluations"].unique())
    counts = [n for n in found if n in CHECKPOINTS or n == found[-1]]
    heads = ["search", *(f"{n:,} evaluations" for n in counts), "different networks"]
    lines = [_line(heads), _line(["---"] * len(heads))]
    for name in in_order(rows, column):
        of_count = dict(list(rows[rows["search"] == name].groupby("evaluations")))
        shares = [
            in_words(of_count[n][column].to_numpy()).strip() if n in of_count else "-"
            for n in counts
        ]
        made = max(of_count)
        networks = f"{of_count[made]['networks'].mean():,.0f} of {made:,}"
        lines.append(_line([name, *shares, networks]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
