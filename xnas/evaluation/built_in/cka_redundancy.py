"""How much layers say the same.

Linear CKA of Kornblith, Norouzi, Lee and Hinton, *Similarity of Neural Network
Representations Revisited*, ICML 2019, arXiv 1905.00414, by the unbiased estimate of
Nguyen, Raghu and Kornblith, ICLR 2021, arXiv 2010.15327, Eqs. 3 and 4, which adds up
over batches of any size.
"""

from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.explainers import Explainer

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork

LEAST = 4
"""Examples that an unbiased estimate takes."""

ROUNDING = 1e-6
"""Relative to them, differences of activations that say nothing."""


def cka_redundancy(network: "TrainedNetwork") -> float:
    """Return the mean linear CKA of all pairs of layers.

    Args:
        network: the network.

    Returns:
        About 0 (nothing in common) to 1 (equal up to rotation and scale). Layers that
        answer all examples alike are left out; inf if fewer than two are left.
    """
    total: NDArray | float = 0.0
    for _, _, outputs in network.activations():
        if len(next(iter(outputs.values()), ())) >= LEAST:
            total = total + _dependences(outputs)
    return _mean_cka(np.atleast_2d(total))


def _dependences(outputs: dict[str, NDArray]) -> NDArray[np.float64]:
    """Estimate the HSIC of all pairs of layers, (layers, layers), on one batch."""
    grams = np.stack([_gram_without_diagonal(one) for one in outputs.values()])
    n = grams.shape[1]
    flat, rows = grams.reshape(len(grams), -1), grams.sum(axis=1)
    sums = rows.sum(axis=1)
    products = flat @ flat.T + np.outer(sums, sums) / ((n - 1) * (n - 2))
    return (products - 2 / (n - 2) * rows @ rows.T) / (n * (n - 3))


def _gram_without_diagonal(output: NDArray) -> NDArray[np.float64]:
    flat = output.reshape(len(output), -1).astype(np.float64)
    # Which changes nothing but how floats round.
    centred = flat - flat.mean(axis=0)
    if (centred**2).sum() <= ROUNDING**2 * (flat**2).sum():
        return np.zeros((len(flat), len(flat)))
    gram = centred @ centred.T
    np.fill_diagonal(gram, 0.0)
    return gram


def _mean_cka(dependences: NDArray[np.float64]) -> float:
    own = np.diag(dependences)
    counts = np.isfinite(own) & (own > 0)
    if np.count_nonzero(counts) < 2:
        return inf
    found = dependences[np.ix_(counts, counts)]
    lengths = np.sqrt(np.diag(found))
    pairs = np.triu_indices(len(found), k=1)
    return float(np.mean((found / np.outer(lengths, lengths))[pairs]))


EXPLAINER = Explainer(
    "cka-redundancy",
    cka_redundancy,
    maximize=False,
    reference=1.0,
    bounds=(0.0, 1.0),
    cost=8.0,
)
