"""What a search space is made of: nodes, and the operations that they apply.

An operation is a factory of Keras layers and holds none of a network.
:meth:`Operation.build` makes fresh ones, so that a network built twice shares nothing.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from xnas.errors import one_line
from xnas.names import keras_name
from xnas.space.blocks import Block, Chain, Layer
from xnas.space.carried import carry, check_no_tables, digest, has_state
from xnas.space.checks import SpaceError, checked_name
from xnas.space.precision import FULL, is_mixed


class Node:
    """A point of the graph that applies an operation to what arrives.

    Args:
        name: unique within a space; the space gives one if it is empty.
        scope: prefix of the names of the layers made here; the name by default.
    """

    node_type = ""

    def __init__(self, name: str = "", scope: str = "") -> None:
        self.name = checked_name("node", name)
        self._scope = checked_name("scope", scope)
        self._spaces: list[Any] = []
        self._ops: list[Operation] = []

    @property
    def scope(self) -> str:
        """Prefix of the names of the layers made here, fit for Keras."""
        return keras_name(self.given_scope)

    @property
    def given_scope(self) -> str:
        """The scope as it was given, before it was made fit for Keras."""
        return self._scope or self.name

    @property
    def ops(self) -> "tuple[Operation, ...]":
        """Everything this node may apply, in the order it was added."""
        return tuple(self._ops)

    @property
    def op(self) -> "Operation":
        """What this node applies in the chosen network.

        Raises:
            SpaceError: nothing was chosen yet.
        """
        raise NotImplementedError(f"{type(self).__name__} says nothing of its choice")

    @property
    def decider(self) -> "Node":
        """The node whose choice this one makes; itself, unless it follows another."""
        return self

    @property
    def owner(self) -> "Node":
        """The node whose layers this one applies; itself, unless it mirrors another."""
        return self

    def check_has_ops(self) -> None:
        """Check that there is anything to apply.

        Raises:
            SpaceError: there is not.
        """
        if not self.ops:
            raise SpaceError(
                f"node {self.name!r} has no operation, expected one or more"
            )

    def joined(self, space: Any) -> None:
        """Note a space this node belongs to, which hears of new operations."""
        self._spaces.append(space)

    def _changed(self) -> None:
        for space in self._spaces:
            space.changed()

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def __repr__(self) -> str:
        """Return class and name."""
        return f"{type(self).__name__}(name={self.name!r})"


class Operation:
    """Applies one Keras layer; subclasses override :meth:`layers` or :meth:`build`.

    Args:
        layer: the layer to copy into every network, with the weights and the state
            that it has by then, such as those of an adapted ``Normalization``.
        name: label in drawings and descriptions; the layer's class by default.

    Attributes:
        passes: whether anything comes out; where not, the node is cut out.
        is_pure: whether it has neither weights nor layers that introspectability looks
            at, so that it gives the same wherever it is applied to the same.
        search_space: the space of the nodes in ``sources``.
        sources: nodes that feed whichever node applies this operation, beside those
            connected to it.

    Raises:
        TypeError: ``layer`` is no Keras layer.
        SpaceError: it has state that cannot be copied.
    """

    passes = True
    is_pure = False
    # For subclasses of 2021, which do not call __init__.
    name = "Operation"
    _layer: Any = None
    search_space: Any = None
    sources: Sequence[Node] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Name the subclass's operations after it."""
        super().__init_subclass__(**kwargs)
        cls.name = cls.__name__

    def __init__(self, layer: Any = None, name: str = "") -> None:
        if layer is not None and not hasattr(layer, "get_config"):
            raise TypeError(
                f"Operation takes a Keras layer, found {type(layer).__name__}"
            )
        if layer is not None and hasattr(layer, "_flatten_layers"):
            check_no_tables(layer)
        self._layer = layer
        own = type(self if layer is None else layer).__name__
        self.name = checked_name("operation", name) or own

    def init(self, current_node: Node) -> None:
        """Connect :attr:`sources` to the node that always applies this operation."""
        if self.search_space is not None:
            for source in self.sources:
                self.search_space.connect(source, current_node)

    def layers(self, scope: str) -> list[Layer]:
        """Make the chain of layers this operation applies.

        Args:
            scope: prefix of the layers' names, such as ``cell_0.edge_2``.

        Returns:
            Fresh layers, in the order they are applied.

        Raises:
            SpaceError: neither a layer was given nor this method overridden, or the
                layer cannot be copied.
        """
        if self._layer is None and callable(self):
            raise SpaceError(
                f"operation {self.name} is called with tensors, which was 2021's way, "
                "expected a method layers(self, scope) that returns Keras layers"
            )
        if self._layer is None:
            raise SpaceError(
                f"operation {self.name} has no layer, expected one, or a method layers"
            )
        own = keras_name(_own_name(self._layer))
        return [_copy(self._layer, f"{scope}.{own}")]

    def build(self, scope: str) -> Block:
        """Make the layers for one node of one network.

        Args:
            scope: prefix of the layers' names.

        Returns:
            A function of a list of tensors that knows its layers.
        """
        return Chain(self.layers(scope))

    def signature(self) -> str | None:
        """Return what this operation does, the same for all that do the same.

        Networks are compared by it. A subclass that changes what an operation does
        returns ``None`` unless it says otherwise: its networks are compared by their
        choices alone.
        """
        if type(self) is not Operation or self._layer is None:
            return None
        if _is_lambda(self._layer):
            return None  # its configuration does not tell functions apart
        config = {k: v for k, v in self._layer.get_config().items() if k != "name"}
        layer = type(self._layer)
        name = f"{layer.__module__}.{layer.__qualname__}"
        return f"{name} {config!r} {self._digest}".rstrip()

    @cached_property
    def _digest(self) -> str:
        return digest(self._layer) if has_state(self._layer) else ""

    def __repr__(self) -> str:
        """Return class and label."""
        return f"{type(self).__name__}({self.name!r})"


