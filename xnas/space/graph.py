"""The search space: a directed acyclic graph of nodes, and the networks in it."""

from collections.abc import Hashable, Sequence
from functools import cached_property
from itertools import count
from math import prod
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from xnas.distances import Features
from xnas.space.base import Node
from xnas.space.canonical import canonical_form, features
from xnas.space.checks import Shape, SpaceError, checked_input_shapes, checked_shape
from xnas.space.description import describe
from xnas.space.network import build_network
from xnas.space.nodes import ConstantNode, MimeNode, VariableNode
from xnas.space.operations import Tensor
from xnas.space.plan import Plan
from xnas.space.precision import FULL, computing_in

if TYPE_CHECKING:
    import keras


class KSearchSpace:
    """A space of Keras networks.

    Args:
        input_shape: shape of one example, or a list of shapes for several inputs.
        output_shape: shape of one prediction.

    Attributes:
        input_shape: list of shapes, one for each input.
        output_shape: shape of one prediction.
        graph: the nodes and their connections, as a ``networkx.DiGraph``.
        input_nodes: one node for each input, named ``input_0``, ``input_1``, …
        compared_as: a smaller space with the same variable nodes, in which the same
            networks are equal, to compare them there; ``None`` for this one. Any change
            of this space drops it.
        precision: what layers compute in, see :mod:`xnas.space.precision`; their last
            node computes in full.

    Raises:
        SpaceError: a shape is no tuple of positive whole numbers.
    """

    def __init__(self, input_shape: Shape | list[Shape], output_shape: Shape) -> None:
        self.input_shape = checked_input_shapes(input_shape)
        self.output_shape = checked_shape("output_shape", output_shape)
        self.graph = nx.DiGraph()
        self.compared_as: KSearchSpace | None
        self.precision = FULL
        self.input_nodes = [
            ConstantNode(op=Tensor(shape), name=f"input_{i}")
            for i, shape in enumerate(self.input_shape)
        ]
        for node in self.input_nodes:
            self.add_node(node)

    # -- building the graph ------------------------------------------------------

    def add_node(self, node: Node) -> None:
        """Add a node, unless it is there; one without a name is given one.

        Raises:
            SpaceError: another node has the same name.
            TypeError: ``node`` is no node.
        """
        if not isinstance(node, Node):
            raise TypeError(f"a node was expected, found {type(node).__name__}")
        if node in self.graph:
            return
        names = {other.name for other in self.graph}
        if node.name in names:
            raise SpaceError(
                f"two nodes are named {node.name!r}, expected unique names"
            )
        if not node.name:
            free = (f"node_{i}" for i in count(len(names)))
            node.name = next(name for name in free if name not in names)
        self.graph.add_node(node)
        node.joined(self)
        self.changed()

    def connect(self, node1: Node, node2: Node) -> None:
        """Feed the output of one node into another; both are added where needed.

        Raises:
            SpaceError: the connection closes a cycle.
            TypeError: one of them is no node.
        """
        self.add_node(node1)
        self.add_node(node2)
        if nx.has_path(self.graph, node2, node1):
            raise SpaceError(
                f"connecting {node1.name!r} to {node2.name!r} closes a cycle, expected "
                "a graph without one"
            )
        self.graph.add_edge(node1, node2, number=self.graph.number_of_edges())
        self.changed()

    def changed(self) -> None:
        """Drop what holds for an older state of the graph alone."""
        self.compared_as = None
        for name in ("plan", "variable_nodes", "mime_nodes"):
            self.__dict__.pop(name, None)

    def closing_nodes(self) -> list[Node]:
        """Return nodes that follow the graph in every network; none here."""
        return []

    # -- asking ------------------------------------------------------------------

    @property
    def nodes(self) -> list[Node]:
        """All nodes, in the order they were added."""
        return list(self.graph)

    @cached_property
    def variable_nodes(self) -> list[VariableNode]:
        """Nodes that choose, in the order they were added."""
        return [node for node in self.graph if isinstance(node, VariableNode)]

    @cached_property
    def mime_nodes(self) -> list[MimeNode]:
        """Nodes that follow another's choice, in the order they were added."""
        return [node for node in self.graph if isinstance(node, MimeNode)]

    @property
    def num_nodes(self) -> int:
        """Number of variable nodes, which is the length of a genotype."""
        return len(self.variable_nodes)

    @property
    def max_num_ops(self) -> int:
        """Largest number of choices of any variable node."""
        return max(node.num_ops for node in self.variable_nodes)

    @property
    def output_node(self) -> Node:
        """The one node that feeds no other."""
        return self.plan.steps[self.plan.output].node

    @cached_property
    def plan(self) -> Plan:
        """The graph in topological order; checked when first asked for.

        Raises:
            SpaceError: the graph has a cycle, a node that no input reaches or that
                has no operation, or not exactly one output.
        """
        edges = sorted(self.graph.edges(data="number"), key=lambda edge: edge[2])
        return Plan(
            [*self.graph, *self.closing_nodes()],
            [(source, node) for source, node, _ in edges],
            self.input_nodes,
        )

    @property
    def size(self) -> int:
        """Number of genotypes."""
        return prod(high + 1 for _, high in self.choices())

    def choices(self) -> list[tuple[int, int]]:
        """Return the lowest and highest choice of each variable node."""
        for node in self.variable_nodes:
            node.check_has_ops()
        return [(0, node.num_ops - 1) for node in self.variable_nodes]

    def describe(self) -> dict[str, Any]:
        """Return what is needed to draw any network of the space.

        Returns:
            JSON-able dictionary: ``input_shape`` (a list for each input),
            ``output_shape``, and what :func:`xnas.space.description.describe` returns.
        """
        return {
            "input_shape": [list(shape) for shape in self.input_shape],
            "output_shape": list(self.output_shape),
            **describe(self.plan),
        }

    # -- choosing ------------------------------------------------------------------

    def set_ops(self, indexes: Sequence[Any]) -> None:
        """Choose a network.

        Args:
            indexes: one choice a variable node: whole numbers, or floats in [0, 1).

        Raises:
            SpaceError: a wrong number of choices, or one that does not exist; the
                choices of before then stay.
        """
        choices = self.denormalize(indexes)
        for node, choice in zip(self.variable_nodes, choices, strict=True):
            node.set_op(choice)

    def denormalize(self, indexes: Sequence[Any]) -> tuple[int, ...]:
        """Read choices as whole numbers.

        Args:
            indexes: one choice a variable node: whole numbers, or floats in [0, 1).

        Returns:
            One whole number a variable node.

        Raises:
            SpaceError: a wrong number of choices, or one that does not exist.
        """
        nodes = self.variable_nodes
        if len(indexes) != len(nodes):
            raise SpaceError(
                f"{len(indexes)} choices found, expected {len(nodes)}, one for each "
                "variable node"
            )
        return tuple(n.denormalize(i) for n, i in zip(nodes, indexes, strict=True))

    @property
    def _compared(self) -> "KSearchSpace":
        return self if self.compared_as is None else self.compared_as

    def _chosen(self) -> tuple[int, ...]:
        return tuple(node.index for node in self.variable_nodes)

    def is_connected(self, indexes: Sequence[Any] | None = None) -> bool:
        """Whether any input reaches the output; builds no network.

        Args:
            indexes: one choice a variable node; those of :meth:`set_ops` if ``None``.

        Returns:
            Whether there is a path around all operations that pass nothing on.

        Raises:
            SpaceError: the choices do not fit, or the graph is no space.
        """
        choices = self._chosen() if indexes is None else self.denormalize(indexes)
        return self._compared.plan.is_connected(choices)

    def are_connected(self, genotypes: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Tell :meth:`is_connected` of many networks at once.

        Args:
            genotypes: (networks, variable nodes) whole numbers.

        Returns:
            (networks,) truth values.
        """
        return self._compared.plan.are_connected(genotypes)

    def canonical_form(self, indexes: Sequence[Any]) -> Hashable:
        """Return what a network shares with those that compute the same function.

        Args:
            indexes: one choice a variable node.

        Returns:
            See :func:`xnas.space.canonical.canonical_form`; ``None`` for a network
            without a path from input to output.
        """
        return canonical_form(self._compared.plan, self._compared.denormalize(indexes))

    def features(self, indexes: Sequence[Any]) -> Features:
        """List what a network has in common with others that are much like it.

        Args:
            indexes: one choice a variable node, of a connected network.

        Returns:
            See :func:`xnas.space.canonical.features`.
        """
        return features(self._compared.plan, self._compared.denormalize(indexes))

    def create_model(self) -> "keras.Model":
        """Build the chosen network with fresh weights.

        What no input reaches, or what does not reach the output, is left out.

        Returns:
            A functional Keras model with layers named ``<node>.<layer>``. It takes one
            tensor, or a dictionary of tensors by input name where there are several.

        Raises:
            SpaceError: no input reaches the output, an operation does not take what
                arrives, or the output has another shape than the space's.
        """
        choices = self._chosen()
        if not self.plan.is_connected(choices):
            raise SpaceError(
                f"network {list(choices)} has no path from input to output, expected "
                "choices that leave one"
            )
        with computing_in(self.precision):
            model = build_network(self.plan, self.input_shape, choices)
        found = tuple(model.outputs[0].shape[1:])
        if found != self.output_shape:
            raise SpaceError(
                f"the network's output has shape {found}, expected output_shape "
                f"{self.output_shape}"
            )
        return model
