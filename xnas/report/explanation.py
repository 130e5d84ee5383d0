"""Where a network's introspectability comes from: pairs of classes, and layers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas.results import Gram, Run
from xnas.scores import (
    distances_from_gram,
    layer_scores_from_gram,
    rescaled_scores_from_gram,
    weights_of_pairs,
)


@dataclass(frozen=True)
class Layer:
    """One layer's part; fields are the columns of its table, in order.

    Args:
        name: of the layer.
        features: an example of its output.
        score_share: part of the score that comes from it; ``None`` where Gram
            matrices are not kept layer by layer.
        length_share: part of the squared length of all class vectors.
        rescaled: what the score would be if the layer gave 100 times as much; ``None``
            where Gram matrices are not kept layer by layer, or no scale counts.
    """

    name: str
    features: int
    score_share: float | None
    length_share: float
    rescaled: float | None


@dataclass(frozen=True)
class Pair:
    """Two classes and the distance between them."""

    first: str
    second: str
    distance: float


@dataclass(frozen=True)
class Explanation:
    """A network's introspectability, taken apart.

    Args:
        id: of the evaluation.
        recorded: the score of its row.
        recomputed: the score that follows from its Gram matrices; ``None`` if it has
            none.
        missing: why there is nothing else, if so.
        classes: their names; classes that the network never predicted are not among
            them.
        never_predicted: their names.
        counts: examples behind each class.
        distances: (classes, classes) cosine distances, NaN for a class without
            activity.
        is_weighted: whether the score weighs pairs by their similarity.
        is_by_layer: whether the score is the mean over layers of their own scores.
        alike: the pairs that the layers tell apart least.
        apart: those that they tell apart best.
        layers: in the network's order.
        layer_mean: mean over layers of each layer's own score; ``None`` where Gram
            matrices are not kept layer by layer.
    """

    id: int
    recorded: float
    recomputed: float | None = None
    missing: str | None = None
    classes: tuple[str, ...] = ()
    never_predicted: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    distances: tuple[tuple[float, ...], ...] = ()
    is_weighted: bool = False
    is_by_layer: bool = False
    alike: tuple[Pair, ...] = ()
    apart: tuple[Pair, ...] = ()
    layers: tuple[Layer, ...] = ()
    layer_mean: float | None = None

    @property
    def most_moving(self) -> Layer | None:
        """The layer whose scale moves the score most."""
        return max(self.layers, key=self.moved, default=None)

    def moved(self, layer: Layer) -> float:
        """Tell how far the score moves if a layer gives 100 times as much.

        Args:
            layer: of the network.

        Returns:
            The distance; 0 where it is not known.
        """
        if layer.rescaled is None or self.recomputed is None:
            return 0.0
        moved = abs(layer.rescaled - self.recomputed)
        return moved if np.isfinite(moved) else 0.0


def explain(run: Run, id_: int, recorded: float, n_pairs: int = 5) -> Explanation:
    """Take the introspectability of one network apart.

    Args:
        run: of the network.
        id_: of the evaluation.
        recorded: the score in its row.
        n_pairs: how many pairs to name at either end.
    """
    try:
        gram = run.gram(id_)
        score = run.score(id_)
    except (UsageError, ValueError) as error:
        return Explanation(id_, recorded, missing=str(error))
    names = run.class_names(gram.classes)
    every = run.infos.get("class_names") or []
    distances = distances_from_gram(gram.gram)
    pairs = _pairs(names, distances)
    n_pairs = min(n_pairs, (len(pairs) + 1) // 2)
    return Explanation(
        id=id_,
        recorded=recorded,
        recomputed=score,
        classes=tuple(names),
        never_predicted=tuple(
            str(name) for i, name in enumerate(every) if i not in set(gram.classes)
        ),
        counts=tuple(gram.counts.tolist()),
        distances=tuple(map(tuple, distances.tolist())),
        is_weighted=run.infos.get("similarity") is not None,
        is_by_layer=run.scores_by_layer,
        alike=tuple(pairs[:n_pairs]),
        apart=tuple(reversed(pairs[len(pairs) - n_pairs :])),
        layers=tuple(_layers(run, gram)),
        layer_mean=run.layer_mean_score(id_) if gram.is_by_layer else None,
    )


def _pairs(names: Sequence[str], distances: NDArray[np.float64]) -> list[Pair]:
    """List the pairs of classes that have a distance, the nearest first."""
    first, second = np.triu_indices(len(names), k=1)
    of_pair = distances[first, second]
    known = np.flatnonzero(~np.isnan(of_pair))
    order = known[np.argsort(of_pair[known], kind="stable")]
    return [Pair(names[first[i]], names[second[i]], float(of_pair[i])) for i in order]


def _layers(run: Run, gram: Gram) -> Iterator[Layer]:
    weights = weights_of_pairs(gram.classes, run.infos.get("similarity"))
    shares = _score_shares(gram, weights, by_layer=run.scores_by_layer)
    of_score = [None] * len(gram.layer_names) if shares is None else shares.tolist()
    of_length, rescaled = gram.layer_share.tolist(), _rescaled(run, gram)
    names, sizes = gram.layer_names, gram.layer_sizes
    return map(Layer, names, sizes, of_score, of_length, rescaled)


def _rescaled(run: Run, gram: Gram) -> list[float | None]:
    if not gram.is_by_layer or run.scores_by_layer:
        return [None] * len(gram.layer_names)
    settings = run.infos.get("run_settings") or {}
    found: list[float | None] = rescaled_scores_from_gram(
        gram.gram,
        gram.classes,
        run.infos.get("similarity"),
        divide_by_mean_similarity=settings.get("divide_by_mean_similarity", False),
    ).tolist()
    return found


def _score_shares(
    gram: Gram, weights: NDArray[np.float64], *, by_layer: bool
) -> NDArray[np.float64] | None:
    """Divide the score among layers.

    With whole class vectors scaled to length 1, the cosine distance of two is half
    the squared distance between them, which is a sum over features, and so over
    layers.

    Args:
        gram: of the network.
        weights: (classes, classes) float64, of the pairs.
        by_layer: whether the score is the mean of the layers' own.

    Returns:
        (layers,) float64 that sum to 1, ``None`` if only the sum over layers is kept
        or there is no score.
    """
    if not gram.is_by_layer:
        return None
    if by_layer:
        scores = np.nan_to_num(layer_scores_from_gram(gram.gram))
        return scores / scores.sum() if scores.sum() > 0 else None
    squares = np.einsum("lkk->k", gram.gram)
    active = np.isfinite(squares) & (squares > 0)
    scaled = gram.gram[:, active][:, :, active] / np.sqrt(
        np.outer(squares[active], squares[active])
    )
    own = np.einsum("lkk->lk", scaled)
    halves = 0.5 * (own[:, :, None] + own[:, None, :]) - scaled
    pairs = np.triu_indices(int(active.sum()), k=1)
    weighted = halves * weights[np.ix_(active, active)]
    parts = weighted[:, pairs[0], pairs[1]].sum(axis=1)
    total = parts.sum()
    return parts / total if total > 0 else None
