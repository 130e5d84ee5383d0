"""One network of a described space: what each node applies, and what takes part."""

from collections.abc import Sequence
from dataclasses import dataclass

from xnas.drawing.description import Description, Place


@dataclass(frozen=True)
class Part:
    """A node with its choice.

    Args:
        place: the node.
        choice: position of the operation it applies.
        sources: nodes it takes inputs from under this choice.
        active: whether an input reaches it and it reaches the output.
    """

    place: Place
    choice: int
    sources: tuple[str, ...]
    active: bool

    @property
    def name(self) -> str:
        """Name of the node."""
        return self.place.name

    @property
    def operation(self) -> str:
        """Name of what it applies."""
        return self.place.operations[self.choice]

    @property
    def passes(self) -> bool:
        """Whether anything comes out of its operation."""
        return self.place.passes[self.choice]


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
    picked = {
        place.name: _choice(place, description, chosen) for place in description.places
    }
    sources = {
        place.name: tuple(
            dict.fromkeys([*place.sources, *place.connects[picked[place.name]]])
        )
        for place in description.places
    }
    active = _active(description, picked, sources)
    return {
        place.name: Part(
            place, picked[place.name], sources[place.name], place.name in active
        )
        for place in description.places
    }


def _choice(place: Place, description: Description, chosen: dict[str, int]) -> int:
    decider = place
    for _ in description.places:  # a chain of followers cannot be longer
        if decider.follows is None:
            break
        decider = description.by_name[decider.follows]
    return min(chosen.get(decider.name, 0), len(place.operations) - 1)


def _active(
    description: Description,
    picked: dict[str, int],
    sources: dict[str, tuple[str, ...]],
) -> set[str]:
    """Names of the nodes that an input reaches and that reach the output."""
    reached = set(description.inputs)
    for place in description.places:
        if place.passes[picked[place.name]] and reached.intersection(
            sources[place.name]
        ):
            reached.add(place.name)
    needed = set(description.outputs) & reached
    for place in reversed(description.places):
        if place.name in needed:
            needed.update(name for name in sources[place.name] if name in reached)
    return needed
