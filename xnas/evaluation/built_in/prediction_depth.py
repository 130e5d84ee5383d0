"""How deep in the network its predictions are made.

Baldock, Maennel and Neyshabur, *Deep Learning Through the Lens of Example Difficulty*,
NeurIPS 2021, arXiv 2106.09647, Sec. 2: the depth from which on a simple classifier on
the activations of a layer says what the network says. Here it takes the nearest mean of
a class's training examples (Papyan, Han and Donoho, PNAS 2020, arXiv 2008.08186), which
streams, in the place of nearest neighbours.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.explainers import Explainer

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork


def prediction_depth(network: "TrainedNetwork") -> float:
    """Return the mean over validation examples.

    Args:
        network: the network.

    Returns:
        The share of layers up to the last one whose nearest class mean is of another
        class than is predicted: 0 where all agree from the first layer on, 1 where the
        last layer disagrees.
    """
    from xnas.xai.layers import names_in_order  # loads Keras

    known = network.class_activations("train", "label")
    by_name = dict(zip(known.layer_names, known.sums, strict=True))
    layers = names_in_order(network.keras_model(), by_name)
    means = {name: by_name[name] / known.counts[:, None] for name in layers}
    depths = [
        _depths(
            [known.classes[_nearest(outputs[name], means[name])] for name in layers],
            _predicted(network.predict(x)),
        )
        for x, _, outputs in network.activations()
    ]
    return float(np.mean(np.concatenate(depths)))


def _nearest(output: NDArray, means: NDArray[np.float64]) -> NDArray[np.int64]:
    """Find the nearest of (classes, features) means of each example, (batch,)."""
    flat = output.reshape(len(output), -1).astype(np.float64)
    # ‖a − m‖² without ‖a‖², which is the same for all.
    distances = (means**2).sum(axis=1) - 2 * flat @ means.T
    return distances.argmin(axis=1)


def _predicted(predictions: NDArray) -> NDArray[np.int64]:
    if predictions.shape[1] == 1:
        return (predictions[:, 0] > 0.5).astype(np.int64)
    return predictions.argmax(axis=1)


def _depths(
    answers: list[NDArray[np.int64]], predicted: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of layers up to the last that says something else."""
    differs = np.stack(answers) != predicted
    last = len(differs) - differs[::-1].argmax(axis=0)
    return np.where(differs.any(axis=0), last, 0) / len(differs)


EXPLAINER = Explainer(
    "prediction-depth",
    prediction_depth,
    maximize=False,
    reference=1.0,
    bounds=(0.0, 1.0),
    cost=6.0,
    needs_classes=True,
)
