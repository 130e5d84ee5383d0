"""Introspectability: how far apart a network's activations keep the classes.

Section and equation numbers are those of Carmichael, Moon and Jacobs, *Learning
Interpretable Models Through Multi-Objective Neural Architecture Search*,
arXiv 2112.08645. The score is the mean, over all pairs of classes, of the cosine
distance between the classes' mean activation vectors. Cosine distance does not
change when a vector is scaled, so sums serve as well as means.
"""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

_CHUNK_BYTES = 64 * 2**20

RESCALED = 100.0
"""By which a layer's output is multiplied to see how much its scale counts."""


def introspectability(
    sums: Mapping[int, ArrayLike] | ArrayLike,
    similarity: ArrayLike | None = None,
    *,
    divide_by_mean_similarity: bool = False,
) -> float:
    """Score class activation vectors, in float64.

    Args:
        sums: class label to (features,) vector, or a (classes, features) array whose
            row is the label: sums or means of the activations of the examples of
            each class that is to count.
        similarity: (labels, labels) array, indexed by class label on both axes, that
            multiplies the distance of each pair; 1 for every pair by default.
        divide_by_mean_similarity: whether to divide by the mean similarity of the
            pairs that count (Eq. 3), which the 2021 code leaves out.

    Returns:
        The mean over pairs, 0 to 2 without similarity; −inf for fewer than two
        classes, if no pair has a distance, or to divide by a mean of 0.

    Warns:
        RuntimeWarning: a vector is zero or not finite; its pairs are left out.

    Raises:
        ValueError: vectors of different lengths, or a similarity that does not
            cover the labels.
    """
    if isinstance(sums, Mapping):
        classes: Sequence[int] = list(sums)
        vectors = _as_rows([sums[label] for label in classes])
    else:
        vectors = _as_rows(sums)
        classes = range(len(vectors))
    return introspectability_from_gram(
        gram_of_unit_scale(vectors),
        classes,
        similarity,
        divide_by_mean_similarity=divide_by_mean_similarity,
    )


def introspectability_from_gram(
    gram: ArrayLike,
    classes: ArrayLike | Sequence[int],
    similarity: ArrayLike | None = None,
    *,
    divide_by_mean_similarity: bool = False,
) -> float:
    """Score class activation vectors given by their inner products.

    Args:
        gram: (classes, classes), or (layers, classes, classes) to be summed over
            layers: the vectors of layers put end to end have the sum of the layers'
            Gram matrices.
        classes: (classes,) labels of rows and columns.
        similarity: as for :func:`introspectability`.
        divide_by_mean_similarity: as for :func:`introspectability`.

    Returns:
        As :func:`introspectability`, with its warning.

    Raises:
        ValueError: shapes that do not fit, or a similarity that does not cover the
            labels.
    """
    distances = distances_from_gram(gram)
    labels = np.asarray(classes)
    if labels.shape != (len(distances),):
        raise ValueError(
            f"classes must hold one label a row of gram, {len(distances)}, but has "
            f"shape {labels.shape}"
        )
    weights = weights_of_pairs(labels, similarity)
    pairs = np.triu_indices(len(labels), k=1)
    counted = ~np.isnan(distances[pairs])
    if not counted.all():
        lost = labels[np.isnan(np.diag(distances))].tolist()
        warnings.warn(
            f"{np.count_nonzero(~counted)} of {counted.size} pairs of classes are "
            f"left out of introspectability, the activations of classes {lost} being "
            "all zero or not finite",
            RuntimeWarning,
            stacklevel=2,
        )
    if not counted.any():
        return float("-inf")
    pair_weights = weights[pairs][counted]
    score = np.mean(distances[pairs][counted] * pair_weights)
    divisor = np.mean(pair_weights) if divide_by_mean_similarity else 1.0
    return float(score / divisor) if divisor else float("-inf")


def layer_scores_from_gram(gram: ArrayLike) -> NDArray[np.float64]:
    """Score each layer on its own.

    Args:
        gram: (layers, classes, classes) inner products of the class vectors of each
            layer.

    Returns:
        (layers,) float64, the mean cosine distance of all pairs of classes within the
        layer. Pairs with a vector that is zero or not finite are left out; NaN for a
        layer without pairs.

    Raises:
        ValueError: ``gram`` has another shape.
    """
    layers = np.asarray(gram, dtype=np.float64)
    if layers.ndim != 3 or layers.shape[1] != layers.shape[2]:
        raise ValueError(
            f"gram must have shape (layers, classes, classes), but has {layers.shape}"
        )
    pairs = np.triu_indices(layers.shape[1], k=1)
    distances = [distances_from_gram(layer)[pairs] for layer in layers]
    return np.array(
        [np.nan if np.isnan(one).all() else np.nanmean(one) for one in distances]
    )


def layer_mean_from_gram(gram: ArrayLike) -> float:
    """Score a network so that no layer's scale counts.

    Args:
        gram: as for :func:`layer_scores_from_gram`.

    Returns:
        The mean over the layers that have a score; −inf if none has one.

    Raises:
        ValueError: ``gram`` has another shape.
    """
    scores = layer_scores_from_gram(gram)
    return float("-inf") if np.isnan(scores).all() else float(np.nanmean(scores))


