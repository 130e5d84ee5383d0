"""Search spaces: graphs of nodes that choose among Keras operations.

Node and operation names are those of DeepHyper 0.2. Nothing here loads Keras before a
network is built.
"""

from xnas.space.automatic import AutoKSearchSpace
from xnas.space.base import Node, Operation
from xnas.space.blocks import Block, Chain
from xnas.space.canonical import FORM_VERSION
from xnas.space.checks import SpaceError
from xnas.space.graph import KSearchSpace
from xnas.space.layers import Activation, Dense, Dropout, Flatten
from xnas.space.merges import Add, AddByProjecting, Concatenate
from xnas.space.nas_bench_201 import nas_bench_201_search_space
from xnas.space.nodes import ConstantNode, MimeNode, MirrorNode, VariableNode
from xnas.space.operations import Connect, Identity, Tensor, Zero
from xnas.space.plan import Plan, Step

__all__ = [
    "FORM_VERSION",
    "Activation",
    "Add",
    "AddByProjecting",
    "AutoKSearchSpace",
    "Block",
    "Chain",
    "Concatenate",
    "Connect",
    "ConstantNode",
    "Dense",
    "Dropout",
    "Flatten",
    "Identity",
    "KSearchSpace",
    "MimeNode",
    "MirrorNode",
    "Node",
    "Operation",
    "Plan",
    "SpaceError",
    "Step",
    "Tensor",
    "VariableNode",
    "Zero",
    "nas_bench_201_search_space",
]
