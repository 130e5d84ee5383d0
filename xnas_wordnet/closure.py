"""Labels and everything above them in WordNet: what every distance follows from."""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from xnas.xai.wordnet import CLOSURE_FILE

SOURCE = "WordNet 3.0 Copyright 2006 by Princeton University; see LICENSE-WordNet"


@dataclass(frozen=True)
class Closure:
    """Some noun synsets of WordNet with all their hypernyms up to the root.

    Synsets are numbered from 0 in the order of their names. Edges of the graph lead
    from hypernym to hyponym.

    Args:
        names: the synsets' names such as ``dog.n.01``, in alphabetical order.
        offsets: the synsets' numbers in WordNet's noun file.
        parents: the direct hypernyms of each synset.
        labels: the synsets that are labels, in the order of the label numbers.

    Raises:
        ValueError: names out of order, or not exactly one synset without hypernyms.
    """

    names: tuple[str, ...]
    offsets: tuple[int, ...]
    parents: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]

    def __post_init__(self) -> None:
        """Check what the distances rely on."""
        if list(self.names) != sorted(set(self.names)):
            raise ValueError("names must be in alphabetical order, each of them once")
        roots = [n for n, up in zip(self.names, self.parents, strict=True) if not up]
        if len(roots) != 1:
            raise ValueError(f"expected one synset without hypernyms, found {roots}")

    @property
    def n_edges(self) -> int:
        """Number of edges from hypernym to hyponym."""
        return sum(map(len, self.parents))

    @cached_property
    def wnids(self) -> tuple[str, ...]:
        """WordNet ids such as ``n02084071`` of all synsets."""
        return tuple(f"n{offset:08d}" for offset in self.offsets)

    @cached_property
    def top_down(self) -> tuple[int, ...]:
        """All synsets, each after all of its hypernyms."""
        order: dict[int, None] = {}
        stack = list(range(len(self.names)))[::-1]
        while stack:
            waiting = [up for up in self.parents[stack[-1]] if up not in order]
            if waiting:
                stack.extend(waiting)
            else:
                order.setdefault(stack.pop())
        return tuple(order)

    @cached_property
    def max_depths(self) -> NDArray[np.int64]:
        """(synsets,) edges of the longest way up to the root."""
        return self._depths(longest=True)

    @cached_property
    def min_depths(self) -> NDArray[np.int64]:
        """(synsets,) edges of the shortest way up to the root."""
        return self._depths(longest=False)

    def index(self, label: str) -> int:
        """Find a synset by its WordNet id or name.

        Raises:
            KeyError: it is not here.
        """
        return self._indices[label]

    def restrict(self, labels: Iterable[int]) -> "Closure":
        """Keep some labels and what lies above them.

        Args:
            labels: the synsets that become the labels, in this order.

        Returns:
            A closure with numbers of its own.
        """
        chosen = tuple(labels)
        kept = set(chosen)
        stack = list(chosen)
        while stack:
            new = set(self.parents[stack.pop()]) - kept
            kept |= new
            stack.extend(new)
        names = self.names
        return make_closure(
            (
                (names[synset], self.offsets[synset], [names[up] for up in ups])
                for synset, ups in enumerate(self.parents)
                if synset in kept
            ),
            (names[label] for label in chosen),
        )

    @cached_property
    def _indices(self) -> dict[str, int]:
        numbers = range(len(self.names))
        return dict(zip(self.wnids + self.names, (*numbers, *numbers), strict=True))

    def _depths(self, *, longest: bool) -> NDArray[np.int64]:
        depths = np.zeros(len(self.names), dtype=np.int64)
        choose = max if longest else min
        for synset in self.top_down:
            above = [int(depths[up]) for up in self.parents[synset]]
            depths[synset] = 1 + choose(above) if above else 0
        return depths


def make_closure(
    synsets: Iterable[tuple[str, int, Sequence[str]]], labels: Iterable[str]
) -> Closure:
    """Number synsets that are given by name.

    Args:
        synsets: name, offset and names of the hypernyms of each, in any order.
        labels: names of the labels.

    Returns:
        The closure.
    """
    rows = sorted(synsets)
    number = {name: index for index, (name, _, _) in enumerate(rows)}
    return Closure(
        names=tuple(number),
        offsets=tuple(offset for _, offset, _ in rows),
        parents=tuple(tuple(sorted(number[up] for up in ups)) for _, _, ups in rows),
        labels=tuple(number[label] for label in labels),
    )


def encode_closure(closure: Closure) -> bytes:
    """Write a closure as compressed JSON, equal bytes for equal closures."""
    content = {"source": SOURCE, **asdict(closure)}
    text = json.dumps(content, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def decode_closure(content: bytes) -> Closure:
    """Read what :func:`encode_closure` wrote."""
    fields = json.loads(gzip.decompress(content))
    return Closure(
        names=tuple(fields["names"]),
        offsets=tuple(fields["offsets"]),
        parents=tuple(map(tuple, fields["parents"])),
        labels=tuple(fields["labels"]),
    )


@cache
def load_closure() -> Closure:
    """Read the closure of the 1,000 labels of imagenet_resized that XNAS ships."""
    return decode_closure(CLOSURE_FILE.read_bytes())
