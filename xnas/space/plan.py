"""A search space's graph in topological order: what is asked of it again and again.

Everything that differs between networks is in :attr:`Step.feeds`, so that whoever
builds one network, or the layers of all of them, walks the same list of steps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from xnas.space.base import Node
from xnas.space.checks import SpaceError, quoted
from xnas.space.nodes import ConstantNode, MirrorNode, VariableNode
from xnas.space.operations import Tensor


@dataclass(frozen=True)
class Step:
    """One node.

    Attributes:
        node: the node.
        variable: position of the choice that picks its operation; −1 where there is
            nothing to choose.
        sources: positions of the steps that are connected to the node.
        feeds: for each operation, positions of the steps whose outputs it takes; none
            for one that passes nothing on.
    """

    node: Node
    variable: int
    sources: tuple[int, ...]
    feeds: tuple[tuple[int, ...], ...]

    def choice(self, choices: Sequence[int]) -> int:
        """Position of the operation it applies under these choices."""
        return 0 if self.variable < 0 else choices[self.variable]


class Plan:
    """The steps of a space, each after those it takes inputs from.

    Args:
        nodes: all nodes, inputs included.
        edges: connections among them.
        input_nodes: where examples enter.

    Attributes:
        steps: the nodes in topological order.
        inputs: positions of the inputs, in the order of ``input_nodes``.
        output: position of the output.

    Raises:
        SpaceError: a cycle, a node that no input reaches, one without operation or
            with the wrong number of them, a name that occurs twice, or not exactly one
            output.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        edges: Iterable[tuple[Node, Node]],
        input_nodes: Sequence[ConstantNode],
    ) -> None:
        connected: dict[Node, list[Node]] = {node: [] for node in nodes}
        for source, node in edges:
            connected[node].append(source)
        graph = _possible_graph(connected)
        _check_nodes(nodes, input_nodes)
        _check_graph(graph, input_nodes)
        order = list(nx.topological_sort(graph))
        position = {node: i for i, node in enumerate(order)}
        variables = [node for node in nodes if isinstance(node, VariableNode)]
        number: dict[Node, int] = {node: i for i, node in enumerate(variables)}
        self.steps = [
            Step(
                node,
                number.get(node.decider, -1),
                tuple(position[source] for source in connected[node]),
                tuple(
                    tuple(position[s] for s in feed)
                    for feed in _feeds(node, connected[node])
                ),
            )
            for node in order
        ]
        self.inputs = [position[node] for node in input_nodes]
        self.output = position[_output(graph, input_nodes)]
        self._moves = [
            (i, step.variable, step.feeds)
            for i, step in enumerate(self.steps)
            if i not in self.inputs
        ]

    def reached(self, choices: Sequence[int]) -> list[bool]:
        """Tell which steps any input reaches.

        Args:
            choices: one whole number a variable node.

        Returns:
            One truth value a step.
        """
        reached = [False] * len(self.steps)
        for i in self.inputs:
            reached[i] = True
        choices = (*choices, 0)  # steps without a choice look it up at −1
        for i, variable, feeds in self._moves:
            for source in feeds[choices[variable]]:
                if reached[source]:
                    reached[i] = True
                    break
        return reached

    def is_connected(self, choices: Sequence[int]) -> bool:
        """Whether any input reaches the output."""
        return self.reached(choices)[self.output]

    def are_connected(self, choices: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether any input reaches the output, for many networks at once.

        Args:
            choices: (networks, variable nodes) whole numbers.

        Returns:
            (networks,) truth values.
        """
        reached = np.zeros((len(self.steps), len(choices)), bool)
        reached[self.inputs] = True
        for i, variable, feeds in self._moves:
            for number, feed in enumerate(feeds):
                if feed:
                    is_chosen = variable < 0 or choices[:, variable] == number
                    reached[i] |= reached[list(feed)].any(axis=0) & is_chosen
        return reached[self.output]

    def active(self, choices: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Tell what a network consists of.

        Args:
            choices: one whole number a variable node.

        Returns:
            For each step that an input reaches and that reaches the output, in
            order, the active steps it takes its inputs from.
        """
        reached = self.reached(choices)
        found: dict[int, tuple[int, ...]] = {}
        waiting = [self.output] if reached[self.output] else []
        choices = (*choices, 0)  # as in :meth:`reached`
        while waiting:
            i = waiting.pop()
            if i not in found:
                step = self.steps[i]
                feeds = step.feeds[choices[step.variable]]
                found[i] = tuple([s for s in feeds if reached[s]])
                waiting += found[i]
        return dict(sorted(found.items()))


def _feeds(node: Node, connected: list[Node]) -> Iterable[list[Node]]:
    """For each operation of a node, the nodes it takes inputs from."""
    for operation in node.ops:
        own = () if isinstance(node, MirrorNode) else operation.sources
        yield [*dict.fromkeys([*connected, *own])] if operation.passes else []


def _possible_graph(connected: dict[Node, list[Node]]) -> nx.DiGraph:
    """Graph of the connections of all networks together."""
    graph = nx.DiGraph()
    graph.add_nodes_from(connected)
    for node, sources in connected.items():
        graph.add_edges_from((source, node) for source in sources)
        for feed in _feeds(node, sources):
            graph.add_edges_from((source, node) for source in feed)
    return graph


def _check_nodes(nodes: Sequence[Node], input_nodes: Sequence[Node]) -> None:
    known: set[Node] = set(nodes)
    of_scope: dict[str, Node] = {}
    for node in nodes:
        node.check_has_ops()
        if node not in input_nodes and any(
            isinstance(op, Tensor) and op.shape for op in node.ops
        ):
            raise SpaceError(
                f"node {node.name!r} holds a tensor, expected inputs to come from "
                "the search space's input_shape"
            )
        decider = node.decider
        if decider not in known:
            raise SpaceError(
                f"node {node.name!r} follows {decider.name!r}, which is not in the "
                "search space"
            )
        if len(node.ops) != len(decider.ops):
            raise SpaceError(
                f"node {node.name!r} has {len(node.ops)} choices, expected "
                f"{len(decider.ops)} as {decider.name!r}, which it follows"
            )
        other = of_scope.setdefault(node.scope, node)
        if other is not node:
            raise SpaceError(
                f"two nodes name their layers {node.scope!r}, {other.name!r} and "
                f"{node.name!r}, expected unique names (slashes become dots)"
            )


def _check_graph(graph: nx.DiGraph, input_nodes: Sequence[Node]) -> None:
    if not nx.is_directed_acyclic_graph(graph):
        names = [edge[0].name for edge in nx.find_cycle(graph)]
        raise SpaceError(
            f"the nodes {quoted(names)} form a cycle, expected a graph without one"
        )
    for node in input_nodes:
        if not graph.out_degree(node):
            raise SpaceError(
                f"input {node.name!r} is connected to no node, expected one or more"
            )
    fed = set(input_nodes).union(*(nx.descendants(graph, n) for n in input_nodes))
    for node in graph:
        if node not in fed:
            raise SpaceError(
                f"node {node.name!r} is reached from no input, expected a connection"
            )


def _output(graph: nx.DiGraph, input_nodes: Sequence[Node]) -> Node:
    ends = [node for node in graph if not graph.out_degree(node)]
    if len(ends) > 1:
        raise SpaceError(
            f"the nodes {quoted([n.name for n in ends])} feed no other, expected one "
            "output node; merge them"
        )
    return ends[0]