def rescaled_scores_from_gram(
    gram: ArrayLike,
    classes: ArrayLike | Sequence[int],
    similarity: ArrayLike | None = None,
    *,
    divide_by_mean_similarity: bool = False,
) -> NDArray[np.float64]:
    """Score a network as if one layer gave :data:`RESCALED` times as much.

    A layer may do so without any prediction changing where a batch normalisation
    follows.

    Args:
        gram: as for :func:`layer_scores_from_gram`.
        classes: as for :func:`introspectability_from_gram`, as all that follow.
        similarity: of classes.
        divide_by_mean_similarity: whether to divide by the mean of those.

    Returns:
        (layers,) float64, the score with each layer larger in its turn.

    Raises:
        ValueError: as :func:`introspectability_from_gram`.
    """
    layers = np.asarray(gram, dtype=np.float64)
    total = layers.sum(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of dead classes
        scores = [
            introspectability_from_gram(
                total + (RESCALED**2 - 1) * one,
                classes,
                similarity,
                divide_by_mean_similarity=divide_by_mean_similarity,
            )
            for one in layers
        ]
    return np.array(scores)


def distances_from_gram(gram: ArrayLike) -> NDArray[np.float64]:
    """Compute cosine distances from inner products.

    Args:
        gram: (classes, classes), or (layers, classes, classes) to be summed.

    Returns:
        (classes, classes) float64, symmetric, 0 to 2; NaN where a vector is zero or
        not finite.

    Raises:
        ValueError: ``gram`` has another shape.
    """
    total = np.asarray(gram, dtype=np.float64)
    if total.ndim not in (2, 3) or total.shape[-1] != total.shape[-2]:
        raise ValueError(
            "gram must have shape (classes, classes) or (layers, classes, classes), "
            f"but has {total.shape}"
        )
    if total.ndim == 3:
        total = total.sum(axis=0)
    squares = np.diag(total)
    lengths = np.sqrt(np.where(np.isfinite(squares) & (squares > 0), squares, np.nan))
    with np.errstate(invalid="ignore"):
        cosines = total / np.outer(lengths, lengths)
    return np.clip(1.0 - cosines, 0.0, 2.0)


def gram_of_unit_scale(vectors: NDArray) -> NDArray[np.float64]:
    """Compute inner products of vectors, each divided by its largest magnitude.

    The division keeps squares of tiny and huge vectors within float64. Works through
    the features in pieces, so that many gigabytes of vectors need no copy.

    Args:
        vectors: (classes, features) numbers of any float type.

    Returns:
        (classes, classes) float64; NaN where a vector is not finite, 0 where zero.
    """
    n_classes, n_features = vectors.shape
    gram = np.zeros((n_classes, n_classes))
    if not vectors.size:
        return gram
    peaks = np.maximum(vectors.max(axis=1), -vectors.min(axis=1)).astype(np.float64)
    scales = np.where(peaks > 0, peaks, 1.0)[:, None]
    scales[~np.isfinite(peaks)] = np.nan
    step = max(1, _CHUNK_BYTES // (8 * n_classes))
    for start in range(0, n_features, step):
        piece = vectors[:, start : start + step] / scales
        gram += piece @ piece.T
    return gram


def checked_similarity(table: ArrayLike) -> NDArray[np.float64]:
    """Check a table that weighs pairs of classes.

    Args:
        table: (classes, classes) numbers, indexed by label on both axes.

    Returns:
        The same as float64, a copy.

    Raises:
        ValueError: not square, not symmetric, or a number that is negative or not
            finite.
    """
    try:
        found = np.array(table, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "similarity is no array of numbers, expected (classes, classes)"
        ) from error
    if found.ndim != 2 or found.shape[0] != found.shape[1]:
        raise ValueError(
            f"similarity has shape {found.shape}, expected (classes, classes)"
        )
    if not np.isfinite(found).all() or (found < 0).any():
        raise ValueError(
            "similarity holds negative or infinite numbers or NaN, expected 0 or more"
        )
    if not np.allclose(found, found.T, rtol=1e-9, atol=0):
        raise ValueError(
            "similarity is not symmetric, expected one number for each pair of classes"
        )
    return found


def _as_rows(vectors: ArrayLike | Sequence[ArrayLike]) -> NDArray:
    rows = [np.asarray(vector) for vector in vectors]  # type: ignore[union-attr]
    lengths = sorted({row.shape for row in rows})
    if len(lengths) > 1 or any(len(shape) != 1 for shape in lengths):
        raise ValueError(
            "expected one activation vector a class, all of one length, but got the "
            f"shapes {lengths}"
        )
    if isinstance(vectors, np.ndarray):
        return vectors
    return np.stack(rows) if rows else np.empty((0, 0))


def weights_of_pairs(
    labels: NDArray[np.int64], similarity: ArrayLike | None
) -> NDArray[np.float64]:
    """Return how pairs of some classes weigh.

    Args:
        labels: (classes,) their labels.
        similarity: as for :func:`introspectability`.

    Returns:
        (classes, classes) float64.

    Raises:
        ValueError: a similarity that does not cover the labels.
    """
    if similarity is None or not labels.size:
        return np.ones((labels.size, labels.size))
    table = np.asarray(similarity, dtype=np.float64)
    needed = int(labels.max()) + 1
    square = table.ndim == 2 and table.shape[0] == table.shape[1]
    if not square or len(table) < needed or labels.min() < 0:
        raise ValueError(
            f"similarity must be a square array with a row for each of the {needed} "
            f"class labels from 0 on, but has shape {table.shape}"
        )
    weights = table[np.ix_(labels, labels)]
    if not np.isfinite(weights).all():
        raise ValueError(
            "similarity must be finite for the labels that count, but holds NaN or inf"
        )
    return weights
