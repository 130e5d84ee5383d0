"""What one pass over the data leaves behind: sums of activations for each class."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xnas.scores import introspectability_from_gram, layer_mean_from_gram


@dataclass(frozen=True, eq=False)
class ClassActivations:
    """Sums of the activations of the examples of each class, layer by layer.

    Args:
        classes: (k,) int64, the labels with at least one example, ascending.
        counts: (k,) int64, examples of each.
        layer_names: one a layer; a layer called n times is listed n times.
        layer_sizes: features an example of each layer.
        sums: (k, size) float64 for each layer. Layers that always have equal outputs
            share one array.
    """

    classes: NDArray[np.int64]
    counts: NDArray[np.int64]
    layer_names: list[str]
    layer_sizes: list[int]
    sums: Sequence[NDArray[np.float64]]

    def gram(self) -> NDArray[np.float64]:
        """Compute the inner products of the class sums of each layer.

        Returns:
            (layers, k, k) float64; summed over layers, those of the whole vectors.
        """
        return self._gram.copy()

    @cached_property
    def _gram(self) -> NDArray[np.float64]:
        size = len(self.classes)
        once = {id(sums): sums @ sums.T for sums in self.sums}
        products = [once[id(sums)] for sums in self.sums]
        return np.stack(products) if products else np.zeros((0, size, size))

    def layer_mean(self) -> float:
        """Score each layer on its own; see :func:`xnas.scores.layer_mean_from_gram`."""
        return layer_mean_from_gram(self._gram)

    def means(self) -> NDArray[np.float32]:
        """Compute the mean activations of each class.

        Returns:
            (k, features) float32, layers put end to end in their order.
        """
        means = np.empty((len(self.classes), sum(self.layer_sizes)), np.float32)
        start = 0
        for sums in self.sums:
            stop = start + sums.shape[1]
            means[:, start:stop] = sums / self.counts[:, None]
            start = stop
        return means

    def vectors(self) -> dict[int, NDArray[np.float64]]:
        """Put the sums of all layers end to end.

        Returns:
            Class label to (features,) float64.
        """
        return {
            int(label): np.concatenate([sums[row] for sums in self.sums] or [[]])
            for row, label in enumerate(self.classes)
        }

    def score(
        self,
        similarity: ArrayLike | None = None,
        *,
        divide_by_mean_similarity: bool = False,
    ) -> float:
        """Compute introspectability.

        Args:
            similarity: (labels, labels), as for
                :func:`xnas.scores.introspectability`.
            divide_by_mean_similarity: likewise.

        Returns:
            The score, −inf for fewer than two classes or zero activations.

        Warns:
            RuntimeWarning: a class has zero or non-finite activations.

        Raises:
            ValueError: ``similarity`` does not cover the labels.
        """
        return introspectability_from_gram(
            self._gram,
            self.classes,
            similarity,
            divide_by_mean_similarity=divide_by_mean_similarity,
        )
