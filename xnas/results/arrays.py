"""Gram matrices and mean activations of one evaluation, as ``.npz`` files."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.results.folder import draft_of, replace_file

MAX_CLASSES_PER_LAYER = 32
"""Above this many classes only the sum over layers is kept, with each layer's trace:
imagenet's 191 layers of 120 × 120 would need 22 MB an evaluation else."""


@dataclass(frozen=True)
class Gram:
    """Inner products of one network's class activation sums.

    Args:
        gram: (layers, classes, classes) float64; above 32 classes
            (1, classes, classes), the sum over layers.
        layer_share: (layers,) float64, each layer's part of the squared length of
            all class vectors together; they sum to 1.
        classes: (classes,) int64, the labels of rows and columns: classes that the
            network never predicted have none.
        counts: (classes,) int64, examples behind each sum.
        layer_names: one a layer.
        layer_sizes: features an example of each layer.
    """

    gram: NDArray[np.float64]
    layer_share: NDArray[np.float64]
    classes: NDArray[np.int64]
    counts: NDArray[np.int64]
    layer_names: tuple[str, ...]
    layer_sizes: tuple[int, ...]

    @property
    def is_by_layer(self) -> bool:
        """Whether there is a matrix a layer, and not their sum."""
        return len(self.gram) == len(self.layer_names)


@dataclass(frozen=True)
class Activations:
    """Mean activations of one network for each predicted class.

    Args:
        means: (classes, features) float32, layers end to end.
        classes: (classes,) int64, the labels of the rows.
        layer_names: one a layer.
        layer_sizes: features an example of each layer; they sum to ``features``.
    """

    means: NDArray[np.float32]
    classes: NDArray[np.int64]
    layer_names: tuple[str, ...]
    layer_sizes: tuple[int, ...]


def write_gram(
    path: Path,
    *,
    gram: NDArray[np.float64],
    classes: NDArray[np.int64],
    counts: NDArray[np.int64],
    layer_names: list[str],
    layer_sizes: list[int],
) -> None:
    """Write what score, distances and each layer's share follow from.

    Args:
        path: the file to write.
        gram: (layers, classes, classes) float64, inner products of the class
            activation sums of each layer.
        classes: (classes,) int64, the labels of rows and columns.
        counts: (classes,) int64, examples behind each sum.
        layer_names: one name a layer.
        layer_sizes: features an example of each layer.
    """
    upper = np.triu_indices(len(classes))
    per_layer = len(classes) <= MAX_CLASSES_PER_LAYER
    kept = gram if per_layer else gram.sum(axis=0, keepdims=True)
    content = io.BytesIO()
    np.savez_compressed(
        content,
        upper=kept[:, upper[0], upper[1]],
        layer_share=np.einsum("lkk->l", gram) / max(np.einsum("lkk->", gram), 1e-300),
        classes=classes,
        counts=counts,
        layer_names=np.array(layer_names, dtype=np.str_),
        layer_sizes=np.array(layer_sizes, dtype=np.int64),
    )
    replace_file(path, content.getvalue())


def read_gram(path: Path) -> Gram:
    """Read a file of :func:`write_gram`.

    Args:
        path: the file.
    """
    arrays = _read_arrays(path)
    upper = arrays["upper"]
    size = len(arrays["classes"])
    rows, columns = np.triu_indices(size)
    gram = np.zeros((len(upper), size, size))
    gram[:, rows, columns] = upper
    gram[:, columns, rows] = upper
    return Gram(
        gram=gram,
        layer_share=arrays["layer_share"],
        classes=arrays["classes"],
        counts=arrays["counts"],
        **_layers(arrays),
    )


def read_activations(path: Path) -> Activations:
    """Read a file of :func:`write_activations`.

    Args:
        path: the file.
    """
    arrays = _read_arrays(path)
    return Activations(arrays["means"], arrays["classes"], **_layers(arrays))


def _layers(arrays: Mapping[str, NDArray]) -> dict[str, tuple[Any, ...]]:
    return {
        name: tuple(arrays[name].tolist()) for name in ("layer_names", "layer_sizes")
    }


def _read_arrays(path: Path) -> dict[str, NDArray]:
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def write_activations(
    path: Path,
    *,
    means: NDArray[np.float32],
    classes: NDArray[np.int64],
    layer_names: list[str],
    layer_sizes: list[int],
) -> None:
    """Write the mean activations of each predicted class.

    Args:
        path: the file to write.
        means: (classes, features) float32, layers concatenated in order.
        classes: (classes,) int64, the labels of the rows.
        layer_names: one name a layer.
        layer_sizes: features an example of each layer; they sum to ``features``.
    """
    draft = draft_of(path)
    # Tens of megabytes, mostly to be deleted again: neither compressed nor synced.
    np.savez(
        draft,
        means=means,
        classes=classes,
        layer_names=np.array(layer_names, dtype=np.str_),
        layer_sizes=np.array(layer_sizes, dtype=np.int64),
    )
    draft.replace(path)
