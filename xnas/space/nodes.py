"""Nodes of a search space's graph, under the names DeepHyper 0.2 gave them."""

from collections.abc import Sequence
from math import floor
from numbers import Integral, Real
from typing import Any

from xnas.errors import UsageError
from xnas.space.operations import Operation, as_operation


class SpaceError(UsageError, ValueError):
    """A search space or genotype that cannot be used."""


class Node:
    """A point of the graph that applies an operation to what arrives.

    Args:
        name: unique within a space; the space gives one if it is empty.
        scope: prefix of the names of the layers made here; the name by default.
    """

    kind = ""

    def __init__(self, name: str = "", scope: str = "") -> None:
        self.name = name
        self._scope = scope

    @property
    def scope(self) -> str:
        """Prefix of the names of the layers made here."""
        return self._scope or self.name

    @property
    def operations(self) -> list[Operation]:
        """Everything this node may apply."""
        raise NotImplementedError(f"{type(self).__name__} says nothing of operations")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"


class ConstantNode(Node):
    """A node with one operation.

    Args:
        op: the operation or Keras layer; may be set later with :meth:`set_op`.
        name: unique within a space; the space gives one if it is empty.
        scope: prefix of the names of the layers made here; the name by default.
    """

    kind = "constant"

    def __init__(self, op: Any = None, name: str = "", scope: str = "") -> None:
        super().__init__(name, scope)
        self._operations = [] if op is None else [as_operation(op)]

    def set_op(self, op: Any) -> None:
        """Set the operation or Keras layer."""
        self._operations = [as_operation(op)]

    @property
    def operations(self) -> list[Operation]:
        """The one operation, in a list; empty before it is set."""
        return self._operations


class VariableNode(Node):
    """A node that chooses among operations.

    Args:
        name: unique within a space, and the hyperparameter's name; the space gives
            one if it is empty.
        scope: prefix of the names of the layers made here; the name by default.
    """

    kind = "variable"

    def __init__(self, name: str = "", scope: str = "") -> None:
        super().__init__(name, scope)
        self._operations: list[Operation] = []

    def add_op(self, op: Any) -> None:
        """Add a choice: an operation or a Keras layer."""
        self._operations.append(as_operation(op))

    @property
    def operations(self) -> list[Operation]:
        """The choices, in the order they were added."""
        return self._operations

    @property
    def num_ops(self) -> int:
        """Number of choices."""
        return len(self.operations)

    def choice(self, index: Any) -> int:
        """Read a choice.

        Args:
            index: a whole number below :attr:`num_ops`, or a float in [0, 1), whose
                share of the choices is taken.

        Returns:
            The whole number.

        Raises:
            SpaceError: neither of both.
        """
        if isinstance(index, Integral) and not isinstance(index, bool):
            chosen = int(index)
            if 0 <= chosen < self.num_ops:
                return chosen
        elif isinstance(index, Real) and 0 <= float(index) < 1:
            return floor(float(index) * self.num_ops)
        raise SpaceError(
            f"node {self.name!r} has no choice {index!r}, expected 0 to "
            f"{self.num_ops - 1} or a float in [0, 1)"
        )


class MimeNode(VariableNode):
    """A node that makes the same choice as another, with layers of its own.

    Args:
        node: the variable node to follow.
        name: unique within a space; the space gives one if it is empty.
        scope: prefix of the names of the layers made here; the name by default.
    """

    kind = "mime"

    def __init__(self, node: VariableNode, name: str = "", scope: str = "") -> None:
        super().__init__(name, scope)
        self.node = node

    @property
    def operations(self) -> list[Operation]:
        """Its own choices where any were added, else those of the node it follows."""
        return self._operations or self.node.operations


class MirrorNode(Node):
    """A node that applies the very layers of another node, weights shared.

    Args:
        node: the node whose layers are applied.
        name: unique within a space; the space gives one if it is empty.
    """

    kind = "mirror"

    def __init__(self, node: Node, name: str = "") -> None:
        super().__init__(name)
        self.node = node

    @property
    def operations(self) -> Sequence[Operation]:  # type: ignore[override]
        """Those of the node it mirrors."""
        return self.node.operations
