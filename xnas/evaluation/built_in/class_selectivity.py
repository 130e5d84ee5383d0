"""How much units prefer one class.

The index of Morcos, Barrett, Rabinowitz and Botvinick, *On the Importance of Single
Directions for Generalization*, ICLR 2018, arXiv 1803.06959, Sec. 2.3; a unit is a
feature map, averaged over its positions, as there and in Leavitt and Morcos,
arXiv 2003.01262.
"""

from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.explainers import Explainer
from xnas.sampling import classes_of

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork


def class_selectivity(network: "TrainedNetwork") -> float:
    """Return the mean over layers of the mean over units.

    Args:
        network: the network.

    Returns:
        (μ − μ₋) / (μ + μ₋), where μ is a unit's mean activation for the class of label
        that it answers most, and μ₋ the mean of those for the others: 0 to 1, 0 for a
        silent unit. Only layers count that give nothing below 0, such as those of a
        ReLU; −inf if there are none, or fewer than two classes.
    """
    sums: dict[str, NDArray] = {}
    counts: NDArray = np.zeros(0)
    skipped = set()
    for _, y, outputs in network.activations():
        labels = classes_of(y)
        counts = _grown(counts, labels.max() + 1)
        members = np.eye(len(counts))[labels]
        counts += members.sum(axis=0)
        for name, output in outputs.items():
            if output.min() < 0:
                skipped.add(name)
            positions = tuple(range(1, output.ndim - 1))
            units = output.astype(np.float64).mean(axis=positions)
            total = _grown(sums.get(name, np.zeros((0, units.shape[1]))), len(counts))
            sums[name] = total + members.T @ units
    present = counts > 0
    if np.count_nonzero(present) < 2:
        return -inf
    selective = [
        _selectivity(total[present] / counts[present, None])
        for name, total in sums.items()
        if name not in skipped
    ]
    return float(np.mean(selective)) if selective else -inf


def _grown(array: NDArray, length: int) -> NDArray:
    """Put rows of zeros behind an array."""
    missing = max(0, length - len(array))
    return np.concatenate([array, np.zeros((missing, *array.shape[1:]))])


def _selectivity(means: NDArray[np.float64]) -> np.float64:
    """Return the mean index of units, given their class means, (classes, units)."""
    most = means.max(axis=0)
    others = (means.sum(axis=0) - most) / (len(means) - 1)
    total = most + others
    safe = np.where(total > 0, total, 1.0)
    return np.mean((most - others) / safe)


EXPLAINER = Explainer(
    "class-selectivity",
    class_selectivity,
    reference=0.0,
    bounds=(0.0, 1.0),
    cost=2.0,
    needs_classes=True,
)
