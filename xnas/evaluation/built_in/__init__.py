"""Explainers that are shipped: each module here that has an ``EXPLAINER`` adds one.

They load no TensorFlow before they explain something, and are computed only where an
objective or ``--record`` names them.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from xnas.declarations.explainers import Explainer


@cache
def built_in_explainers() -> dict[str, Explainer]:
    """Return the explainers of this folder by name."""
    names = (f"{__name__}.{one.name}" for one in iter_modules(__path__))
    found = [import_module(name).EXPLAINER for name in names]
    return {explainer.name: explainer for explainer in found}
