"""Make the shipped files anew: ``python -m xnas_wordnet``.

Needs WordNet, and the list of labels that tensorflow-datasets holds.
"""

import importlib.util
import io
import sys
from pathlib import Path

import numpy as np

from xnas.errors import UsageError
from xnas.xai.wordnet import CLOSURE_FILE, TABLE_FILE
from xnas_wordnet.closure import Closure, encode_closure
from xnas_wordnet.distances import path_distances
from xnas_wordnet.graph_hash import graph_hash
from xnas_wordnet.source import read_closure

_LABELS = Path("image_classification", "imagenet_resized_labels.txt")


def imagenet_labels() -> list[str]:
    """Read the WordNet ids of the labels of imagenet_resized, in their order.

    Raises:
        UsageError: tensorflow-datasets is not installed.
    """
    # Importing the package would load TensorFlow.
    package = importlib.util.find_spec("tensorflow_datasets")
    if package is None or package.origin is None:
        raise UsageError(
            "the Python package tensorflow-datasets is not installed, expected it for "
            "its list of labels"
        )
    return (Path(package.origin).parent / _LABELS).read_text().split()


def shipped_files() -> dict[Path, bytes]:
    """Compute the content of the shipped files from WordNet.

    Raises:
        UsageError: WordNet or tensorflow-datasets is not installed.
    """
    closure = read_closure(imagenet_labels())
    if graph_hash(closure) not in TABLE_FILE.name:
        raise UsageError(
            f"WordNet's label graph has the hash {graph_hash(closure)}, expected the "
            f"one in the name {TABLE_FILE.name}"
        )
    return {CLOSURE_FILE: encode_closure(closure), TABLE_FILE: encode_table(closure)}


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


def main() -> int:
    """Write the shipped files; return the exit status."""
    try:
        files = shipped_files()
    except UsageError as error:
        print(f"xnas_wordnet: {error}", file=sys.stderr)
        return 2
    for path, content in files.items():
        path.write_bytes(content)
        print(f"{path} ({len(content):,} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
