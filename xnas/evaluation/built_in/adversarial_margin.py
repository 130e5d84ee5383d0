"""How far inputs are from where the network would decide otherwise.

The linearised margin of Elsayed, Krishnan, Mobahi, Regan and Bengio, *Large Margin Deep
Networks for Classification*, NeurIPS 2018, arXiv 1803.05598: the difference of the two
largest log-probabilities over the norm of its gradient. With the gradient's L1 norm it
is a distance in L∞, that of the largest change of any number of the preprocessed input;
for a linear network it is exact.
"""

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.explainers import Explainer
from xnas.evaluation.probabilities import probabilities

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork

AT_ONCE = 128
"""Examples whose gradients are worked out at a time."""


def adversarial_margin(network: "TrainedNetwork") -> float:
    """Return the median over the validation data.

    Args:
        network: the network.

    Returns:
        (log p₁ − log p₂) / ‖∇ₓ (log p₁ − log p₂)‖₁. An example whose second probability
        or gradient floats cannot hold is taken for farther than all others; −inf where
        most are, as in a network that does not look at its input.

    Raises:
        ValueError: predictions are no probabilities.
    """
    margins = [_margins(network, x) for x, _ in network.batches("valid", AT_ONCE)]
    median = float(np.median(np.concatenate(margins)))
    return -inf if median == inf else median


def _margins(network: "TrainedNetwork", x: Any) -> NDArray[np.float64]:
    import tensorflow as tf

    kept = []

    def lead(predictions: tf.Tensor) -> tf.Tensor:
        probabilities(predictions.numpy())
        if predictions.shape[1] == 1:
            predictions = tf.concat([predictions, 1 - predictions], axis=1)
        largest = tf.math.log(tf.math.top_k(predictions, 2).values)
        kept.append(largest[:, 0] - largest[:, 1])
        return kept[-1]

    gradients = tf.nest.flatten(network.gradient(x, lead))
    norms = sum(
        abs(one.astype(np.float64)).reshape(len(one), -1).sum(axis=1)
        for one in gradients
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        found = kept[0].numpy().astype(np.float64) / norms
    return np.where(np.isfinite(found), found, inf)


EXPLAINER = Explainer(
    "adversarial-margin",
    adversarial_margin,
    reference=0.0,
    bounds=(0.0, inf),
    cost=2.0,
    needs_classes=True,
)