def _is_lambda(layer: Any) -> bool:
    """Whether a layer wraps a function, whose code Keras would have to read back."""
    return all(hasattr(layer, name) for name in ("function", "arguments", "mask"))


def _copy(layer: Any, name: str) -> Layer:
    """Make a fresh layer like another one.

    Raises:
        SpaceError: its class does not say how.
    """
    class_ = type(layer)
    if _is_lambda(layer):
        return class_(
            layer.function,
            output_shape=layer._output_shape,
            mask=layer.mask,
            arguments=layer.arguments,
            name=name,
            dtype=layer.dtype_policy,
        )
    try:
        config = layer.get_config()
        if is_mixed() and layer.dtype_policy.name == FULL:
            config.pop("dtype", None)  # which is the default's, not the user's
    except NotImplementedError as error:
        raise SpaceError(
            f"layer {class_.__qualname__} has no get_config, expected one that returns "
            "{**super().get_config(), ...} with the arguments of its __init__, since "
            "each network gets a copy"
        ) from error
    try:
        copy = class_.from_config({**config, "name": name})
    except (TypeError, ValueError) as error:
        reason = one_line(error).rpartition("encountered: ")[-1]
        raise SpaceError(
            f"layer {class_.__qualname__} cannot be copied, as each network needs it "
            f"({reason[:300]}), expected an __init__ that takes **kwargs, hands them "
            "to super().__init__, and what get_config returns; a Lambda layer within "
            "it as an operation of its own"
        ) from error
    if has_state(layer):
        carry(layer, copy)
    return copy


def as_operation(op: Any) -> Operation:
    """Wrap a Keras layer; operations pass through.

    Raises:
        TypeError: neither of both.
    """
    return op if isinstance(op, Operation) else Operation(op)


def _own_name(layer: Layer) -> str:
    """Drop the number that Keras appends to a name it made up.

    It counts all layers of the process, and names must not depend on those.
    """
    plain = re.sub(r"_\d+$", "", layer.name)
    made_up = plain.replace("_", "") == type(layer).__name__.lower()
    return plain if made_up else layer.name
