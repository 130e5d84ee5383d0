"""What the networks of a run have in common, from the recorded search space."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xnas.distances import DistancesAmong
from xnas.drawing.description import Description, Node
from xnas.records import Genotype

DEPTH = 2
"""Operations before one that tell it from others of its name."""

Numbers = NDArray[np.uint64]
Mask = NDArray[np.bool_]


class _Step(NamedTuple):
    """A node as numbers.

    Attributes:
        decider: position of the variable node whose choice it makes, that behind the
            last where there is no choice.
        feeds: for each choice, positions of the nodes that feed it.
        names: (choices,) uint64, of its operations.
    """

    decider: int
    feeds: list[list[int]]
    names: Numbers


def distances_among(
    description: Description, genotypes: Sequence[Genotype]
) -> DistancesAmong:
    """Measure networks by what :func:`xnas.space.canonical.features` lists.

    Without the task's code: operations are told apart by their names, and networks are
    not reduced. All networks are gone through together, node by node.

    Args:
        description: of the space.
        genotypes: distinct ones, of the networks.

    Raises:
        UsageError: they are none of that space.
    """
    for genotype in genotypes:
        description.checked_choices(genotype)
    choices = np.array(genotypes, np.int64).reshape(len(genotypes), -1)
    steps = _steps(description)
    position = {node.name: i for i, node in enumerate(description.nodes)}
    # Without a choice of its own a node takes the one that follows all others.
    chosen = [*choices.T, np.zeros(len(choices), np.int64)]
    fed, reached = _fed(steps, chosen, {position[name] for name in description.inputs})
    active = _active(fed, reached, {position[name] for name in description.outputs})
    used = np.zeros((len(chosen), len(choices)), bool)
    for step, mask in zip(steps, active, strict=True):
        used[step.decider] |= mask
    names = [step.names[chosen[step.decider]] for step in steps]
    own = np.where(used[:-1].T, choices, -1)
    return DistancesAmong(genotypes, own, _structure(names, fed, active))


def _steps(description: Description) -> list[_Step]:
    position = {node.name: i for i, node in enumerate(description.nodes)}
    variable = {name: i for i, name in enumerate(description.variables)}

    def step(node: Node) -> _Step:
        decider = variable.get(description.decider(node).name, len(variable))
        feeds = [
            # Nothing comes out of an operation that passes nothing on.
            [position[s] for s in dict.fromkeys((*node.sources, *more))]
            if passes
            else []
            for passes, more in zip(node.passes, node.connects, strict=True)
        ]
        names = np.array([*map(_number, node.operations)], np.uint64)
        return _Step(decider, feeds, names)

    return [*map(step, description.nodes)]


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _fed(
    steps: list[_Step], chosen: list[NDArray[np.int64]], inputs: set[int]
) -> tuple[list[dict[int, Mask]], list[Mask]]:
    """For each node, which others feed it in which networks, and which reach it."""
    fed: list[dict[int, Mask]] = []
    reached: list[Mask] = []
    for i, step in enumerate(steps):
        mine = {}
        for source in dict.fromkeys(s for feed in step.feeds for s in feed):
            takes = np.array([source in feed for feed in step.feeds])
            mine[source] = takes[chosen[step.decider]] & reached[source]
        start = np.full(len(chosen[-1]), i in inputs)
        fed.append(mine)
        reached.append(np.logical_or.reduce([start, *mine.values()]))
    return fed, reached


def _active(
    fed: list[dict[int, Mask]], reached: list[Mask], outputs: set[int]
) -> list[Mask]:
    """For each node, in which networks it is on a path from input to output."""
    active = [
        one if i in outputs else np.zeros_like(one) for i, one in enumerate(reached)
    ]
    for i in reversed(range(len(fed))):
        for source, mask in fed[i].items():
            active[source] = active[source] | (active[i] & mask)
    return active


def _structure(
    names: list[Numbers], fed: list[dict[int, Mask]], active: list[Mask]
) -> tuple[NDArray[np.int64], Numbers]:
    """Colour operations by what comes before them, up to each depth.

    Shervashidze et al., *Weisfeiler-Lehman Graph Kernels*, Journal of Machine Learning
    Research 12, 2011.

    Returns:
        Rows of networks and colours that they have, each pair once.
    """
    colours, found = names, []
    for depth in range(DEPTH + 1):
        shown = [
            np.where(mask, one, np.uint64(0))
            for mask, one in zip(active, colours, strict=True)
        ]
        rows, distinct = _distinct(np.stack(shown, axis=1))
        found.append((rows, _mixed(distinct + np.uint64(depth))))
        mixed = [*map(_mixed, colours)]
        colours = [
            # A sum, since sources have no order.
            _mixed(sum((mask * mixed[s] for s, mask in mine.items()), start=name))
            for name, mine in zip(names, fed, strict=True)
        ]
    rows, numbers = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return rows, numbers


def _distinct(numbers: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """Return rows and the numbers in them but 0, each once."""
    ordered = np.sort(numbers, axis=1)
    is_new = ordered != 0
    is_new[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    return np.nonzero(is_new)[0], ordered[is_new]


def _mixed(numbers: Numbers) -> Numbers:
    """Spread numbers over all 64 bits (Steele, Lea and Flood's SplitMix, 2014)."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
