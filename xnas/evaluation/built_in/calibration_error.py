"""How far the confidence of predictions is from how often they are right.

The expected calibration error of Guo, Pleiss, Sun and Weinberger, *On Calibration of
Modern Neural Networks*, ICML 2017, arXiv 1706.04599, Eq. 3, with their 15 bins.
"""

from typing import TYPE_CHECKING

import numpy as np

from xnas.declarations.explainers import Explainer
from xnas.evaluation.probabilities import with_labels

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork

BINS = 15
"""Of equal width, their upper ends included."""


def calibration_error(network: "TrainedNetwork") -> float:
    """Return the expected calibration error on the validation data.

    Args:
        network: the network.

    Returns:
        Σ over bins of ``|hits − sum of confidences| / examples``, 0 to 1.

    Raises:
        ValueError: predictions are no probabilities.
    """
    gaps, n_examples = np.zeros(BINS), 0
    for found, labels in with_labels(network):
        confidence = found.max(axis=1)
        hits = found.argmax(axis=1) == labels
        bins = np.clip(np.ceil(confidence * BINS) - 1, 0, BINS - 1).astype(int)
        np.add.at(gaps, bins, hits - confidence)
        n_examples += len(labels)
    return float(abs(gaps).sum() / n_examples)


EXPLAINER = Explainer(
    "calibration-error",
    calibration_error,
    maximize=False,
    reference=1.0,
    bounds=(0.0, 1.0),
    cost=1.0,
    needs_classes=True,
)
