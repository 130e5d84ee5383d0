"""One network of a described space: what each node applies, and what takes part."""

from collections.abc import Sequence
from typing import NamedTuple

from xnas.drawing.description import Description, Node


class Part(NamedTuple):
    """A node with its choice.

    Args:
        node: the node.
        choice: position of the operation it applies.
        sources: nodes it takes inputs from under this choice.
        active: whether an input reaches it and it reaches the output.
    """

    node: Node
    choice: int
    sources: tuple[str, ...]
    active: bool

    @property
    def name(self) -> str:
        """Name of the node."""
        return self.node.name

    @property
    def operation(self) -> str:
        """Name of what it applies."""
        return self.node.operations[self.choice]

    @property
    def passes(self) -> bool:
        """Whether anything comes out of its operation."""
        return self.node.passes[self.choice]


def choose(description: Description, arch_seq: Sequence[int]) -> dict[str, Part]:
    """Tell what each node of a network does.

    Args:
        description: of the space.
        arch_seq: one choice a variable node.

    Returns:
        The nodes by name, each after those it takes inputs from.

    Raises:
        UsageError: the choices do not fit the space.
    """
    choices = description.checked_choices(arch_seq)
    chosen = dict(zip(description.variables, choices, strict=True))
    parts: dict[str, Part] = {}
    reached = set(description.inputs)
    for node in description.nodes:
        choice = _choice(node, description, chosen)
        sources = tuple(dict.fromkeys([*node.sources, *node.connects[choice]]))
        parts[node.name] = Part(node, choice, sources, active=False)
        if node.passes[choice] and reached.intersection(sources):
            reached.add(node.name)
    needed = reached.intersection(description.outputs)
    for name in reversed(parts):
        if name in needed:
            needed.update(reached.intersection(parts[name].sources))
    return {n: part._replace(active=n in needed) for n, part in parts.items()}


def _choice(node: Node, description: Description, chosen: dict[str, int]) -> int:
    decider = description.decider(node)
    return min(chosen.get(decider.name, 0), len(node.operations) - 1)
