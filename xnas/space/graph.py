"""The search space: a directed acyclic graph of nodes, and the networks in it."""

from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import networkx as nx

from xnas.space.nodes import (
    ConstantNode,
    MimeNode,
    MirrorNode,
    Node,
    SpaceError,
    VariableNode,
)
from xnas.space.operations import Apply, Connect, Operation, Tensor, Zero

if TYPE_CHECKING:
    import keras

Shape = tuple[int, ...]


class KSearchSpace:
    """A space of Keras networks.

    Args:
        input_shape: shape of one example, or a list of shapes for several inputs.
        output_shape: shape of one prediction.

    Raises:
        SpaceError: a shape is no tuple of positive whole numbers.
    """

    def __init__(self, input_shape: Shape | list[Shape], output_shape: Shape) -> None:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        self.input_shape = [_checked_shape("input_shape", s) for s in shapes]
        self.output_shape = _checked_shape("output_shape", output_shape)
        self.graph = nx.DiGraph()
        self._choices: tuple[int, ...] | None = None
        self.input_nodes: list[ConstantNode] = []
        for i, shape in enumerate(self.input_shape):
            node = ConstantNode(op=Tensor(shape, f"input_{i}"), name=f"input_{i}")
            self.input_nodes.append(node)
            self.add_node(node)

    # -- building the graph ------------------------------------------------------

    def add_node(self, node: Node) -> None:
        """Add a node; merges that name the nodes they merge get connected.

        Raises:
            SpaceError: another node has the same name.
        """
        if node in self.graph:
            return
        node.name = node.name or f"node_{len(self.graph)}"
        if any(other.name == node.name for other in self.graph):
            raise SpaceError(
                f"two nodes are named {node.name!r}, expected unique names"
            )
        self._forget()
        self.graph.add_node(node)
        if isinstance(node, (ConstantNode, VariableNode)):
            for operation in node.operations:
                for source in getattr(operation, "stacked_nodes", ()):
                    self.connect(source, node)

    def connect(self, node1: Node, node2: Node) -> None:
        """Feed the output of one node into another; both are added where needed.

        Raises:
            SpaceError: the connection closes a cycle.
        """
        self.add_node(node1)
        self.add_node(node2)
        if node1 is node2 or nx.has_path(self.graph, node2, node1):
            raise SpaceError(
                f"connecting {node1.name!r} to {node2.name!r} closes a cycle, expected "
                "a graph without one"
            )
        self._forget()
        self.graph.add_edge(node1, node2)

    def _forget(self) -> None:
        """Drop what was worked out of an older state of the graph."""
        for name in ("_plan", "variable_nodes", "mime_nodes"):
            self.__dict__.pop(name, None)

    # -- asking ------------------------------------------------------------------

    @property
    def nodes(self) -> list[Node]:
        """All nodes, in the order they were added."""
        return list(self.graph)

    @cached_property
    def variable_nodes(self) -> list[VariableNode]:
        """Nodes that choose, in the order they were added; mimes are not among them."""
        return [
            n
            for n in self.graph
            if isinstance(n, VariableNode) and not isinstance(n, MimeNode)
        ]

    @cached_property
    def mime_nodes(self) -> list[MimeNode]:
        """Nodes that follow another's choice."""
        return [n for n in self.graph if isinstance(n, MimeNode)]

    @property
    def output_node(self) -> Node:
        """The one node that feeds no other.

        Raises:
            SpaceError: there are several, or none but inputs.
        """
        ends = [n for n in self.graph if not self.graph.out_degree(n)]
        if len(ends) != 1:
            names = ", ".join(repr(n.name) for n in ends)
            raise SpaceError(
                f"the nodes {names} feed no other, expected one output node; merge them"
            )
        return ends[0]

    @property
    def size(self) -> int:
        """Number of genotypes."""
        return prod(node.num_ops for node in self.variable_nodes)

    def choices(self) -> list[tuple[int, int]]:
        """Return the lowest and highest choice of each variable node."""
        return [(0, node.num_ops - 1) for node in self.variable_nodes]

    def set_ops(self, indexes: Sequence[Any]) -> None:
        """Choose a network.

        Args:
            indexes: one choice a variable node: whole numbers, or floats in [0, 1).

        Raises:
            SpaceError: a wrong number of choices, or one that does not exist.
        """
        self._choices = self.genotype(indexes)

    def genotype(self, indexes: Sequence[Any]) -> tuple[int, ...]:
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
        return tuple(n.choice(i) for n, i in zip(nodes, indexes, strict=True))

    @property
    def chosen(self) -> tuple[int, ...]:
        """The choices of :meth:`set_ops`.

        Raises:
            SpaceError: nothing was chosen yet.
        """
        if self._choices is None:
            if self.variable_nodes:
                raise SpaceError("no network is chosen, call set_ops first")
            return ()
        return self._choices

    def is_connected(self, indexes: Sequence[Any] | None = None) -> bool:
        """Whether any input reaches the output; builds no network.

        Args:
            indexes: one choice a variable node; those of :meth:`set_ops` if ``None``.

        Returns:
            Whether there is a path around all zero operations.

        Raises:
            SpaceError: the choices do not fit, or the graph is no space.
        """
        choices = self.chosen if indexes is None else self.genotype(indexes)
        return self._plan.is_connected(choices)

    def describe(self) -> dict[str, Any]:
        """Return what is needed to draw any network of the space.

        Returns:
            JSON-able dictionary: ``nodes`` (name, kind, operations, and the node that
            a mime or mirror follows), ``edges`` (pairs of names), ``inputs``,
            ``output``, ``input_shape``, ``output_shape``.
        """
        nodes = []
        for node in self.graph:
            entry: dict[str, Any] = {
                "name": node.name,
                "kind": node.kind,
                "operations": [operation.name for operation in node.operations],
            }
            if isinstance(node, (MimeNode, MirrorNode)):
                entry["follows"] = node.node.name
            nodes.append(entry)
        return {
            "input_shape": [list(shape) for shape in self.input_shape],
            "output_shape": list(self.output_shape),
            "nodes": nodes,
            "edges": [[a.name, b.name] for a, b in self.graph.edges],
            "inputs": [node.name for node in self.input_nodes],
            "output": self.output_node.name,
        }

    # -- building networks ---------------------------------------------------------

    @cached_property
    def _plan(self) -> "Plan":
        return Plan(self)

    def create_model(self) -> "keras.Model":
        """Build the chosen network with fresh weights.

        What no input reaches, or what does not reach the output, is left out.

        Returns:
            A functional Keras model with layers named ``<node>.<layer>``.

        Raises:
            SpaceError: no input reaches the output, or the output has another shape
                than the space's.
        """
        import keras

        choices = self.chosen
        if not self.is_connected(choices):
            raise SpaceError(
                f"network {list(choices)} has no path from input to output"
            )
        inputs, output = self._plan.apply(choices)
        if tuple(output.shape[1:]) != self.output_shape:
            raise SpaceError(
                f"the network's output has shape {tuple(output.shape[1:])}, expected "
                f"output_shape {self.output_shape}"
            )
        return keras.Model(inputs=inputs, outputs=output)


