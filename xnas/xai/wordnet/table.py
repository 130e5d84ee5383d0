"""The shipped table of path distances, small enough to read at run time."""

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray

from xnas.xai.wordnet.closure import DATA, Closure, load_closure
from xnas.xai.wordnet.distances import path_distances, path_similarity

TABLE_FILE = (
    DATA / "imagenet_resized_label_distances_9aca0f6d9df6da4fa8c2f33ee7fb8fd9.npz"
)
N_LABELS = 1000


def similarity(n_labels: int = N_LABELS) -> NDArray[np.float64]:
    """Look up WordNet's path similarity of the first labels of imagenet_resized.

    Args:
        n_labels: how many labels, 1 to 1,000, in the order of their numbers there
            (which is not the order of imagenet2012).

    Returns:
        (n_labels, n_labels) float64, symmetric, above 0, and 1 on the diagonal.

    Raises:
        ValueError: there are not so many labels.
    """
    if not 1 <= n_labels <= N_LABELS:
        raise ValueError(f"n_labels must be 1 to {N_LABELS}, but is {n_labels}")
    return path_similarity(_load_distances()[:n_labels, :n_labels])


def label_names(n_labels: int = N_LABELS) -> list[str]:
    """Name the first labels of imagenet_resized, such as ``kit_fox.n.01``.

    Args:
        n_labels: how many labels.

    Returns:
        The names of their synsets, all different.
    """
    closure = load_closure()
    return [closure.names[synset] for synset in closure.labels[:n_labels]]


def encode_table(closure: Closure) -> bytes:
    """Write the path distances between the labels as a compressed ``.npz`` file.

    Args:
        closure: the labels and their graph.

    Returns:
        The file, equal for equal closures: ``path_distance`` (pairs,) uint8 holds the
        upper triangle row by row.
    """
    upper = np.triu_indices(len(closure.labels), k=1)
    content = io.BytesIO()
    distances = path_distances(closure)[upper].astype(np.uint8)
    np.savez_compressed(content, path_distance=distances)
    return content.getvalue()


@cache
def _load_distances() -> NDArray[np.uint8]:
    with np.load(TABLE_FILE) as table:
        upper = table["path_distance"]
    distances = np.zeros((N_LABELS, N_LABELS), dtype=np.uint8)
    distances[np.triu_indices(N_LABELS, k=1)] = upper
    distances |= distances.T
    distances.flags.writeable = False
    return distances
