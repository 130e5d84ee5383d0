"""What the variable nodes of a space are called, and what they choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xnas.names import tell_apart


@dataclass(frozen=True)
class Variable:
    """One choice of a space.

    Args:
        name: of the variable node.
        label: for people, such as ``edge_0 (0 → 1)``.
        operations: what it chooses from, in order.
    """

    name: str
    label: str
    operations: tuple[str, ...]


def read_variables(space: Mapping[str, Any]) -> tuple[Variable, ...]:
    """Read the variables of a space, in the order of its genotypes.

    Args:
        space: as ``init_infos.json`` has it.

    Returns:
        Nothing where the space is not described.
    """
    nodes = {node["name"]: node for node in space.get("nodes") or ()}
    edges = space.get("edges") or ()
    return tuple(
        Variable(
            name,
            _label(name, edges),
            tuple(tell_apart([*map(str, nodes[name]["operations"])])),
        )
        for name in space.get("variables") or ()
    )


def _label(name: str, edges: Any) -> str:
    """Name the nodes that an edge of a cell joins, if it is one."""
    ends = [
        _node_number(end)
        for source, target in edges
        if name in (source, target)
        for end in (target if name == source else source,)
    ]
    if not name.startswith("edge_") or len(ends) != 2 or ends[1] is None:
        return name
    # What enters a cell from outside is its node 0.
    return f"{name} ({ends[0] or 0} → {ends[1]})"


def _node_number(name: str) -> int | None:
    prefix, _, number = name.rpartition("node_")
    return int(number) if prefix.startswith("cell_") and number.isdecimal() else None
