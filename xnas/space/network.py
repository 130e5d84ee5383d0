"""Build the network of one genotype as a functional Keras model."""

import re
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from xnas.space.base import Node
from xnas.space.blocks import Block
from xnas.space.checks import Shape, SpaceError
from xnas.space.plan import Plan, Step
from xnas.space.precision import FULL, computing_in

if TYPE_CHECKING:
    import keras


def build_network(
    plan: Plan, input_shapes: Sequence[Shape], choices: Sequence[int]
) -> "keras.Model":
    """Make the layers of a connected network and call them in order.

    Args:
        plan: of the space.
        input_shapes: one for each input.
        choices: one whole number a variable node.

    Returns:
        A model of one tensor, or of a dictionary of tensors where there are several
        inputs.

    Raises:
        SpaceError: an operation does not take what arrives, or two nodes have layers
            of one name.
    """
    import keras

    names = [plan.steps[i].node.name for i in plan.inputs]
    inputs = {
        name: keras.Input(shape, name=name)
        for name, shape in zip(names, input_shapes, strict=True)
    }
    tensors: dict[int, Any] = dict(zip(plan.inputs, inputs.values(), strict=True))
    blocks: dict[Node, Block] = {}
    for i, feeds in plan.active(choices).items():
        if i not in tensors:
            arriving = [tensors[source] for source in feeds]
            # Predictions are worth all bits, and losses ask for them.
            with computing_in(FULL) if i == plan.output else nullcontext():
                tensors[i] = _apply(plan.steps[i], choices, arriving, blocks)
    _refuse_clashes(blocks)
    return keras.Model(
        inputs=inputs if len(inputs) > 1 else inputs[names[0]],
        outputs=tensors[plan.output],
        name="network",  # else Keras counts, and names depend on what was built before
    )


def _apply(
    step: Step, choices: Sequence[int], tensors: list[Any], blocks: dict[Node, Block]
) -> Any:
    """Apply a node's operation; ``blocks`` remembers the layers for mirrors."""
    owner = step.node.owner
    operation = owner.ops[step.choice(choices)]
    try:
        if owner not in blocks:
            blocks[owner] = operation.build(owner.scope)
        return blocks[owner](tensors)
    except (TypeError, ValueError, NotImplementedError) as error:
        shapes = ", ".join(str(tuple(t.shape[1:])) for t in tensors)
        raise SpaceError(
            f"node {step.node.name!r} cannot apply {operation.name} to inputs of shape "
            f"{shapes}: {_first_line(error)}"
        ) from error


def _refuse_clashes(blocks: dict[Node, Block]) -> None:
    """Name the nodes whose layers Keras would take for one another."""
    owners: dict[str, Node] = {}
    for node, block in blocks.items():
        for layer in block.layers:
            other = owners.setdefault(layer.name, node)
            if other is not node:
                raise SpaceError(
                    f"the nodes {other.name!r} and {node.name!r} both have a layer "
                    f"called {layer.name!r}, which is scope and name between dots, "
                    "expected another name or scope of one of them"
                )


def _first_line(error: Exception) -> str:
    """Return what Keras has to say, without its colours and its preamble."""
    lines = re.sub(r"\x1b\[\d+m", "", str(error)).splitlines()
    said = (s.strip() for s in lines if s and not s.startswith("Exception encountered"))
    return next(said, type(error).__name__)
