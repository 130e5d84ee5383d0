"""Label distances as the CSV table of 2021, to the byte."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xnas_wordnet.closure import Closure
from xnas_wordnet.distances import label_distances

HEADER = "idx_i,idx_j,label_i,label_j,nx_distance,path_sim,lch_sim,wup_sim\n"


def csv_text(closure: Closure) -> str:
    """Write one row for each pair of labels, the smaller number first.

    Labels are synset names, and similarities the shortest digits that read back as
    the same float64.

    Args:
        closure: the labels and their graph.

    Returns:
        The whole file.
    """
    return HEADER + "".join(_rows(closure))


def _rows(closure: Closure) -> Iterator[str]:
    distances = label_distances(closure)
    names = [closure.names[label] for label in closure.labels]
    words: dict[float, str] = {}
    for i, name in enumerate(names):
        columns = zip(
            range(i + 1, len(names)),
            names[i + 1 :],
            distances.graph[i, i + 1 :].tolist(),
            _digits(distances.path[i, i + 1 :], words),
            _digits(distances.lch[i, i + 1 :], words),
            _digits(distances.wup[i, i + 1 :], words),
            strict=True,
        )
        for j, other, steps, path, lch, wup in columns:
            yield f"{i},{j},{name},{other},{steps},{path},{lch},{wup}\n"


def _digits(values: NDArray[np.float64], words: dict[float, str]) -> list[str]:
    """Format numbers, each distinct one once: there are only hundreds."""
    numbers = values.tolist()
    for number in set(numbers) - words.keys():
        words[number] = repr(number)
    return [words[number] for number in numbers]
