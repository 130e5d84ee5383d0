"""Search spaces: graphs of nodes that choose among Keras operations.

Node and operation names are those of DeepHyper 0.2. Nothing here loads Keras before a
network is built.
"""

from xnas.space.graph import KSearchSpace
from xnas.space.nas_bench_201 import nas_bench_201_search_space
from xnas.space.nodes import (
    ConstantNode,
    MimeNode,
    MirrorNode,
    Node,
    SpaceError,
    VariableNode,
)
from xnas.space.operations import (
    Add,
    AddByProjecting,
    Concatenate,
    Connect,
    Identity,
    Operation,
    Tensor,
    Zero,
)

__all__ = [
    "Add",
    "AddByProjecting",
    "Concatenate",
    "Connect",
    "ConstantNode",
    "Identity",
    "KSearchSpace",
    "MimeNode",
    "MirrorNode",
    "Node",
    "Operation",
    "SpaceError",
    "Tensor",
    "VariableNode",
    "Zero",
    "nas_bench_201_search_space",
]
