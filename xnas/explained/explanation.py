"""Everything that is worked out of a trained network, before it is written."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xnas.explained.confusion import Pair, layer_distances, pairs, softmax_means
from xnas.explained.trust import (
    Reference,
    Tenth,
    Trusted,
    cross_fitted,
    evidence,
    tenths,
)
from xnas.scores import (
    layer_mean_from_gram,
    layer_scores_from_gram,
    rescaled_scores_from_gram,
)

if TYPE_CHECKING:
    import keras

    from xnas.explained.passes import Predicted
    from xnas.training.data import TaskData
    from xnas.xai.per_class import ClassActivations

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True)
class Layer:
    """One layer of the network.

    Args:
        name: of the layer.
        features: an example of its output.
        score: mean cosine distance of its pairs of classes; NaN if it has none.
        rescaled: what introspectability would be if the layer gave 100 times as much.
    """

    name: str
    features: int
    score: float
    rescaled: float


@dataclass(frozen=True)
class Scores:
    """How well layers tell classes apart, with examples grouped by their labels.

    Args:
        introspectability: of all layers put together.
        layer_mean: mean over layers of each layer's own.
    """

    introspectability: float
    layer_mean: float


@dataclass(frozen=True)
class Explanation:
    """What a network says of a task's data.

    Args:
        classes: their names.
        split: whose labels are looked at.
        parts: by the name of a part of the data; validation, test data, where there
            are, and ``split``.
        means: sums of activations by label.
        reference: training examples that predictions are compared with.
        head: the layer that reads their features; ``None``: they are the output.
        files: paths of the examples, by part, where they are files.
    """

    classes: Sequence[str]
    split: str
    parts: Mapping[str, "Predicted"]
    means: "ClassActivations"
    reference: Reference
    head: str | None = None
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def held_out(self) -> dict[str, "Predicted"]:
        """What was not trained on."""
        return {name: one for name, one in self.parts.items() if name != "train"}

    @cached_property
    def pooled(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Evidence for all held-out predictions, and whether they are right."""
        both = [evidence(one.softmax, one.trust) for one in self.held_out.values()]
        right = [one.right for one in self.held_out.values()]
        return np.concatenate(both), np.concatenate(right)

    @cached_property
    def trusted(self) -> Trusted:
        """The held-out predictions, by how far they can be trusted."""
        return cross_fitted(*self.pooled)

    @property
    def tenths(self) -> list[Tenth]:
        """How right tenths of them are; none with too few errors."""
        if not self.trusted.is_fitted:
            return []
        both, right = self.pooled
        return tenths(self.trusted.probability, both[:, 0], right)

    def place(self, position: int) -> tuple[str, int]:
        """Tell the part and the index of a held-out prediction.

        Args:
            position: among those of all parts.
        """
        for name, one in self.held_out.items():
            if position < len(one.labels):
                return name, position
            position -= len(one.labels)
        raise IndexError("no such prediction")

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """(classes, classes) int64 of all held-out examples."""
        return np.sum([one.confusion for one in self.held_out.values()], axis=0)

    @cached_property
    def softmax_means(self) -> NDArray[np.float64]:
        """(classes, classes) float64 mean outputs by predicted class."""
        sums = np.sum([one.output_sums for one in self.held_out.values()], axis=0)
        return softmax_means(sums, self.confusion.sum(axis=0))

    def pairs(self, most: int) -> list[Pair]:
        """List the most confused pairs of classes.

        Args:
            most: how many at most.
        """
        return pairs(self.confusion, self.softmax_means, self._distances, most)

    @cached_property
    def _distances(self) -> NDArray[np.float64]:
        return layer_distances(self.means.gram(), self.means.classes, len(self.classes))

    @property
    def scores(self) -> Scores:
        """Of the network, over the examples of ``split``."""
        return scores_of(self.means)

    @cached_property
    def layers(self) -> list[Layer]:
        """The network's layers, from input to output."""
        gram = self.means.gram()
        scores = layer_scores_from_gram(gram).tolist()
        rescaled = rescaled_scores_from_gram(gram, self.means.classes).tolist()
        names, sizes = self.means.layer_names, self.means.layer_sizes
        return list(map(Layer, names, sizes, scores, rescaled))


def scores_of(means: "ClassActivations") -> Scores:
    """Score class activations.

    Args:
        means: of a network.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of dead classes
        return Scores(means.score(), layer_mean_from_gram(means.gram()))


def explain(
    model: "keras.Model", data: "TaskData", classes: Sequence[str], split: str
) -> Explanation:
    """Let a trained network read a task's data, in two passes.

    Args:
        model: a classifier, which takes what preprocessing returns.
        data: of its task.
        classes: their names.
        split: whose labels are looked at: ``train``, ``valid`` or ``test``, which the
            task has.
    """
    from xnas.explained.passes import Reader, every_split, sums_by_label

    means = sums_by_label(model, data, "train")
    reader = Reader(model, data)
    parts, files = {}, {}
    for name, where, part in every_split(data):
        if name not in ("valid", "test", split):
            continue
        parts[name] = reader.predict(
            where.examples(part),
            means if name == split else None,
            judged=name != "train",
        )
        if (paths := where.split(part).files) is not None:
            files[name] = paths
    reference, head = reader.reference, reader.head
    return Explanation(classes, split, parts, means, reference, head, files)
