"""The hash of a label graph that stands in the names of the label distances."""

from collections import Counter
from hashlib import blake2b

from xnas_wordnet.closure import Closure

_ROUNDS = 3


def graph_hash(closure: Closure) -> str:
    """Compute the Weisfeiler-Lehman hash of a label graph.

    This is ``networkx.weisfeiler_lehman_graph_hash`` of networkx 2.6, which made the
    names in 2021; networkx 3 gives other values.

    Args:
        closure: the graph; names and offsets do not enter.

    Returns:
        32 hexadecimal digits.
    """
    children: list[list[int]] = [[] for _ in closure.names]
    for synset, parents in enumerate(closure.parents):
        for parent in parents:
            children[parent].append(synset)
    marks = [
        str(len(up) + len(down))
        for up, down in zip(closure.parents, children, strict=True)
    ]
    counted: list[tuple[str, int]] = []
    for _ in range(_ROUNDS):
        marks = [
            "".join(sorted([mark, *(marks[child] for child in down)]))
            for mark, down in zip(marks, children, strict=True)
        ]
        counted.extend(sorted(Counter(map(_digest, marks)).items()))
    return _digest(str(tuple(counted)))


def _digest(text: str) -> str:
    return blake2b(text.encode("ascii"), digest_size=16).hexdigest()
