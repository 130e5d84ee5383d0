"""Places for the nodes of a directed graph: layer under layer, few lines crossing.

The method is that of Sugiyama, Tagawa and Toda (1981): longest-path layers, invisible
nodes where a line passes a layer, orders by the mean of neighbours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

SWEEPS = 12

Edge = tuple[str, str]


@dataclass
class Layout:
    """Where the nodes are.

    Args:
        x: middle of each node, the left end of all being 0.
        layer: of each node, from 0 at the top.
        bends: for each edge, the x at each layer that it passes.
        width: from the left end of all to the right one.
        n_layers: number of layers.
    """

    x: dict[str, float]
    layer: dict[str, int]
    bends: dict[Edge, list[float]]
    width: float
    n_layers: int


def lay_out(
    widths: Mapping[str, float],
    edges: Sequence[Edge],
    *,
    gap: float,
    line_gap: float,
) -> Layout:
    """Place nodes.

    Args:
        widths: of the nodes by name, each after those that lead to it.
        edges: pairs of names, from and to.
        gap: least distance of two nodes side by side.
        line_gap: the same where a line passes.

    Returns:
        The same for the same arguments.
    """
    layer = _layers(widths, edges)
    grid = _Grid(widths, edges, layer, gap, line_gap)
    grid.order()
    x, lines = grid.positions(), grid.passing
    left = min((x[k] - w / 2 for k, w in grid.width.items()), default=0.0)
    right = max((x[k] + w / 2 for k, w in grid.width.items()), default=0.0)
    return Layout(
        x={name: x[key] - left for name, key in grid.nodes.items()},
        layer=layer,
        bends={ends: [x[key] - left for key in keys] for ends, keys in lines.items()},
        width=right - left,
        n_layers=len(grid.layers),
    )


def _layers(widths: Mapping[str, float], edges: Sequence[Edge]) -> dict[str, int]:
    sources: dict[str, list[str]] = {name: [] for name in widths}
    for source, target in edges:
        sources[target].append(source)
    layer: dict[str, int] = {}
    for name in widths:
        layer[name] = max((layer[s] + 1 for s in sources[name]), default=0)
    return layer


@dataclass
class _Grid:
    """Keys of nodes and of lines that pass, layer by layer."""

    widths: Mapping[str, float]
    edges: Sequence[Edge]
    layer: Mapping[str, int]
    gap: float
    line_gap: float
    nodes: dict[str, int] = field(default_factory=dict)
    width: dict[int, float] = field(default_factory=dict)
    layers: list[list[int]] = field(default_factory=list)
    above: dict[int, list[int]] = field(default_factory=dict)
    below: dict[int, list[int]] = field(default_factory=dict)
    passing: dict[Edge, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        depth = max(self.layer.values(), default=-1) + 1
        self.layers = [[] for _ in range(depth)]
        for name, width in self.widths.items():
            self.nodes[name] = self._add(self.layer[name], width)
        for source, target in self.edges:
            levels = range(self.layer[source] + 1, self.layer[target])
            line = self.passing[source, target] = [self._add(n, 0.0) for n in levels]
            for ends in pairwise([self.nodes[source], *line, self.nodes[target]]):
                self._join(*ends)

    def _add(self, level: int, width: float) -> int:
        key = len(self.width)
        self.width[key] = width
        self.layers[level].append(key)
        self.above[key], self.below[key] = [], []
        return key

    def _join(self, upper: int, lower: int) -> None:
        self.above[lower].append(upper)
        self.below[upper].append(lower)

    def _sweeps(self) -> Iterator[tuple[dict[int, list[int]], list[list[int]]]]:
        """Neighbours to go by and layers to go through, down and up in turn."""
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            yield (self.above, self.layers) if down else (self.below, self.layers[::-1])

    def order(self) -> None:
        """Sort each layer by the mean of neighbours, and keep the best sweep."""
        best, fewest = [list(keys) for keys in self.layers], self._crossings()
        for neighbours, layers in self._sweeps():
            if not fewest:
                break
            for fixed, keys in pairwise(layers):
                at = {key: i for i, key in enumerate(fixed)}
                own = {key: i for i, key in enumerate(keys)}
                keys.sort(key=lambda k: _mean([at[n] for n in neighbours[k]], own[k]))
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(keys) for keys in self.layers], crossings
        self.layers = best

    def _crossings(self) -> int:
        total = 0
        for upper, lower in pairwise(self.layers):
            at = {key: i for i, key in enumerate(lower)}
            ends = (sorted(at[n] for n in self.below[key]) for key in upper)
            total += _inversions([*chain.from_iterable(ends)])
        return total

    def positions(self) -> dict[int, float]:
        """Give each key an x, near those of its neighbours."""
        x: dict[int, float] = {}
        for keys in self.layers:
            x.update(self._apart(keys, {key: 0.0 for key in keys}))
        for neighbours, layers in self._sweeps():
            for keys in layers:
                wished = {k: _mean([x[n] for n in neighbours[k]], x[k]) for k in keys}
                x.update(self._apart(keys, wished))
        return x

    def _apart(
        self, keys: Sequence[int], wished: Mapping[int, float]
    ) -> dict[int, float]:
        """Nearest positions to those wished for that keep order and distances."""
        offset, offsets = 0.0, []
        for i, key in enumerate(keys):
            if i:
                left, right = self.width[keys[i - 1]], self.width[key]
                offset += (left + right) / 2
                offset += self.gap if left and right else self.line_gap
            offsets.append(offset)
        level = _rising([wished[k] - o for k, o in zip(keys, offsets, strict=True)])
        return {k: v + o for k, v, o in zip(keys, level, offsets, strict=True)}


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _inversions(values: Sequence[int]) -> int:
    return sum(values[i] > values[j] for j in range(len(values)) for i in range(j))


def _rising(values: Sequence[float]) -> list[float]:
    """Nearest values, in squares, that never fall (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            other, n = blocks.pop()
            mean = (mean * count + other * n) / (count + n)
            count += n
        blocks.append((mean, count))
    return [mean for mean, count in blocks for _ in range(count)]
