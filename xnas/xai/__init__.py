"""Explainability: introspectability and the class activations it is made from.

What needs Keras is loaded on first use, so that reading results takes milliseconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xnas.scores import introspectability, introspectability_from_gram
from xnas.xai.per_class import ClassActivations

if TYPE_CHECKING:
    from xnas.xai.activations import class_activations, collect_activations
    from xnas.xai.layers import layers_of_interest

_LAZY = {
    "class_activations": "xnas.xai.activations",
    "collect_activations": "xnas.xai.activations",
    "layers_of_interest": "xnas.xai.layers",
}

__all__ = [
    "ClassActivations",
    "class_activations",
    "collect_activations",
    "introspectability",
    "introspectability_from_gram",
    "layers_of_interest",
]


def __getattr__(name: str) -> Any:
    """Load a name that needs Keras."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
