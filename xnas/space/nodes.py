"""Nodes of a search space's graph, under the names DeepHyper 0.2 gave them."""

from math import floor
from numbers import Integral, Real
from typing import Any

from xnas.space.base import Node, Operation, as_operation
from xnas.space.checks import SpaceError


class ConstantNode(Node):
    """A node with one operation.

    Args:
        op: the operation or Keras layer; may be set later with :meth:`set_op`.
        name: unique within a space; the space gives one if it is empty.
        scope: prefix of the names of the layers made here; the name by default.
    """

    node_type = "constant"

    def __init__(self, op: Any = None, name: str = "", scope: str = "") -> None:
        super().__init__(name, scope)
        if op is not None:
            self.set_op(op)

    def set_op(self, op: Any) -> None:
        """Set the operation or Keras layer; nodes that a merge names get connected."""
        operation = as_operation(op)
        self._ops = [operation]
        operation.init(self)
        self._changed()

    @property
    def op(self) -> Operation:
        """The operation.

        Raises:
            SpaceError: none was set yet.
        """
        if not self._ops:
            raise SpaceError(f"node {self.name!r} has no operation, call set_op first")
        return self._ops[0]


class _ChoosingNode(Node):
    def add_op(self, op: Any) -> None:
        """Add the next choice: an operation or a Keras layer."""
        self._ops.append(as_operation(op))
        self._changed()

    @property
    def index(self) -> int:
        """The choice.

        Raises:
            SpaceError: nothing was chosen yet.
        """
        raise NotImplementedError

    @property
    def op(self) -> Operation:
        """The chosen operation.

        Raises:
            SpaceError: nothing was chosen yet.
        """
        return self.ops[self.index]

    @property
    def num_ops(self) -> int:
        """Number of choices."""
        return len(self.ops)


class VariableNode(_ChoosingNode):
    """A node that chooses among operations.

    Args:
        name: unique within a space, and the hyperparameter's name; the space gives
            one if it is empty.
        scope: prefix of the names of the layers made here; the name by default.
    """

    node_type = "variable"

    def __init__(self, name: str = "", scope: str = "") -> None:
        super().__init__(name, scope)
        self._index: int | None = None

    def set_op(self, index: Any) -> None:
        """Choose; see :meth:`denormalize` for what is taken."""
        self._index = self.denormalize(index)

    def get_op(self, index: Any) -> Operation:
        """Choose, and return the operation."""
        self.set_op(index)
        return self.op

    @property
    def index(self) -> int:
        """The choice.

        Raises:
            SpaceError: nothing was chosen yet.
        """
        if self._index is None:
            raise SpaceError(
                f"node {self.name!r} has chosen no operation, call set_ops first"
            )
        return self._index

    def denormalize(self, index: Any) -> int:
        """Read a choice.

        Args:
            index: a whole number below :attr:`num_ops`, or a float x in [0, 1), which
                stands for x times :attr:`num_ops`, rounded down.

        Returns:
            The whole number.

        Raises:
            SpaceError: neither of both.
        """
        n_ops = len(self._ops)
        if type(index) is int and 0 <= index < n_ops:
            return index  # as nearly always, and often
        if isinstance(index, bool):
            pass  # a number to Python, though nobody's choice
        elif isinstance(index, Integral):
            chosen = int(index)
            if 0 <= chosen < n_ops:
                return chosen
        elif isinstance(index, Real) and 0 <= float(index) < 1 and n_ops:
            return floor(float(index) * n_ops)
        raise SpaceError(
            f"node {self.name!r} has no choice {index}, expected 0 to {n_ops - 1} or a "
            "float in [0, 1)"
        )


class MimeNode(_ChoosingNode):
    """A node that makes the same choice as another, with layers of its own.

    Args:
        node: the variable node to follow.
        name: unique within a space; the space gives one if it is empty.
        scope: prefix of the names of the layers made here; the name by default.

    Raises:
        TypeError: ``node`` does not choose.
    """

    node_type = "mime"

    def __init__(self, node: VariableNode, name: str = "", scope: str = "") -> None:
        if not isinstance(node, VariableNode):
            raise TypeError(
                f"MimeNode follows a VariableNode, found {type(node).__name__}"
            )
        super().__init__(name, scope)
        self.node = node

    @property
    def decider(self) -> Node:
        """The node it follows."""
        return self.node

    @property
    def ops(self) -> tuple[Operation, ...]:
        """Its own operations where any were added, else those of the other node."""
        return super().ops or self.node.ops

    @property
    def index(self) -> int:
        """The choice of the node it follows."""
        return self.node.index


class MirrorNode(Node):
    """A node that applies the very layers of another node, weights shared.

    Args:
        node: the node whose layers are applied.
        name: unique within a space; the space gives one if it is empty.
    """

    node_type = "mirror"

    def __init__(self, node: Node, name: str = "") -> None:
        super().__init__(name)
        self.node = node

    @property
    def decider(self) -> Node:
        """That of the node it mirrors."""
        return self.node.decider

    @property
    def owner(self) -> Node:
        """That of the node it mirrors."""
        return self.node.owner

    @property
    def ops(self) -> tuple[Operation, ...]:
        """Those of the node it mirrors."""
        return self.node.ops

    @property
    def op(self) -> Operation:
        """That of the node it mirrors."""
        return self.node.op
