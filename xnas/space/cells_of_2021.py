"""Blocks and cells under the names of the 2021 tool, for task folders of that time.

What they call ``scope`` and ``nullable`` has no effect: the space names layers, and
what nothing reaches is cut out of a network.
"""

import abc
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

from xnas.space.base import Node, Operation
from xnas.space.blocks import (
    Block,
    Chain,
    Layer,
    Tensors,
    activation_layers,
    make_layer,
)
from xnas.space.graph import KSearchSpace
from xnas.space.layers import Dense
from xnas.space.merges import Add, AddByProjecting, ProjectingBlock
from xnas.space.nas_bench_201 import cell_operations
from xnas.space.nas_bench_201_operations import NORM_MOMENTUM, Residual
from xnas.space.nodes import ConstantNode, MimeNode, VariableNode
from xnas.space.operations import Identity
from xnas.space.operations_2d import AvgPool2D, Conv2D, MaxPool2D, SeparableConv2D

# -- operations ------------------------------------------------------------------------


class NullableIdentity(Identity):
    """Passes its input on."""


class AddStrictly(Add):
    """Adds tensors of equal shape.

    Args:
        activation: of the sum, if any; one tensor alone passes through without.
        scope: of no effect.
    """

    def __init__(self, activation: Any = None, scope: str | None = None) -> None:
        super().__init__(name="AddStrictly")
        self.activation = activation


class AddByProjectingND(AddByProjecting):
    """Adds tensors after dense layers have given them the size most have on each axis.

    Args:
        search_space: the space of the stacked nodes.
        stacked_nodes: nodes to connect to the node that holds this operation.
        activation: of the sum, if any.
        axis: of no effect: all are projected.
    """

    def build(self, scope: str) -> Block:
        """Make the layers that add; projections are made when shapes are known."""
        return _ProjectingAxesBlock(scope, self.adding_layers(scope))


class _ProjectingAxesBlock(ProjectingBlock):
    def prepare(self, tensors: list[Any]) -> list[Any]:
        """Append axes of size one to lower ranks, then project axis by axis."""
        alike = self.raised(tensors)
        sizes = [Counter(t.shape[k] for t in alike) for k in range(len(alike[0].shape))]
        # Of those that are as many, the smallest.
        wanted = [
            min(seen, key=lambda size: (-seen[size], size or 0)) for seen in sizes
        ]
        return [
            self._projected(i, tensor, wanted[1:]) for i, tensor in enumerate(alike)
        ]

    def _projected(self, i: int, tensor: Any, wanted: Sequence[int]) -> Any:
        for k, size in enumerate(wanted):
            if tensor.shape[1 + k] == size:
                continue
            order = list(range(1, len(wanted) + 1))
            order[k], order[-1] = order[-1], order[k]
            steps: list[tuple[str, str, Any]] = [("Dense", "project", int(size))]
            if k < len(wanted) - 1:
                back = ("Permute", "swap_back", order)
                steps = [("Permute", "swap", order), *steps, back]
            for class_name, name, argument in steps:
                tensor = self.made_once(class_name, f"{name}_{i}_{k}", argument)(tensor)
        return tensor


class _SummingChain(Chain):
    """Adds up what arrives, then applies one layer after another."""

    def __init__(self, scope: str, layers: Sequence[Layer]) -> None:
        super().__init__(layers)
        self._add = make_layer("Add", f"{scope}.add")

    def __call__(self, tensors: Tensors) -> Any:
        """Apply the layers."""
        return super().__call__([self._add(tensors)] if len(tensors) > 1 else tensors)


class _LayerBlock(Operation):
    """An operation with what the 2021 tool put around it.

    The sum of what arrives, the activation if it comes first, the operation, batch
    normalisation, dropout, the activation if it does not come first.

    Args:
        *args: of the operation.
        scope: of no effect.
        dropout: share that is dropped while training, if any.
        batchnorm: whether to normalise, with the momentum of NAS-Bench-201.
        nullable: of no effect.
        activation_first: whether the activation comes first.
        activation: if any.
        **kwargs: of the operation.
    """

    inner_class: ClassVar[type[Operation]]

    def __init__(
        self,
        *args: Any,
        scope: str | None = None,
        dropout: float | None = None,
        batchnorm: bool = True,
        nullable: bool = False,
        activation_first: bool = False,
        activation: Any = None,
        **kwargs: Any,
    ) -> None:
        self.inner = self.inner_class(*args, **kwargs)
        label = getattr(activation, "__name__", activation)
        rate = dropout and f"dropout_{dropout}"
        words = [str(word) for word in (self.inner.name, label, rate) if word]
        super().__init__(name="_".join(words))
        self.dropout = dropout
        self.batchnorm = batchnorm
        self.activation_first = activation_first
        self.activation = activation

    def build(self, scope: str) -> Block:
        """Make the layers."""
        layers = self.inner.layers(scope)
        if self.batchnorm:
            name = f"{scope}.norm"
            norm = make_layer("BatchNormalization", name, momentum=NORM_MOMENTUM)
            layers.append(norm)
        if self.dropout:
            layers.append(make_layer("Dropout", f"{scope}.dropout", self.dropout))
        activation = activation_layers(scope, self.activation)
        first, last = (
            (activation, layers) if self.activation_first else (layers, activation)
        )
        return _SummingChain(scope, [*first, *last])


class Conv2DBlock(_LayerBlock):
    """A :class:`~xnas.space.operations_2d.Conv2D` as a block."""

    inner_class = Conv2D


