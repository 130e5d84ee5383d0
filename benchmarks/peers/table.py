"""What was compared, as a table in Markdown."""

from collections.abc import Sequence

import numpy as np
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
        rows: of all searches of a task, see
            :func:`benchmarks.peers.comparison.measure`; some may have made fewer
            evaluations than others.
        column: the share to show.
    """
    counts = _counts(rows)
    heads = ["search", *(f"{n:,} evaluations" for n in counts), "different networks"]
    lines = [_line(heads), _line(["---"] * len(heads))]
    for name in in_order(rows, column):
        of_search = rows[rows["search"] == name]
        shares = [
            _share(of_search.loc[of_search["evaluations"] == n, column]) for n in counts
        ]
        made = int(of_search["evaluations"].max())
        seen = of_search.loc[of_search["evaluations"] == made, "networks"].mean()
        networks = f"{seen:,.0f} of {made:,}"
        lines.append(_line([name, *shares, networks]))
    return "\n".join(lines)


def _counts(rows: pd.DataFrame) -> list[int]:
    """Return the checkpoints that no search went past without being looked at."""
    found = sorted(rows["evaluations"].unique())
    by_search = [set(one["evaluations"]) for _, one in rows.groupby("search")]
    return [
        n
        for n in found
        if n == found[-1]
        or (n in CHECKPOINTS and all(n in one or n > max(one) for one in by_search))
    ]


def _share(values: "pd.Series[float]") -> str:
    return in_words(np.asarray(values, np.float64)).strip() if len(values) else "-"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
