"""How few activations make up what the layers answer an example with.

The sparseness of Hoyer, *Non-negative Matrix Factorization with Sparseness
Constraints*, JMLR 5, 2004, Sec. 3.1, of each example's activations in each layer. A
share of zeros would know no sparseness but that after a ReLU; this one needs no
threshold, and no scale of a layer moves it.
"""

from collections import defaultdict
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np

from xnas.declarations.explainers import Explainer

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork


def sparsity(network: "TrainedNetwork") -> float:
    """Return the mean over layers of the mean over examples.

    Args:
        network: the network.

    Returns:
        (√n − ‖a‖₁ / ‖a‖₂) / (√n − 1) for n activations a: 0 where all have one size, 1
        where a single one is not zero. Examples that a layer answers with nothing are
        left out there; −inf if nothing is left.
    """
    found: dict[str, list] = defaultdict(list)
    for _, _, outputs in network.activations():
        for name, output in outputs.items():
            values = abs(output.reshape(len(output), -1).astype(np.float64))
            peaks = values.max(axis=1)
            values = values[peaks > 0] / peaks[peaks > 0, None]
            n = values.shape[1]
            if n > 1:
                ratio = values.sum(axis=1) / np.sqrt((values**2).sum(axis=1))
                found[name] += [(sqrt(n) - ratio) / (sqrt(n) - 1)]
    layers = [np.concatenate(one) for one in found.values()]
    means = [one.mean() for one in layers if one.size]
    return float(np.mean(means)) if means else -inf


EXPLAINER = Explainer("sparsity", sparsity, reference=0.0, bounds=(0.0, 1.0), cost=2.0)