class Plan:
    """A space's graph in topological order, fixed for asking often.

    Args:
        space: the space; must not change afterwards.

    Raises:
        SpaceError: the graph has a cycle, an unreachable node, a node without
            operation, or not one output.
    """

    def __init__(self, space: KSearchSpace) -> None:
        possible = nx.DiGraph(space.graph)
        for node in space.graph:
            for operation in node.operations:
                if isinstance(operation, Connect):
                    possible.add_edges_from((s, node) for s in operation.sources)
        _check_graph(space, possible)
        self.space = space
        order = list(nx.lexicographical_topological_sort(possible, key=lambda n: 0))
        position = {node: i for i, node in enumerate(order)}
        variables = {node: i for i, node in enumerate(space.variable_nodes)}
        self.nodes = order
        self.output = position[space.output_node]
        self.inputs = {position[node] for node in space.input_nodes}
        self.sources = [
            tuple(position[p] for p in space.graph.predecessors(node)) for node in order
        ]
        # Which variable decides a node's operation; None where nothing is to choose.
        self.decided_by = [variables.get(_decider(node)) for node in order]
        self.passes = [
            tuple(not isinstance(o, Zero) for o in node.operations) for node in order
        ]
        self.extra = [
            tuple(
                tuple(position[s] for s in o.sources) if isinstance(o, Connect) else ()
                for o in node.operations
            )
            for node in order
        ]
        self._steps = [
            (i, self.sources[i], self.decided_by[i], self.passes[i], self.extra[i])
            for i in range(len(order))
            if i not in self.inputs
        ]

    def is_connected(self, choices: Sequence[int]) -> bool:
        """Whether any input reaches the output under these choices."""
        return self._reached(choices)[self.output]

    def _reached(self, choices: Sequence[int]) -> list[bool]:
        reached = [False] * len(self.nodes)
        for i in self.inputs:
            reached[i] = True
        for i, sources, variable, passes, extra in self._steps:
            choice = 0 if variable is None else choices[variable]
            if passes[choice]:
                for source in sources + extra[choice]:
                    if reached[source]:
                        reached[i] = True
                        break
        return reached

    def apply(
        self, choices: Sequence[int]
    ) -> tuple[list["keras.KerasTensor"], "keras.KerasTensor"]:
        """Make the layers of a connected network and call them in order.

        Returns:
            The input tensors, and the output tensor.
        """
        import keras

        reached = self._reached(choices)
        needed = self._needed(choices, reached)
        tensors: dict[int, keras.KerasTensor] = {}
        inputs = []
        built: dict[Node, Apply] = {}
        for i, node in enumerate(self.nodes):
            if i in self.inputs:
                shape = self.space.input_shape[self.space.input_nodes.index(node)]
                tensors[i] = keras.Input(shape, name=node.name)
                inputs.append(tensors[i])
            elif i in needed:
                incoming = [tensors[s] for s in self._feeds(i, choices) if reached[s]]
                owner = node.node if isinstance(node, MirrorNode) else node
                if owner not in built:
                    built[owner] = self._operation(i, choices).build(owner.scope)
                tensors[i] = built[owner](incoming)
        return inputs, tensors[self.output]

    def _feeds(self, i: int, choices: Sequence[int]) -> tuple[int, ...]:
        return self.sources[i] + self.extra[i][self._choice(i, choices)]

    def _choice(self, i: int, choices: Sequence[int]) -> int:
        variable = self.decided_by[i]
        return 0 if variable is None else choices[variable]

    def _operation(self, i: int, choices: Sequence[int]) -> Operation:
        return self.nodes[i].operations[self._choice(i, choices)]

    def _needed(self, choices: Sequence[int], reached: list[bool]) -> set[int]:
        needed, waiting = set(), [self.output]
        while waiting:
            i = waiting.pop()
            if i not in needed:
                needed.add(i)
                waiting.extend(s for s in self._feeds(i, choices) if reached[s])
        return needed


