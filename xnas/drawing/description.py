"""The recorded description of a search space, read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import index
from typing import Any

from xnas.errors import UsageError
from xnas.names import tell_apart


@dataclass(frozen=True)
class Node:
    """A node of the space, whatever it chooses.

    Args:
        name: unique.
        node_type: ``variable``, ``constant``, ``mime`` or ``mirror``.
        operations: names of what it may apply.
        passes: for each operation, whether anything comes out.
        connects: for each operation, nodes it takes inputs from beside ``sources``.
        sources: nodes connected to it.
        follows: the node whose choice it makes, if another's.
    """

    name: str
    node_type: str
    operations: tuple[str, ...]
    passes: tuple[bool, ...]
    connects: tuple[tuple[str, ...], ...]
    sources: tuple[str, ...]
    follows: str | None

    @property
    def possible_sources(self) -> tuple[str, ...]:
        """All nodes it takes inputs from in any network."""
        found = [*self.sources, *(name for names in self.connects for name in names)]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Description:
    """A search space as ``init_infos.json`` records it.

    Args:
        nodes: the nodes, each after those it takes inputs from.
        variables: names of those that choose, in the order of a genotype.
        inputs: names of the inputs.
        outputs: names of the outputs.
        input_shapes: of one example, one for each input; empty if not recorded.
    """

    nodes: tuple[Node, ...]
    variables: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_shapes: tuple[tuple[int, ...], ...]

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes by their names."""
        return {node.name: node for node in self.nodes}

    def decider(self, node: Node) -> Node:
        """Return the node whose choice a node makes: its own, or one it follows."""
        for _ in self.nodes:  # a chain of followers cannot be longer
            if node.follows is None:
                break
            node = self.by_name[node.follows]
        return node

    def checked_choices(self, arch_seq: Sequence[int]) -> tuple[int, ...]:
        """Return a genotype as whole numbers.

        Args:
            arch_seq: one choice a variable node.

        Raises:
            UsageError: a wrong number of choices, or one that does not exist.
        """
        if len(arch_seq) != len(self.variables):
            raise UsageError(
                f"{len(arch_seq)} choices found, expected {len(self.variables)}, one "
                "for each variable node"
            )
        return tuple(
            _checked_choice(choice, self.by_name[name])
            for choice, name in zip(arch_seq, self.variables, strict=True)
        )


def _checked_choice(choice: Any, node: Node) -> int:
    highest = len(node.operations) - 1
    try:
        number = -1 if isinstance(choice, bool) else index(choice)
    except TypeError:
        number = -1
    if not 0 <= number <= highest:
        raise UsageError(
            f"node {node.name!r} has no choice {choice!r:.40}, expected 0 to {highest}"
        )
    return number


def read_description(space: Mapping[str, Any]) -> Description:
    """Read what :meth:`xnas.space.KSearchSpace.describe` returned, maybe long ago.

    Args:
        space: the description, such as the entry ``space`` of ``init_infos.json``.

    Returns:
        The same, checked.

    Raises:
        UsageError: it is something else.
    """
    try:
        found = _read(space)
        _check(found)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UsageError(
            "the search space is not described as expected, with nodes, edges, inputs, "
            f"outputs and variables ({type(error).__name__}: {error})"
        ) from error
    return found


def _read(space: Mapping[str, Any]) -> Description:
    sources: dict[str, list[str]] = {node["name"]: [] for node in space["nodes"]}
    for source, target in space["edges"]:
        sources[target].append(source)
    nodes = tuple(
        Node(
            name=str(node["name"]),
            node_type=str(node["kind"]),
            operations=tuple(tell_apart([*map(str, node["operations"])])),
            passes=tuple(map(bool, node["passes"])),
            connects=tuple(tuple(names) for names in node["connects"]),
            sources=tuple(sources[node["name"]]),
            follows=node.get("follows"),
        )
        for node in space["nodes"]
    )
    return Description(
        nodes=nodes,
        variables=tuple(space["variables"]),
        inputs=tuple(space["inputs"]),
        outputs=tuple(space["outputs"]),
        input_shapes=tuple(map(tuple, space.get("input_shape", ()))),
    )


def _check(found: Description) -> None:
    """Check that names lead somewhere and that nodes come after their sources."""
    seen: set[str] = set()
    for node in found.nodes:
        for source in node.possible_sources:
            if source not in seen:
                raise ValueError(f"node {node.name!r} comes before {source!r}")
        n_operations = len(node.operations)
        if not n_operations or {n_operations} != {
            len(node.passes),
            len(node.connects),
        }:
            raise ValueError(f"node {node.name!r} has uneven lists of operations")
        if node.follows is not None and node.follows not in found.by_name:
            raise ValueError(f"node {node.name!r} follows {node.follows!r}")
        seen.add(node.name)
    for name in (*found.variables, *found.inputs, *found.outputs):
        if name not in seen:
            raise ValueError(f"there is no node {name!r}")