class SeparableConv2DBlock(_LayerBlock):
    """A :class:`~xnas.space.operations_2d.SeparableConv2D` as a block."""

    inner_class = SeparableConv2D


class AvgPool2DBlock(_LayerBlock):
    """An :class:`~xnas.space.operations_2d.AvgPool2D` as a block."""

    inner_class = AvgPool2D


class DenseBlock(_LayerBlock):
    """A :class:`~xnas.space.layers.Dense` as a block."""

    inner_class = Dense


class IdentityBlock(_LayerBlock):
    """An :class:`~xnas.space.operations.Identity` as a block."""

    inner_class = Identity


# -- choices ---------------------------------------------------------------------------


def add_dense_to_(node: VariableNode) -> None:
    """Add dense layers of 3 sizes, 2 activations and 3 rates of dropout as choices."""
    for units in (1024, 512, 128):
        for activation in ("relu", "tanh"):
            for rate in (None, 0.5, 0.8):
                node.add_op(DenseBlock(units, activation=activation, dropout=rate))


def add_conv2d_to_(node: VariableNode) -> None:
    """Add convolutions of 2 kernels, 3 widths, 2 activations, 3 rates as choices."""
    for size in (3, 5):
        for filters in (64, 128, 256):
            for activation in ("relu", "tanh"):
                for rate in (None, 0.5, 0.8):
                    node.add_op(
                        Conv2DBlock(size, filters, activation=activation, dropout=rate)
                    )


def add_pool2d_to_(node: VariableNode) -> None:
    """Add poolings of two kinds over 2 and 4 neighbours a side as choices."""
    for size in (2, 4):
        node.add_op(AvgPool2D(size, padding="valid"))
        node.add_op(MaxPool2D(size))


# -- parts of a graph ------------------------------------------------------------------


class NASBlock(abc.ABC):
    """Connected nodes that are used as one; a subclass sets :attr:`nodes`.

    Attributes:
        nodes: those of the block, the one that is fed first and its output last.
    """

    nodes: Sequence[Node] = ()

    def __init__(self) -> None:
        self._build()
        if not self.nodes:
            raise TypeError(f"{type(self).__name__} has no nodes, expected some")

    @abc.abstractmethod
    def _build(self) -> None:
        """Connect the nodes."""

    @property
    def input_node(self) -> Node:
        """The node to feed."""
        return self.nodes[0]

    @property
    def output_node(self) -> Node:
        """The node that gives the block's output."""
        return self.nodes[-1]


class NASBench201Cell(NASBlock):
    """A cell of NAS-Bench-201.

    Args:
        arch: the space.
        filters: of its convolutions.
        n_nodes: of the cell.
        cell_edges: node for each edge (i, j) from j to i; new ones by default.
        scope: of no effect.
    """

    def __init__(
        self,
        arch: KSearchSpace,
        filters: int,
        n_nodes: int = 4,
        cell_edges: Mapping[tuple[int, int], Any] | None = None,
        scope: str | None = None,
    ) -> None:
        self.arch = arch
        self.filters = filters
        self.n_nodes = n_nodes
        self.scope = scope
        self.cell_edges = cell_edges or {
            (i, j): VariableNode() for i in range(1, n_nodes) for j in range(i)
        }
        self.nodes = [ConstantNode(AddStrictly()) for _ in range(n_nodes)]
        super().__init__()

    def _build(self) -> None:
        for (i, j), edge in self.cell_edges.items():
            for operation in cell_operations(self.filters):
                edge.add_op(operation)
            self.arch.connect(self.nodes[j], edge)
            self.arch.connect(edge, self.nodes[i])

    def mimed_copy(
        self, filters: int | None = None, scope: str | None = None
    ) -> "NASBench201Cell":
        """Return another cell whose edges make the same choices.

        Args:
            filters: of its convolutions; as many as here by default.
            scope: of no effect.
        """
        edges = {pair: MimeNode(node) for pair, node in self.cell_edges.items()}
        return type(self)(
            self.arch, filters or self.filters, self.n_nodes, edges, scope or self.scope
        )


class NASBench201ResidualBlock(NASBlock):
    """Two convolutions beside a pooled shortcut, which shrink pictures.

    Args:
        arch: the space.
        filters: of its convolutions.
        strides: how much height and width shrink.
        scope: of no effect.
    """

    def __init__(
        self,
        arch: KSearchSpace,
        filters: int,
        strides: int = 2,
        scope: str | None = None,
    ) -> None:
        self.arch = arch
        self.filters = filters
        self.strides = strides
        self.scope = scope
        super().__init__()

    def _build(self) -> None:
        filters, strides = self.filters, self.strides
        if strides == 2:  # as one operation it goes into the graph of a whole space
            self.nodes = [ConstantNode(Residual(filters))]
            return
        start, end = ConstantNode(Identity()), ConstantNode(AddStrictly("relu"))
        first = Conv2DBlock(3, filters, strides, activation="relu")
        main = [ConstantNode(first), ConstantNode(Conv2DBlock(3, filters))]
        pool = AvgPool2D(2, strides)
        narrow = Conv2DBlock(1, filters, batchnorm=False)
        shortcut = [ConstantNode(pool), ConstantNode(narrow)]
        for branch in (main, shortcut):
            path = [start, *branch, end]
            for source, node in pairwise(path):
                self.arch.connect(source, node)
        self.nodes = [start, *main, *reversed(shortcut), end]
