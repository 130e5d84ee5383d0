"""Build the network of one genotype as a functional Keras model."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xnas.space.blocks import Block
from xnas.space.checks import Shape, SpaceError
from xnas.space.nodes import MirrorNode, Node
from xnas.space.plan import Plan, Step

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
        SpaceError: an operation does not take what arrives.
    """
    import keras

    tensors: dict[int, Any] = {}
    for i, shape in zip(plan.inputs, input_shapes, strict=True):
        tensors[i] = keras.Input(shape, name=plan.steps[i].node.name)
    inputs = {plan.steps[i].node.name: tensors[i] for i in plan.inputs}
    blocks: dict[Node, Block] = {}
    for i, feeds in plan.active(choices).items():
        if i not in tensors:
            tensors[i] = _apply(
                plan.steps[i], choices, [tensors[s] for s in feeds], blocks
            )
    single = len(inputs) == 1
    return keras.Model(
        inputs=next(iter(inputs.values())) if single else inputs,
        outputs=tensors[plan.output],
        name="network",  # else Keras counts, and names depend on what was built before
    )


def _apply(
    step: Step, choices: Sequence[int], tensors: list[Any], blocks: dict[Node, Block]
) -> Any:
    """Apply a node's operation; ``blocks`` remembers the layers for mirrors."""
    owner = step.node
    while isinstance(owner, MirrorNode):
        owner = owner.node
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


def _first_line(error: Exception) -> str:
    """Return what Keras has to say, without its colours and its preamble."""
    lines = re.sub(r"\x1b\[\d+m", "", str(error)).splitlines()
    told = [s for s in lines if s and not s.startswith("Exception encountered")]
    return told[0].strip() if told else type(error).__name__
