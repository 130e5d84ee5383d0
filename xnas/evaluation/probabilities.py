"""Predictions of a classification as probabilities of each class."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xnas.sampling import classes_of

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork

TOLERANCE = 1e-2
"""How far from 1 probabilities may add up, which half precision rounds."""


def with_labels(
    network: "TrainedNetwork",
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """Predict the validation data.

    Args:
        network: the network.

    Yields:
        (batch, classes) float64 probabilities, and (batch,) int64 classes of labels.

    Raises:
        ValueError: predictions are no probabilities.
    """
    for x, y in network.batches("valid"):
        found = probabilities(network.predict(x))
        yield found, classes_of(y)


def probabilities(predictions: NDArray) -> NDArray[np.float64]:
    """Check predictions, and put the other class beside a single output.

    Args:
        predictions: (batch, classes), or (batch, 1) chances of class 1.

    Returns:
        (batch, classes) float64.

    Raises:
        ValueError: they are no probabilities.
    """
    found = np.asarray(predictions, np.float64)
    if found.shape[1] == 1:
        found = np.hstack([1 - found, found])
    if found.min() < 0 or (abs(found.sum(axis=1) - 1) > TOLERANCE).any():
        raise ValueError(
            f"the predictions of an example are {found[0][:5].tolist()}, expected "
            "probabilities that add up to 1"
        )
    return found