def _decider(node: Node) -> Node:
    while isinstance(node, (MimeNode, MirrorNode)):
        node = node.node
    return node


def _check_graph(space: KSearchSpace, possible: nx.DiGraph) -> None:
    if not nx.is_directed_acyclic_graph(possible):
        names = " → ".join(a.name for a, *_ in nx.find_cycle(possible))
        raise SpaceError(
            f"the nodes {names} form a cycle, expected a graph without one"
        )
    fed = set(space.input_nodes).union(
        *(nx.descendants(possible, node) for node in space.input_nodes)
    )
    for node in space.graph:
        if not node.operations:
            raise SpaceError(
                f"node {node.name!r} has no operation, expected one or more"
            )
        if node not in fed:
            raise SpaceError(
                f"node {node.name!r} is reached from no input, expected a connection"
            )
        decider = _decider(node)
        if decider not in space.graph:
            raise SpaceError(
                f"node {node.name!r} follows {decider.name!r}, which is not in the space"
            )
        if isinstance(node, MimeNode) and len(node.operations) != len(
            decider.operations
        ):
            raise SpaceError(
                f"node {node.name!r} has {len(node.operations)} choices, expected "
                f"{len(decider.operations)} as the node it follows"
            )
    if space.output_node in space.input_nodes:
        raise SpaceError("no node is connected to an input, expected a network")


def _checked_shape(name: str, shape: Any) -> Shape:
    try:
        sizes = tuple(int(size) for size in shape)
    except (TypeError, ValueError):
        sizes = ()
    if not sizes or any(size < 1 for size in sizes):
        raise SpaceError(
            f"{name} is {shape!r}, expected a tuple of positive whole numbers"
        )
    return sizes
