"""Describe a space as plain data, to draw its networks without the task's code."""

from typing import Any

from xnas.names import tell_apart
from xnas.space.base import Node, Operation
from xnas.space.nodes import MimeNode, MirrorNode
from xnas.space.plan import Plan, Step


def describe(plan: Plan) -> dict[str, Any]:
    """Return the graph of a space.

    Args:
        plan: of the space.

    Returns:
        JSON-able dictionary: ``nodes`` in topological order, see below; ``edges``,
        pairs of names; ``inputs`` and ``outputs``, lists of names; ``scopes``, where
        layers are not called by the names that were given, from one to the other. A
        node has ``name``, ``kind`` (``variable``, ``constant``, ``mime`` or
        ``mirror``), ``operations`` (names that tell them apart), ``passes`` (a truth
        value an operation: whether anything comes out), ``connects`` (a list an
        operation: nodes it takes inputs from beside ``edges``), and, for a mime or
        mirror, ``follows`` (a name).
        Choices belong to the variable nodes in the order of ``variables``.
    """
    names = [step.node.name for step in plan.steps]
    variables = sorted(
        (step.variable, step.node.name)
        for step in plan.steps
        if step.node.node_type == "variable"
    )
    scopes = {step.node.scope: step.node.given_scope for step in plan.steps}
    renamed = {k: v for k, v in scopes.items() if k != v.replace("/", ".")}
    return {
        "nodes": [
            _describe_step(step, names, is_input=i in plan.inputs)
            for i, step in enumerate(plan.steps)
        ],
        "edges": [
            [names[source], names[i]]
            for i, step in enumerate(plan.steps)
            for source in step.sources
        ],
        "inputs": [names[i] for i in plan.inputs],
        "outputs": [names[plan.output]],
        "variables": [name for _, name in variables],
        **({"scopes": renamed} if renamed else {}),
    }


def operation_names(node: Node) -> list[str]:
    """Return names of what a node may apply, no two alike.

    Operations of one name are told apart by what differs in their layers'
    configurations, or in their attributes, else by the number of the choice.
    """
    return tell_apart([op.name for op in node.ops], [_settings(op) for op in node.ops])


def _settings(operation: Operation) -> dict[str, Any]:
    """What an operation was made with."""
    layer = operation._layer
    found = vars(operation) if layer is None else layer.get_config()
    hidden = ("name", "search_space", "sources")
    return {k: v for k, v in found.items() if k not in hidden and k[0] != "_"}


def _describe_step(step: Step, names: list[str], is_input: bool) -> dict[str, Any]:
    node = step.node
    described = {
        "name": node.name,
        "kind": node.node_type,
        "operations": operation_names(node),
        "passes": [is_input or operation.passes for operation in node.ops],
        "connects": [
            [names[i] for i in feed if i not in step.sources] for feed in step.feeds
        ],
    }
    if isinstance(node, (MimeNode, MirrorNode)):
        described["follows"] = node.node.name
    return described
