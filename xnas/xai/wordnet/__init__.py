"""How similar labels are in WordNet, whose data XNAS ships for imagenet_resized.

NumPy alone is imported. ``python -m xnas_wordnet`` makes the shipped files.
"""

import gzip
import json
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_DATA = Path(__file__).parent / "data"
CLOSURE_FILE = _DATA / "imagenet_resized_hypernyms.json.gz"
"""The labels and everything above them; see :mod:`xnas_wordnet.closure`."""
TABLE_FILE = (
    _DATA / "imagenet_resized_label_distances_9aca0f6d9df6da4fa8c2f33ee7fb8fd9.npz"
)
"""WordNet's path distances between all pairs of labels."""
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


def path_similarity(distances: NDArray[np.integer]) -> NDArray[np.float64]:
    """Turn WordNet's path distances into similarities: 1 at distance 0."""
    return 1.0 / (1.0 + distances.astype(np.float64))


def label_names(n_labels: int) -> list[str]:
    """Name the first labels of imagenet_resized, such as ``kit_fox.n.01``.

    Args:
        n_labels: how many labels.

    Returns:
        The names of their synsets, all different.
    """
    closure = json.loads(gzip.decompress(CLOSURE_FILE.read_bytes()))
    return [closure["names"][synset] for synset in closure["labels"][:n_labels]]


@cache
def _load_distances() -> NDArray[np.uint8]:
    with np.load(TABLE_FILE) as table:
        upper = table["path_distance"]
    distances = np.zeros((N_LABELS, N_LABELS), dtype=np.uint8)
    distances[np.triu_indices(N_LABELS, k=1)] = upper
    distances |= distances.T
    distances.flags.writeable = False
    return distances
