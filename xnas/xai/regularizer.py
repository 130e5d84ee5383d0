"""The paper's regulariser: introspectability of the batch as a part of the loss.

``loss + weight · (1 − d)`` (Carmichael, Moon and Jacobs, arXiv 2112.08645, "multi +
reg"), where d is the mean cosine distance of the classes that the batch holds by label,
each the sum of its examples' training-mode activations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from xnas.xai.compiled import true_classes
from xnas.xai.recording import LayerCall, class_sums

Positions = tuple[int, ...]
"""Height and width, or the like, of an output."""


@dataclass(frozen=True)
class Regularizer:
    """What is added to the loss.

    Args:
        weight: of introspectability in the loss.
        layers: ``all`` layers of interest, or those of the ``last-stage``.
        n_classes: of the task.
    """

    weight: float
    layers: str
    n_classes: int

    @classmethod
    def of(cls, values: Mapping[str, Any], n_outputs: int) -> "Regularizer | None":
        """Read a task's hyperparameters.

        Args:
            values: hyperparameters, all of them.
            n_outputs: size of a prediction; one decides between two classes.

        Returns:
            The regulariser, ``None`` if there is none.
        """
        weight, layers = (values[name] for name in NAMES)
        return cls(weight, layers, max(2, n_outputs)) if weight else None

    def members(self, y: tf.Tensor) -> tf.Tensor:
        """Tell each example's class by its label: (batch, classes) floats."""
        groups = true_classes(y, self.n_classes)
        return tf.one_hot(groups, self.n_classes, dtype=keras.config.floatx())

    def penalty(self, gram: tf.Tensor) -> tf.Tensor:
        """Return what is added to the loss, () floats.

        Args:
            gram: (classes, classes) inner products of the classes' sums.

        Returns:
            The weighted mean cosine of all pairs of classes that the batch holds; 0 if
            it holds fewer than two.
        """
        squares = tf.linalg.diag_part(gram)
        present = squares > 0
        lengths = tf.sqrt(tf.where(present, squares, tf.ones_like(squares)))
        cosines = gram / (lengths[:, None] * lengths)
        pairs = tf.linalg.band_part(tf.ones_like(gram), 0, -1) - tf.eye(
            self.n_classes, dtype=gram.dtype
        )
        counted = (pairs > 0) & present[:, None] & present
        total = tf.reduce_sum(tf.where(counted, cosines, tf.zeros_like(cosines)))
        count = tf.reduce_sum(tf.cast(counted, gram.dtype))
        return tf.cast(self.weight, gram.dtype) * total / tf.maximum(count, 1)


NAMES = ("regularize_introspectability", "regularized_layers")
"""The hyperparameters that say so."""


def gram_of(
    calls: Sequence[LayerCall], members: tf.Tensor, positions: Positions | None
) -> tf.Tensor:
    """Add up the inner products of class sums over layers.

    Args:
        calls: what layers of interest gave.
        members: (batch, classes), 1 where an example is of a class.
        positions: of the outputs that count; ``None`` for all.

    Returns:
        (classes, classes) of the type of ``members``; zeros where nothing counts.
    """
    size = members.shape[1]
    gram = tf.zeros((size, size), members.dtype)
    known: dict[Any, tf.Tensor] = {}
    for call in calls:
        if positions is None or tuple(call.output.shape[1:-1]) == positions:
            key = call.output.ref()
            if key not in known:
                sums = class_sums(call.output, members)
                known[key] = tf.matmul(sums, sums, transpose_b=True)
            gram += known[key]
    return gram


def last_positions(shapes: Sequence[Sequence[int | None]]) -> Positions:
    """Tell which outputs are of a network's last stage.

    Args:
        shapes: of all outputs in order, without the batch.

    Returns:
        The positions of the last output that has any; none if no output has.
    """
    found = [tuple(shape[:-1]) for shape in shapes if len(shape) > 1]
    return found[-1] if found else ()  # type: ignore[return-value]
