"""What the stored Gram matrices tell of many networks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas.results import Gram, Run
from xnas.scores import distances_from_gram, layer_mean_from_gram

MOST_READ = 300
"""Networks whose matrices are read; each takes milliseconds."""

MOST_NUMBERS = 100_000
"""Distances on the page; each takes some four bytes."""

STEPS = 1000
"""Distances are told in steps of 1 / 1000."""


@dataclass(frozen=True)
class Stored:
    """Of the most important networks of a run, by id.

    Args:
        examples: how many validate; ``None`` if no matrix tells.
        classes: names, in the order of labels.
        distances: of each pair of classes, (0, 1), (0, 2) … (1, 2) …, in thousandths;
            ``None`` for pairs without one.
        layer_means: mean over layers of their own scores; without networks whose
            matrices are not kept layer by layer.
    """

    examples: int | None = None
    classes: tuple[str, ...] = ()
    distances: dict[int, list[int | None]] = field(default_factory=dict)
    layer_means: dict[int, float] = field(default_factory=dict)


def by_importance(table: pd.DataFrame, picked: list[int]) -> pd.DataFrame:
    """Order networks: picks, the front, then the latest.

    Args:
        table: of :class:`RunReport`.
        picked: ids of the picks.
    """
    rank = np.where(table["id"].isin(picked), 0, np.where(table["trade_off"], 1, 2))
    return table.iloc[np.lexsort((-table["id"].to_numpy(), rank))]


def read_stored(run: Run, table: pd.DataFrame, picked: list[int]) -> Stored:
    """Read the matrices of the most important networks.

    Args:
        run: any.
        table: of :class:`RunReport`.
        picked: ids of the picks.
    """
    succeeded = table[table["reason"].isna()]
    ids = by_importance(succeeded, picked)["id"].tolist()[:MOST_READ]
    grams = dict(_grams(run, ids))
    if not grams:
        return Stored()
    labels = 1 + max(int(gram.classes.max(initial=0)) for gram in grams.values())
    labels = max(labels, len(run.infos.get("class_names") or ()))
    n_pairs = labels * (labels - 1) // 2
    compared = list(grams.items())[: MOST_NUMBERS // max(n_pairs, 1)]
    return Stored(
        examples=_examples(run, next(iter(grams.values()))),
        classes=tuple(run.class_names(np.arange(labels))),
        distances={id_: _distances(gram, labels) for id_, gram in compared},
        layer_means={
            id_: layer_mean_from_gram(gram.gram)
            for id_, gram in grams.items()
            if gram.is_by_layer
        },
    )


def _grams(run: Run, ids: list[int]) -> Iterator[tuple[int, Gram]]:
    for id_ in ids:
        try:
            yield id_, run.gram(id_)
        except UsageError:
            continue


def _examples(run: Run, gram: Gram) -> int | None:
    """Count what a network predicted, which all do alike, unless that was a sample."""
    count = int(gram.counts.sum())
    most = (run.infos.get("run_settings") or {}).get("max_scored_examples")
    return None if most is not None and count >= most else count


def _distances(gram: Gram, labels: int) -> list[int | None]:
    whole: NDArray[Any] = np.full((labels, labels), np.nan)
    whole[np.ix_(gram.classes, gram.classes)] = distances_from_gram(gram.gram)
    pairs = whole[np.triu_indices(labels, k=1)]
    return [None if one != one else round(STEPS * one) for one in pairs.tolist()]
