"""What was compared, as a table in Markdown."""

from collections.abc import Sequence

import pandas as pd

from benchmarks.known_space import in_words
from benchmarks.peers.comparison import CHECKPOINTS


def in_order(rows: pd.DataFrame, column: str) -> list[str]:
    """Name the searches, from the best after all evaluations to the worst."""
    last = rows[rows["evaluations"] == rows["evaluations"].max()]
    means = last.groupby("search")[column].mean()
    return [str(name) for name in means.sort_values(ascending=False).index]


def markdown(rows: pd.DataFrame, column: str) -> str:
    """Write one line a search: means over seeds with 95 % intervals.

    Args:
        rows: of all searches, see :func:`benchmarks.peers.comparison.measure`.
        column: the share to show.
    """
    found = sorted(rows["evaluations"].unique())
    counts = [n for n in found if n in CHECKPOINTS or n == found[-1]]
    heads = ["search", *(f"{n:,} evaluations" for n in counts), "different networks"]
    lines = [_line(heads), _line(["---"] * len(heads))]
    for name in in_order(rows, column):
        of_search = rows[rows["search"] == name].groupby("evaluations")
        shares = [in_words(of_search.get_group(n)[column].to_numpy()) for n in counts]
        networks = of_search.get_group(counts[-1])["networks"].mean()
        lines.append(_line([name, *map(str.strip, shares), f"{networks:,.0f}"]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
